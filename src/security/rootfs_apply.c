/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "kernel/credentials.h"
#include "kernel/mount.h"
#include "kernel/path.h"
#include "kernel/pty.h"
#include "security/destination.h"
#include "security/operations.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define PLACE_MAX (HOST_PATH_MAX + 8)
#define OPTIONS_MAX 8
#define DATA_MAX 256

static int place(const struct op_context *ctx, char path[static PLACE_MAX])
{
	int n = snprintf(path, PLACE_MAX, "%s/root", ctx->settings->run);

	return n < 0 || n >= PLACE_MAX ? -ENAMETOOLONG : 0;
}

int rootfs_apply_attach(const struct op *op, struct op_context *ctx, struct err *e)
{
	char path[PLACE_MAX];
	int r = place(ctx, path);

	(void)op;
	if (r == 0 && mkdir(path, 0700) < 0 && errno != EEXIST)
		r = -errno;
	if (r == 0)
		r = mount_attach(ctx->root_mount, AT_FDCWD, path);
	return r < 0 ? err_sys(e, r, "attaching the machine's root at %s", path) : 0;
}

/*
 * The copy that came with the namespace is covered again by a clone of itself: only what is not
 * locked to its place can become the root, and attributes stay locked in a clone.
 */
static int take_root(struct op_context *ctx, struct err *e)
{
	char path[PLACE_MAX];
	_cleanup_fd_ int root = -EBADF;
	int r;

	if (unshare(CLONE_NEWNS) < 0)
		return err_sys(e, -errno, "a mount namespace");
	r = place(ctx, path);
	if (r == 0)
		r = mount_clone(AT_FDCWD, path, 0, &root);
	if (r < 0)
		return err_sys(e, r, "the machine's root at %s", path);
	r = mount_set_propagation("/", MS_PRIVATE);
	if (r < 0)
		return err_sys(e, r, "making the machine's mounts private");
	r = mount_attach(root, AT_FDCWD, "/");
	if (r < 0)
		return err_sys(e, r, "attaching the machine's root");
	ctx->new_root = TAKE_FD(root);
	return 0;
}

int rootfs_apply_take(const struct op *op, struct op_context *ctx, struct err *e)
{
	int r = take_root(ctx, e);

	(void)op;
	if (r < 0)
		return r;
	/* Whatever the machine makes belongs to its root. The mask would cut modes asked for. */
	r = credentials_set(0, 0, NULL, 0);
	if (r < 0)
		return err_sys(e, r, "becoming the machine's root");
	(void)umask(0);
	return 0;
}

static uint64_t attributes(uint64_t flags)
{
	static const struct {
		uint64_t flag;
		uint64_t attribute;
	} table[] = {
		{MS_RDONLY, MOUNT_ATTR_RDONLY},		{MS_NOSUID, MOUNT_ATTR_NOSUID},
		{MS_NODEV, MOUNT_ATTR_NODEV},		{MS_NOEXEC, MOUNT_ATTR_NOEXEC},
		{MS_NOATIME, MOUNT_ATTR_NOATIME},	{MS_STRICTATIME, MOUNT_ATTR_STRICTATIME},
		{MS_NODIRATIME, MOUNT_ATTR_NODIRATIME},
	};
	uint64_t set = 0;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (flags & table[i].flag)
			set |= table[i].attribute;
	}
	return set;
}

/* Cuts "mode=755,size=4m" in place. */
static int options_split(char *data, struct mount_option options[static OPTIONS_MAX],
			 size_t *ret_count)
{
	size_t count = 0;

	while (data && *data) {
		char *next = strchr(data, ',');
		char *value;

		if (next)
			*next++ = '\0';
		value = strchr(data, '=');
		/* "name=systemd" of a cgroup is an option with a value like any other. */
		if (value)
			*value++ = '\0';
		if (count == OPTIONS_MAX)
			return -E2BIG;
		options[count++] = (struct mount_option){.key = data, .value = value, .fd = -EBADF};
		data = next;
	}
	*ret_count = count;
	return 0;
}

/* Not there, or not for us: a type or hierarchy that this kernel lacks or does not give. */
static bool is_absence(int r)
{
	return r == -ENODEV || r == -EPERM || r == -EINVAL || r == -ENOENT || r == -EBUSY ||
	       r == -EACCES;
}

static bool may_be_absent(const struct op *op)
{
	return op->name && strcmp(op->name, "optional") == 0;
}

int rootfs_apply_mount(const struct op *op, struct op_context *ctx, struct err *e)
{
	struct mount_option options[OPTIONS_MAX];
	char data[DATA_MAX] = "";
	_cleanup_fd_ int mount = -EBADF;
	_cleanup_fd_ int where = -EBADF;
	size_t count = 0;
	int r;

	if (op->value && strlen(op->value) >= sizeof(data))
		return err_set(e, ERR_BUG, -E2BIG, "options of mount %s", op->subject);
	if (op->value)
		memcpy(data, op->value, strlen(op->value) + 1);
	r = options_split(data, options, &count);
	if (r < 0)
		return err_set(e, ERR_BUG, r, "options of mount %s", op->subject);
	r = mount_make(op->source, options, count, attributes(op->flags), &mount, e);
	if (r < 0)
		return may_be_absent(op) && is_absence(r) ? 0 : err_wrap(e, "%s", op->subject);
	where = destination_directory(ctx->new_root, op->subject, e);
	if (where < 0)
		return where;
	r = mount_attach(mount, where, "");
	return r < 0 ? err_sys(e, r, "mount of %s on %s", op->source, op->subject) : 0;
}

/* A clone of what is at `path` below `dirfd`, attached over `where`. */
static int bind_to(int dirfd, const char *path, uint64_t flags, int where)
{
	int recursive = (flags & MS_REC) != 0;
	unsigned int clone_flags = AT_SYMLINK_NOFOLLOW | (recursive ? AT_RECURSIVE : 0U) |
				   (path[0] == '\0' ? (unsigned int)AT_EMPTY_PATH : 0U);
	uint64_t set = attributes(flags);
	_cleanup_fd_ int mount = -EBADF;
	int r = mount_clone(dirfd, path, clone_flags, &mount);

	if (r == 0 && set)
		r = mount_set_attributes(mount, set, 0, recursive);
	return r < 0 ? r : mount_attach(mount, where, "");
}

int rootfs_apply_bind(const struct op *op, struct op_context *ctx, struct err *e)
{
	_cleanup_fd_ int where = -EBADF;
	struct stat st;
	int r;

	if (lstat(op->source, &st) < 0) {
		r = -errno;
		return may_be_absent(op) ? 0 : err_sys(e, r, "bind of %s", op->source);
	}
	where = S_ISDIR(st.st_mode) ? destination_directory(ctx->new_root, op->subject, e)
				    : destination_file(ctx->new_root, op->subject, e);
	if (where < 0)
		return where;
	r = bind_to(AT_FDCWD, op->source, op->flags, where);
	if (r < 0 && !(may_be_absent(op) && is_absence(r)))
		return err_sys(e, r, "bind of %s on %s", op->source, op->subject);
	return 0;
}

int rootfs_apply_device(const struct op *op, struct op_context *ctx, struct err *e)
{
	_cleanup_fd_ int where = destination_file(ctx->new_root, op->subject, e);
	int r;

	if (where < 0)
		return where;
	r = bind_to(AT_FDCWD, op->source, 0, where);
	return r < 0 ? err_sys(e, r, "device %s", op->source) : 0;
}

int rootfs_apply_mkdir(const struct op *op, struct op_context *ctx, struct err *e)
{
	const char *name;
	_cleanup_fd_ int parent = path_open_parent(ctx->new_root, op->subject, &name);

	if (parent < 0)
		return err_sys(e, parent, "directory %s", op->subject);
	if (mkdirat(parent, name, (mode_t)op->number) < 0 && errno != EEXIST)
		return err_sys(e, -errno, "directory %s", op->subject);
	return 0;
}

int rootfs_apply_symlink(const struct op *op, struct op_context *ctx, struct err *e)
{
	const char *name;
	_cleanup_fd_ int parent = path_open_parent(ctx->new_root, op->subject, &name);

	if (parent < 0)
		return err_sys(e, parent, "link %s", op->subject);
	if (symlinkat(op->value, parent, name) < 0 && errno != EEXIST)
		return err_sys(e, -errno, "link %s to %s", op->subject, op->value);
	return 0;
}

int rootfs_apply_console_open(const struct op *op, struct op_context *ctx, struct err *e)
{
	_cleanup_fd_ int where = -EBADF;
	int r = pty_open(ctx->new_root, "dev/pts/ptmx", &ctx->console_master,
			 &ctx->stdio[OP_STDIN]);

	(void)op;
	if (r < 0)
		return err_sys(e, r, "a terminal of the machine's /dev/pts");
	ctx->stdio[OP_STDOUT] = ctx->stdio[OP_STDERR] = ctx->stdio[OP_STDIN];
	where = destination_file(ctx->new_root, "/dev/console", e);
	if (where < 0)
		return where;
	r = bind_to(ctx->stdio[OP_STDIN], "", 0, where);
	return r < 0 ? err_sys(e, r, "the terminal as /dev/console") : 0;
}

int rootfs_apply_switch(const struct op *op, struct op_context *ctx, struct err *e)
{
	int r = mount_switch_root(ctx->new_root);

	(void)op;
	(void)umask(022);
	return r < 0 ? err_sys(e, r,
			       "switching to the machine's root (is the host's an initramfs?)")
		     : 0;
}

/* O_PATH descriptor of what is to be covered, or -ENOENT; a link is covered itself, so nothing. */
static int open_covered(const struct op *op, struct op_context *ctx, struct stat *ret_st)
{
	_cleanup_fd_ int fd = path_open(ctx->new_root, op->subject, O_PATH | O_NOFOLLOW, 0);

	if (fd < 0)
		return fd;
	if (fstat(fd, ret_st) < 0)
		return -errno;
	return S_ISLNK(ret_st->st_mode) ? -ENOENT : TAKE_FD(fd);
}

static int mask_directory(int where, struct err *e)
{
	static const struct mount_option options[] = {
		{.key = "size", .value = "4k", .fd = -EBADF},
		{.key = "mode", .value = "555", .fd = -EBADF}};
	_cleanup_fd_ int empty = -EBADF;
	int r = mount_make("tmpfs", options, sizeof(options) / sizeof(options[0]),
			   MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
				   MOUNT_ATTR_NOEXEC,
			   &empty, e);

	return r < 0 ? r : mount_attach(empty, where, "");
}

int rootfs_apply_mask(const struct op *op, struct op_context *ctx, struct err *e)
{
	struct stat st;
	_cleanup_fd_ int where = open_covered(op, ctx, &st);
	_cleanup_fd_ int null = -EBADF;
	int r;

	if (where == -ENOENT || where == -ENOTDIR)
		return 0;
	if (where < 0)
		return err_sys(e, where, "masking %s", op->subject);
	if (S_ISDIR(st.st_mode)) {
		r = mask_directory(where, e);
	} else {
		null = path_open(ctx->new_root, "dev/null", O_PATH | O_NOFOLLOW, 0);
		r = null < 0 ? null : bind_to(null, "", MS_NOSUID | MS_NOEXEC, where);
	}
	return r < 0 ? err_sys(e, r, "masking %s", op->subject) : 0;
}

int rootfs_apply_readonly(const struct op *op, struct op_context *ctx, struct err *e)
{
	struct stat st;
	_cleanup_fd_ int where = open_covered(op, ctx, &st);
	int r;

	if (where == -ENOENT || where == -ENOTDIR)
		return 0;
	if (where < 0)
		return err_sys(e, where, "making %s read-only", op->subject);
	if (op->flags & MS_REMOUNT)
		r = mount_set_attributes(where, MOUNT_ATTR_RDONLY, 0, 0);
	else
		r = bind_to(where, "", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, where);
	return r < 0 ? err_sys(e, r, "making %s read-only", op->subject) : 0;
}
