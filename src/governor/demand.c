/* SPDX-License-Identifier: Apache-2.0 */
#include "governor/demand.h"

#include "base/units.h"

#define ONE_CPU 1000u
#define ALWAYS_MILLI 950u
#define SPARE_MILLI 900u

static uint64_t recent_peak(const struct demand *d)
{
	uint64_t peak = 0;

	for (uint32_t i = 0; i < DEMAND_RECENT; i++)
		peak = d->recent[i] > peak ? d->recent[i] : peak;
	return peak;
}

static bool is_hungry(const struct demand_sample *s)
{
	bool used_all = s->used_milli * ONE_CPU >= s->entitled_milli * ALWAYS_MILLI;
	uint64_t runnable;

	if (s->used_milli < DEMAND_IDLE_MILLI && s->waited_milli == DEMAND_WAIT_UNKNOWN)
		return false;
	if (s->waited_milli == DEMAND_WAIT_UNKNOWN || s->used_milli >= ONE_CPU)
		return used_all;
	runnable = s->used_milli + s->waited_milli;
	/* Waiting while it has less than it is entitled to is hunger; with time in which nothing
	 * of it was runnable, all that it wanted was done. */
	if (runnable >= ALWAYS_MILLI)
		return used_all || s->waited_milli >= ONE_CPU - ALWAYS_MILLI;
	return used_all && runnable >= SPARE_MILLI;
}

uint64_t demand_next(struct demand *d, const struct demand_sample *s)
{
	uint64_t peak;

	d->recent[d->at] = s->used_milli;
	d->at = (d->at + 1) % DEMAND_RECENT;
	if (is_hungry(s)) {
		d->hungry = true;
		d->quiet = 0;
	} else if (++d->quiet >= DEMAND_QUIET) {
		d->hungry = false;
	}
	d->awake = s->used_milli >= DEMAND_IDLE_MILLI;
	if (d->hungry)
		return UNIT_NONE;
	peak = recent_peak(d);
	return peak < DEMAND_IDLE_MILLI ? 0 : peak + peak / 10;
}
