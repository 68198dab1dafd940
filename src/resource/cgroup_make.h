/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mechanism below the operations: directories of machines, level by level, and their end.
 */
#pragma once

#include "base/err.h"
#include "model/host.h"

struct cgroup_place {
	const struct host *host;
	enum cgroup_controller controller; /* speaks for its hierarchy */
	const char *path;
	const char *controllers; /* of v2, space-separated; "" or NULL: none */
};

/*
 * Makes the levels above the machine's directory and prepares them: weight at the top of the range,
 * controllers enabled, cpusets filled. Idempotent, safe against other starters and against the end
 * of the last machine. With `leaf` the machine's own directory too: -EEXIST when it is in use.
 */
int cgroup_make_levels(const struct cgroup_place *place, bool leaf, struct err *e);

/* chown of the directory and the files that its manager needs. */
int cgroup_delegate(const struct cgroup_place *place, uint32_t uid, struct err *e);

/*
 * Kills what is in the directory, removes it with all below it, and the levels above when they are
 * empty. Success when it is not there. -EBUSY after 10 s, naming the path and the pids.
 */
int cgroup_remove(const struct cgroup_place *place, struct err *e);
