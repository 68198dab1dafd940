/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What differs between the two hierarchy versions, one table each. Which one serves a controller
 * is decided per controller (host_controller.version): there is no mode of the host.
 */
#pragma once

#include "base/err.h"
#include "model/host.h"

#include <stdbool.h>
#include <stdint.h>

struct cgroup_backend {
	/* A single-threaded process moves itself by writing "0" here. */
	const char *join_file;

	const char *weight_file;
	uint32_t (*weight)(uint32_t ppm);

	const char *usage_file; /* of CPU time */
	bool (*usage_usec)(const char *text, uint64_t *ret_usec);

	/* Who freezes: the hierarchy whose directory is frozen. */
	enum cgroup_controller freezer;
	int (*freeze)(int dirfd, bool frozen);
	int (*is_frozen)(int dirfd, bool *ret_frozen);

	/*
	 * Prepares one level on the way to a machine, from the top: after it, a directory below
	 * has the files of `controllers` (v2), or can hold processes (v1 cpuset). `dirfd` is the
	 * level, `parent` the level above or -EBADF at the top. Idempotent; never disables.
	 */
	int (*prepare)(int dirfd, int parent, const char *controllers);
	/* The same for the machine's own directory. */
	int (*prepare_leaf)(int dirfd, int parent);

	/* Owned by whom the machine is delegated to, besides the directory; NULL-terminated. */
	const char *const *delegated;
};

extern const struct cgroup_backend cgroup_backend_v1; /* cgroup_v1.c */
extern const struct cgroup_backend cgroup_backend_v2; /* cgroup_v2.c */

/* Never NULL; the version is not CGROUP_ABSENT. */
static inline const struct cgroup_backend *cgroup_backend_get(enum cgroup_version version)
{
	return version == CGROUP_V2 ? &cgroup_backend_v2 : &cgroup_backend_v1;
}
