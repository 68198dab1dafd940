/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table of units parses and prints every quantity of the contract. Pure.
 *
 *   UNIT_CPU    millicpus   0.5, 500m, 50%           (Kubernetes' and systemd's spellings)
 *   UNIT_BYTES  bytes       512M, 1.5G, 4096         (powers of 1024, systemd.resource-control(5))
 *   UNIT_BPS    bits/s      50mbit, 1gbit, 10kbps    (tc(8): powers of 1000; bps is bytes/s)
 *   UNIT_COUNT  a number    500, 500k, 2M            (powers of 1000)
 *   UNIT_SHARE  millishares 1, 2, 0.5
 *   UNIT_TIME   usec        10ms, 1.5s, 2min         (plain numbers are seconds)
 */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* "No limit", in every unit. Spelled "none" (also "max", "infinity", "unlimited"). */
#define UNIT_NONE UINT64_MAX

enum unit {
	UNIT_UNSET = 0,
	UNIT_CPU,
	UNIT_BYTES,
	UNIT_BPS,
	UNIT_COUNT,
	UNIT_SHARE,
	UNIT_TIME,
	UNIT_MAX
};

#define UNIT_TEXT_MAX 32

/*
 * Parses `text` whole. `what` names the option or key in the message ("cpu.reserve"). ERR_INPUT
 * with -EINVAL (not a value of this unit; says what would be valid) or -ERANGE (too large).
 * Fractions are exact to the base unit and rounded down.
 */
int unit_parse(enum unit unit, const char *what, const char *text, uint64_t *ret_value,
	       struct err *e);

/*
 * The shortest exact spelling that unit_parse() reads back ("1536M" prints as "1.5G"); CPUs and
 * shares always as plain numbers ("500m" prints as "0.5"), rates in bits, times with a unit.
 * Returns `buffer`.
 */
const char *unit_print(enum unit unit, uint64_t value, char buffer[static UNIT_TEXT_MAX]);
