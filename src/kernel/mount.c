/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/mount.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOG_MAX 600

int mount_clone(int dirfd, const char *path, unsigned int flags, int *ret_fd)
{
	int fd = open_tree(dirfd, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags);

	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

static int set_attributes(int fd, int recursive, struct mount_attr *attributes)
{
	unsigned int flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0U);

	return mount_setattr(fd, "", flags, attributes, sizeof(*attributes)) < 0 ? -errno : 0;
}

int mount_set_attributes(int fd, uint64_t set, uint64_t clear, int recursive)
{
	struct mount_attr attributes = {.attr_set = set, .attr_clr = clear};

	return set_attributes(fd, recursive, &attributes);
}

int mount_idmap(int fd, int userns_fd, int recursive)
{
	struct mount_attr attributes = {.attr_set = MOUNT_ATTR_IDMAP,
					.userns_fd = (unsigned int)userns_fd};

	return set_attributes(fd, recursive, &attributes);
}

int mount_set_propagation(const char *path, unsigned long propagation)
{
	return mount(NULL, path, NULL, MS_REC | propagation, NULL) < 0 ? -errno : 0;
}

int mount_attach(int fd, int dirfd, const char *path)
{
	unsigned int flags = MOVE_MOUNT_F_EMPTY_PATH;

	if (path[0] == '\0')
		flags |= MOVE_MOUNT_T_EMPTY_PATH;
	return move_mount(fd, "", dirfd, path, flags) < 0 ? -errno : 0;
}

/*
 * What the kernel said about a failed step: each read(2) of the context gives one line, "e " and
 * text for an error. Returns `text`, ": " before each line, "" when it said nothing.
 */
static const char *context_log(int context, char text[static LOG_MAX])
{
	size_t used = 0;

	text[0] = '\0';
	for (;;) {
		char line[256];
		ssize_t n = read(context, line, sizeof(line));

		if (n < 0 && errno == EMSGSIZE)
			continue;
		if (n <= 2)
			return text;
		if (line[0] != 'e')
			continue;
		if (line[n - 1] == '\n')
			n--;
		if (used + (size_t)n >= LOG_MAX)
			return text;
		used += (size_t)snprintf(text + used, LOG_MAX - used, ": %.*s", (int)n - 2,
					 line + 2);
	}
}

static int set_option(int context, const struct mount_option *o)
{
	int r;

	if (o->value)
		r = fsconfig(context, FSCONFIG_SET_STRING, o->key, o->value, 0);
	else if (o->fd > 0)
		r = fsconfig(context, FSCONFIG_SET_FD, o->key, NULL, o->fd);
	else
		r = fsconfig(context, FSCONFIG_SET_FLAG, o->key, NULL, 0);
	return r < 0 ? -errno : 0;
}

static int set_options(int context, const char *type, const struct mount_option *options,
		       size_t count, struct err *e)
{
	char log[LOG_MAX];

	for (size_t i = 0; i < count; i++) {
		const struct mount_option *o = &options[i];
		int r = set_option(context, o);

		if (r < 0)
			return err_sys(e, r, "mount of %s, option %s%s%.200s%s", type, o->key,
				       o->value ? "=" : "", o->value ? o->value : "",
				       context_log(context, log));
	}
	return 0;
}

int mount_make(const char *type, const struct mount_option *options, size_t count,
	       uint64_t attributes, int *ret_fd, struct err *e)
{
	_cleanup_fd_ int context = -EBADF;
	char log[LOG_MAX];
	int fd, r;

	context = fsopen(type, FSOPEN_CLOEXEC);
	if (context < 0)
		return err_sys(e, -errno, "file system type %s", type);
	r = set_options(context, type, options, count, e);
	if (r < 0)
		return r;
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0) {
		r = -errno;
		return err_sys(e, r, "mount of %s%s", type, context_log(context, log));
	}
	fd = fsmount(context, FSMOUNT_CLOEXEC, (unsigned int)attributes);
	if (fd < 0) {
		r = -errno;
		return err_sys(e, r, "mount of %s%s", type, context_log(context, log));
	}
	*ret_fd = fd;
	return 0;
}

int mount_switch_root(int root_fd)
{
	if (fchdir(root_fd) < 0)
		return -errno;
	/* pivot_root(2), NOTES: with the same directory twice the old root lies over the new one,
	 * and is what "." names for umount2(2). */
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return -errno;
	if (umount2(".", MNT_DETACH) < 0)
		return -errno;
	return chdir("/") < 0 ? -errno : 0;
}
