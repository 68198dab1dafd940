/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Section 2.1 of the design: who is entitled to what, by progressive filling. Pure; any divisible
 * resource in any unit (millicpus, bit/s). O(n log n).
 *
 * Properties (tested): nobody gets less than min(reserve, demand, limit) while the reservations
 * fit; sum = min(capacity, sum of min(demand, limit)); what is above the reservations splits by
 * share until a demand or limit is met; the order of the input does not matter.
 */
#pragma once

#include "model/spec.h"

#include <stddef.h>
#include <stdint.h>

struct contender {
	struct claim claim;
	uint64_t demand;   /* UNIT_NONE: as much as it can get; 0: idle */
	uint64_t entitled; /* out */
};

void entitlement_fill(uint64_t capacity, struct contender *contenders, size_t count);
