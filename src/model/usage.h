/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was used: the counters of one machine at one moment, and the account of a promise. Plain
 * data; read by resource/, accumulated by governor/, printed by cli/.
 */
#pragma once

#include "model/name.h"

#include <stdbool.h>
#include <stdint.h>

struct usage {
	uint64_t when_usec;	     /* CLOCK_MONOTONIC */
	uint64_t cpu_usec;	     /* since the machine started */
	uint64_t cpu_throttled_usec; /* by its limit */
	uint64_t cpu_hits;	     /* periods in which the limit throttled it */
	uint64_t memory_bytes;
	uint64_t memory_peak_bytes;
	uint64_t memory_hits;  /* reclaim or OOM at the limit */
	uint64_t memory_kills; /* processes killed for it */
	uint64_t swap_bytes;
	uint64_t pids;
	uint64_t pids_peak;
	uint64_t pids_hits; /* forks refused */
};

#define ACCOUNT_BUCKETS 21 /* delivered / min(reserve, demand): 0-5 %, ..., 95-100 %, all */

/* Delivered against promised for one machine, over the periods in which it wanted something. */
struct account {
	char name[NAME_LENGTH_MAX + 1];
	uint64_t entitled_milli; /* CPU, in the last period: millicpus */
	uint64_t delivered_milli;
	uint64_t periods; /* in which it wanted at least part of its reservation */
	uint64_t kept;	  /* of those, delivered at least 95 % */
	uint64_t worst_permille;
	uint64_t histogram[ACCOUNT_BUCKETS];
};
