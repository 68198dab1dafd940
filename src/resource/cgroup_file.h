/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where cgroups are and what their files say: names of controllers, directories, counters. No
 * function here allocates.
 */
#pragma once

#include "base/err.h"
#include "model/host.h"

#include <stdbool.h>
#include <stdint.h>

#define CGROUP_DIRECTORY_MAX (4 * HOST_PATH_MAX)

/* "memory"; the name in a plan, and in cgroup.subtree_control where it is a controller of v2. */
const char *cgroup_controller_name(enum cgroup_controller c);
/* CGROUP_CONTROLLER_MAX when there is none. */
enum cgroup_controller cgroup_controller_find(const char *name);

static inline enum cgroup_version cgroup_version_of(const struct host *host,
						    enum cgroup_controller c)
{
	return host->cgroups.controller[c].version;
}

/* Both on one mount: a machine has one directory there. */
bool cgroup_same_hierarchy(const struct host *host, enum cgroup_controller a,
			   enum cgroup_controller b);

/* MOUNT/PARENT/path; returns buffer. */
const char *cgroup_directory(const struct host *host, enum cgroup_controller c, const char *path,
			     char buffer[static CGROUP_DIRECTORY_MAX]);

/* A descriptor (O_DIRECTORY) or -errno; -ENOENT also when the controller is absent. */
int cgroup_directory_open(const struct host *host, enum cgroup_controller c, const char *path);

/* A descriptor of a file in that directory, or -errno like cgroup_directory_open(). */
int cgroup_file_open(const struct host *host, enum cgroup_controller c, const char *path,
		     const char *file, int flags);

/* One write(2) to a file that exists: 0 or -errno. */
int cgroup_file_write(int dirfd, const char *file, const char *text);

/* Reads and terminates, cut to `size`: the length or -errno. */
int cgroup_file_read(int dirfd, const char *file, char *buffer, size_t size);

/* The number in `text`: with `key` the one after "key " at the start of a line, else the first.
 * "max" is UINT64_MAX. False: there is none. */
bool cgroup_text_number(const char *text, const char *key, uint64_t *ret_value);

/* `word` is one of the space-separated words of `text`. */
bool cgroup_text_has(const char *text, const char *word, size_t length);
