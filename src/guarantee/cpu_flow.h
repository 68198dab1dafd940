/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside guarantee/: can the reservations of pinned machines be met all at once? A flow from
 * machines to the CPUs that they may run on, decided exactly. Pure.
 */
#pragma once

#include <sched.h>
#include <stddef.h>
#include <stdint.h>

struct cpu_demand {
	uint64_t reserve; /* millicpus */
	cpu_set_t cpus;	  /* where it may run; not empty for a reservation above 0 */
};

/*
 * `supply`: millicpus of all `cpus` together, each giving the same part. Returns how many of the
 * demanded millicpus cannot be met (rounded up); 0: all are met at once.
 */
uint64_t cpu_flow_missing(uint64_t supply, const cpu_set_t *cpus, const struct cpu_demand *demands,
			  size_t count);
