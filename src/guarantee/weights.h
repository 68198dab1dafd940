/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From entitlements to the kernel's relative weights. Pure.
 *
 * Static (no governor): w_i ~ R_i + (C - sum R) S_i / sum S. Every floor holds; when a machine
 * idles the excess splits by weight rather than by share.
 * Recomputed: busy machines by e_i; an idle one keeps w_j >= R_j C / (C - R_j) on the scale on
 * which the busy ones sum up to C, so that it has its floor at once when it wakes.
 */
#pragma once

#include "guarantee/entitlement.h"

#include <stddef.h>
#include <stdint.h>

/* A weight in parts per million of the capacity, at least 1. Backends scale it to their range. */
void weights_static(uint64_t capacity, const struct claim *claims, uint32_t *ret_ppm, size_t count);

/* `contenders` after entitlement_fill(). */
void weights_dynamic(uint64_t capacity, const struct contender *contenders, uint32_t *ret_ppm,
		     size_t count);

/*
 * cgroup-v2.rst: cpu.weight 1..10000; cgroup-v1 cpu.shares 2..262144. Both scales keep ratios as
 * exactly as the range allows: 1000000 ppm is the top of the range.
 */
uint32_t weights_to_cpu_weight(uint32_t ppm);
uint32_t weights_to_cpu_shares(uint32_t ppm);
