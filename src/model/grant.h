/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is promised: the outcome of admission for one machine, and the ledger, which is all the
 * promises on this host. Plain data.
 */
#pragma once

#include "model/name.h"
#include "model/spec.h"

#include <stddef.h>
#include <stdint.h>

/* How far a promise can be kept on this host. Printed wherever the promise is. */
enum grant_quality {
	GRANT_QUALITY_UNSET = 0,
	GRANT_KEPT,
	GRANT_BEST_EFFORT,
	GRANT_UNSUPPORTED,
	GRANT_QUALITY_MAX
};

#define GRANT_REASON_MAX 96

struct grant_promise {
	enum grant_quality quality;
	char reason[GRANT_REASON_MAX]; /* why not GRANT_KEPT: "memory is on cgroup v1"; else "" */
};

struct grant {
	char name[NAME_LENGTH_MAX + 1];
	struct claim cpu; /* millicpus, share=0 already folded into limit */
	uint64_t cpu_burst_usec;
	bool cpu_pinned;
	cpu_set_t cpus;
	uint64_t memory_reserve_bytes;
	uint64_t memory_limit_bytes;
	uint64_t memory_swap_bytes;
	uint64_t pids;
	struct grant_promise cpu_promise;
	struct grant_promise memory_promise; /* the reservation */
	struct grant_promise pids_promise;
};

#define LEDGER_ENTRIES_MAX 4096

/* Sorted by name. `entries` is malloc()ed by whoever loads it. */
struct ledger {
	struct grant *entries;
	size_t count;
};
