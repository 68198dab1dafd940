/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths below a root that is hostile: openat2(2) with RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS.
 * The descriptor is kept and used; a path is never looked up twice. No allocation.
 */
#pragma once

#include <sys/types.h>

/* Returns a descriptor or -errno; flags as of open(2), O_CLOEXEC is added. */
int path_open(int root_fd, const char *path, int flags, mode_t mode);

/* Makes missing directories on the way (mode & ~umask), symlinks resolved below the root only;
 * returns an O_PATH descriptor of the last one. -ENOENT also for a link whose target is missing
 * below the root. */
int path_open_directory_make(int root_fd, const char *path, mode_t mode);

/* Makes an empty file, parents included, when there is nothing; O_PATH descriptor. For binds. */
int path_open_file_make(int root_fd, const char *path, mode_t mode);

/* The parent's descriptor and the last component (pointer into `path`); the last component is not
 * resolved. -EINVAL for "/", "." and "..". */
int path_open_parent(int root_fd, const char *path, const char **ret_name);

/* "/proc/self/fd/N", for calls that only take a path. */
#define PATH_FD_MAX 32
const char *path_of_fd(int fd, char buffer[static PATH_FD_MAX]);
