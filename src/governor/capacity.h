/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much CPU there is to divide. While somebody is hungry nothing is left over, so it is what the
 * machines had together, as a mean over the last half second. Else it is the CPUs less what the
 * hypervisor stole and what the host's own processes used, as a mean over the last seconds, from
 * proc_stat(5).
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct capacity {
	int stat; /* /proc/stat */
	uint64_t total_milli;
	uint64_t ticks_usec; /* of one tick */
	uint64_t read_usec;  /* when it was last read */
	uint64_t busy_ticks; /* then */
	uint64_t stolen_ticks;
	uint64_t machines_usec; /* CPU time of all machines since then */
	uint64_t lost_milli;	/* the mean */
	uint64_t had_milli;	/* the mean of what the machines had; 0: nobody was hungry */
};

int capacity_open(uint64_t total_milli, struct capacity *ret, struct err *e);
void capacity_close(struct capacity *c);

/* What all machines had in one period. */
struct capacity_sample {
	uint64_t now_usec; /* CLOCK_MONOTONIC */
	uint64_t elapsed_usec;
	uint64_t machines_usec;
	bool is_hungry; /* one at least was */
};

void capacity_update(struct capacity *c, const struct capacity_sample *s);

/* Never below `reserved_milli`, which was promised. */
uint64_t capacity_milli(const struct capacity *c, uint64_t reserved_milli);
