/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's own part of the CPUs against the machines together: policy, pure.
 *
 * The parent cgroup of all machines competes with the host's processes. With the top of the range
 * as its weight, the machines would starve them; with the weight of resource/cgroup.h
 * (cgroup_parent_weight) the host gets its part with one process a CPU, and more than its part with
 * more. So the weight follows what the machines had: while one of them is hungry and they had less
 * together than the host promised, it is raised by half, ten times a second; while they had more
 * than that, it goes back slowly.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct host_part_sample {
	bool is_hungry;		 /* one machine at least wants more than it has */
	uint64_t had_milli;	 /* what all machines had */
	uint64_t promised_milli; /* what the host can promise: capacity less its own part */
	uint32_t base_ppm;	 /* cgroup_parent_weight() */
};

/* The weight for the next period. */
uint32_t host_part_next(uint32_t ppm, const struct host_part_sample *s);
