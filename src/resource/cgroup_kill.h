/* SPDX-License-Identifier: Apache-2.0 */
/* SIGKILL to what is in one directory, and waiting with growing pauses. */
#pragma once

#include "model/host.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CGROUP_PATIENCE_USEC 10000000u

struct cgroup_pause {
	uint64_t deadline_usec; /* CLOCK_MONOTONIC */
	uint64_t next_usec;
};

struct cgroup_pause cgroup_pause_start(void);
/* Sleeps, longer each time (0.2 ms to 100 ms); false when the patience is over. */
bool cgroup_pause(struct cgroup_pause *p);

/* Once, to all in `dirfd` and below. 0 or -errno. */
int cgroup_kill_once(const struct host *host, enum cgroup_controller c, int dirfd);

/* 1: no process in `dirfd` and below; 0: some; or -errno. */
int cgroup_is_empty(int dirfd);

/* "12 15 19" of those in `dirfd` and below, at most a dozen; returns buffer. */
const char *cgroup_name_pids(int dirfd, char *buffer, size_t size);

/* The hierarchy that knows a machine's processes best: one that the machine cannot change, or the
 * tree of v2. CGROUP_CONTROLLER_MAX: none. */
enum cgroup_controller cgroup_process_controller(const struct host *host);
