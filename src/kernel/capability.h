/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capabilities(7), by prctl(2) and capset(2) directly: fit for use between clone and exec, which
 * libcap's allocating interface is not.
 */
#pragma once

#include <stdint.h>

/* Drops everything that is not in `set` from the bounding set, clears the ambient set. */
int capability_bound(uint64_t set);

/* Permitted and effective become `set`; inheritable becomes 0. */
int capability_set(uint64_t set);

/* Highest capability that this kernel knows. */
int capability_last(void);
