/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks the subtree of a machine's cgroup, which the machine itself may have built: iterative, and
 * bounded by what the limits below allow it to make.
 */
#pragma once

#include <sys/types.h>

#define CGROUP_DEPTH_MAX 32
#define CGROUP_DEPTH_TEXT "32"
#define CGROUP_DESCENDANTS_TEXT "4096"

/*
 * Calls `each` for every pid in the directory and below; a result other than 0 ends the walk and is
 * returned. -ELOOP: deeper than CGROUP_DEPTH_MAX (where the hierarchy cannot bound it). What goes
 * away meanwhile is passed over.
 */
int cgroup_walk_pids(int root, int (*each)(pid_t pid, void *data), void *data);

/* One pass that removes what is below `root` and empty, at any depth, with two descriptors; the
 * number of directories that it could not remove, or -errno. */
int cgroup_walk_remove(int root);
