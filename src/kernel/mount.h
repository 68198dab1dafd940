/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mount interface by descriptors: open_tree(2), move_mount(2), fsopen(2), mount_setattr(2),
 * pivot_root(2). glibc 2.36 has wrappers for all but pivot_root. No allocation; fit for use between
 * clone and exec. Returns 0 or a descriptor through ret_, or -errno.
 */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* A detached clone of what is at `path` below dirfd; flags: AT_RECURSIVE, AT_SYMLINK_NOFOLLOW,
 * AT_EMPTY_PATH. -EINVAL before 6.15 for what is itself on a detached mount. */
int mount_clone(int dirfd, const char *path, unsigned int flags, int *ret_fd);

/* mount_setattr on a descriptor: attr_set and attr_clr are MOUNT_ATTR_*; recursive on request. */
int mount_set_attributes(int fd, uint64_t set, uint64_t clear, int recursive);

/* MOUNT_ATTR_IDMAP with the ids of a user namespace, on a detached mount. */
int mount_idmap(int fd, int userns_fd, int recursive);

/* Propagation of the whole tree below `path`: MS_PRIVATE, MS_SLAVE, ... */
int mount_set_propagation(const char *path, unsigned long propagation);

/* Attaches a detached mount at `path` below dirfd (no symlink at the end; path "" with a
 * descriptor of the directory itself). */
int mount_attach(int fd, int dirfd, const char *path);

struct mount_option {
	const char *key;
	const char *value; /* NULL: a flag */
	int fd;		   /* used when value is NULL and fd > 0: FSCONFIG_SET_FD */
};

/* fsopen, fsconfig for each option, create, fsmount with MOUNT_ATTR_* flags: a detached mount. The
 * message of a failure has the kernel's own words, from the log of the fsopen descriptor. */
int mount_make(const char *type, const struct mount_option *options, size_t count,
	       uint64_t attributes, int *ret_fd, struct err *e);

/* Pivots to the directory `root_fd` and unmounts the old root, which has no name afterwards. */
int mount_switch_root(int root_fd);
