/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workers: the keeper's children that start and clean machines, so that the keeper itself parses
 * and waits for nothing. A fork without exec: the program is mapped already. A worker keeps its
 * channel and the descriptors that are meant for it, nothing of other machines.
 *
 * Its messages are keeper_request with REGISTER and RESULT (model/keeper_message.h). REGISTER is
 * repeated until it is answered: the keeper that read the first one may be dead.
 */
#pragma once

#include "base/err.h"
#include "keeper/table.h"
#include "model/keeper_message.h"

enum worker_job { WORKER_UNSET = 0, WORKER_START, WORKER_CLEAN };

struct worker_order {
	enum worker_job job;
	uint32_t slot;
	uint32_t flags;		 /* KEEPER_FLAG_INHERIT, KEEPER_FLAG_PROGRESS */
	int fds[KEEPER_FDS_MAX]; /* borrowed */
	int channel;		 /* the worker's end; borrowed */
};

/* The pid, or -errno. */
pid_t worker_fork(struct table *t, const struct worker_order *order);

/* Runs before what belongs to all machines waits for a busy host: nice -20 where that is allowed,
 * which children do not inherit. */
void worker_hurry(void);
