/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside state/: the id space of machines as one bit per range of 65536.
 */
#pragma once

#include "state/idrange.h"

#include <stdbool.h>

#define IDRANGE_FIRST 0x10000000u
#define IDRANGE_LAST 0x7fff0000u /* the base of the last range */
#define IDRANGE_SLOTS ((IDRANGE_LAST - IDRANGE_FIRST) / IDRANGE_COUNT + 1)

struct idrange_map {
	bool is_taken[IDRANGE_SLOTS];
};

bool idrange_base_is_valid(uint64_t base);
void idrange_map_take(struct idrange_map *map, uint32_t base);

/* Takes what /etc/subuid and /etc/subgid give to others, or all that they do not give to us. */
int idrange_map_sources(struct idrange_map *map, const struct idrange_sources *sources,
			bool *ret_is_confined, struct err *e);
