/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much CPU there is to divide: the CPUs less what the hypervisor stole and what the host's own
 * processes used, as a mean over the last seconds. Reads proc_stat(5).
 */
#pragma once

#include "base/err.h"

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
};

int capacity_open(uint64_t total_milli, struct capacity *ret, struct err *e);
void capacity_close(struct capacity *c);

/* Takes in one period's CPU time of all machines; every second the mean is made anew. */
void capacity_update(struct capacity *c, uint64_t now_usec, uint64_t machines_usec);

/* Never below `reserved_milli`, which was promised. */
uint64_t capacity_milli(const struct capacity *c, uint64_t reserved_milli);
