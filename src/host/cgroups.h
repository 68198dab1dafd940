/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which controller lives where, from the texts of proc_pid_mountinfo(5) and proc_pid_cgroup(5).
 * Pure.
 *
 * A mount counts when it can be written and nothing lies over it. Machines are made below the root
 * of the hierarchy as it is seen here: on a host that is the kernel's root, which alone may hold
 * processes beside controlled children (cgroup v2, "no internal processes"); in a container that
 * was given a hierarchy it is the container's cgroup. Every process of this mount namespace finds
 * the same place, whatever cgroup it runs in.
 */
#pragma once

#include "base/err.h"
#include "model/host.h"

#define CGROUPS_MOUNTINFO_MAX (4 << 20)

struct cgroups_layout {
	struct host_cgroups cgroups; /* what needs the v2 controllers to be known is absent yet */
	char own[CGROUP_CONTROLLER_MAX]
		[HOST_PATH_MAX]; /* our cgroup, below the mount: "" or "a/b" */
};

/*
 * `mountinfo` and `own` are terminated texts. -EBADMSG names what was not understood; a path longer
 * than HOST_PATH_MAX makes its mount unusable.
 */
int cgroups_parse(const char *mountinfo, const char *own, struct cgroups_layout *ret,
		  struct err *e);

/* What the cgroup of v2 under which machines are made says. */
struct cgroups_v2_state {
	const char *controllers;     /* cgroup.controllers */
	const char *subtree_control; /* cgroup.subtree_control */
	bool holds_processes;	     /* and is not the kernel's root */
};

/*
 * Adds the controllers that are on v2. One that is not enabled for children yet, and cannot be
 * because the cgroup holds processes itself, is absent.
 */
void cgroups_add_v2(const struct cgroups_v2_state *v2, struct host_cgroups *cgroups);
