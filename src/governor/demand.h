/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who wants how much CPU: policy, pure. From what a machine used and what it was entitled to, what
 * it would use if it could, which entitlement_fill() needs.
 *
 *   hungry   it used what it was entitled to, or something in it always ran or waited: it is given
 *            as much as it can get (UNIT_NONE). At once: a floor must be there when it is wanted.
 *   limited  it had time to spare, for QUIET periods in a row: it wants what it used at its peak
 *            of late and a tenth more. So the excess that it leaves splits by shares.
 *   idle     it used next to nothing: 0.
 *
 * The tenth and the quiet periods are the hysteresis: what a limited machine uses stays below the
 * 95 % of its entitlement that would make it hungry again, and the noise of one period (a CPU hog
 * gets 5 % more or less in 100 ms) does not make a hungry one limited.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define DEMAND_RECENT 5u
#define DEMAND_QUIET 3u
#define DEMAND_IDLE_MILLI 10u
#define DEMAND_WAIT_UNKNOWN UINT64_MAX

struct demand {
	uint64_t recent[DEMAND_RECENT]; /* used, millicpus; a ring */
	uint32_t at;
	uint32_t quiet; /* periods in a row with time to spare */
	bool hungry;
	bool awake; /* it was not idle in the last period */
};

struct demand_sample {
	uint64_t used_milli;	 /* in this period */
	uint64_t entitled_milli; /* in this period */
	uint64_t waited_milli;	 /* of 1000: the part of the period in which something in it was
				    runnable and waited (PSI), or DEMAND_WAIT_UNKNOWN */
};

/* Takes in one period; returns the demand for the next, in millicpus. */
uint64_t demand_next(struct demand *d, const struct demand_sample *s);
