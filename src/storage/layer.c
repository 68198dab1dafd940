/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/layer.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "kernel/mount.h"
#include "kernel/path.h"
#include "kernel/user_namespace.h"
#include "model/paths.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>

static int open_machine(const struct settings *s, const char *name, int *ret_fd)
{
	char path[PATHS_MAX];
	int fd = open(paths_machine(s, name, NULL, path), O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

static int image_root_mode(const char *rootfs, mode_t *ret_mode, struct err *e)
{
	struct stat st;

	*ret_mode = 0755;
	if (!rootfs)
		return 0;
	if (stat(rootfs, &st) < 0)
		return err_sys(e, -errno, "image root %s", rootfs);
	*ret_mode = st.st_mode & 07777;
	return 0;
}

/* The umask is the caller's, so mode and owner are set after the directory was made. */
static int make_directory(int machine_fd, const char *name, mode_t mode, uid_t owner)
{
	if (mkdirat(machine_fd, name, 0700) < 0 ||
	    fchownat(machine_fd, name, owner, owner, 0) < 0 ||
	    fchmodat(machine_fd, name, mode, 0) < 0)
		return -errno;
	return 0;
}

int layer_apply_make(const struct op *op, struct op_context *ctx, struct err *e)
{
	_cleanup_fd_ int machine = -EBADF;
	mode_t mode;
	int r;

	r = image_root_mode(op->source, &mode, e);
	if (r < 0)
		return r;
	r = open_machine(ctx->settings, op->subject, &machine);
	if (r == 0)
		r = make_directory(machine, "upper", mode, (uid_t)op->number);
	if (r == 0)
		r = make_directory(machine, "work", 0700, 0);
	return r < 0 ? err_sys(e, r, "writable layer of machine %s", op->subject) : 0;
}

int layer_undo_make(const struct op *op, struct op_context *ctx, struct err *e)
{
	_cleanup_fd_ int machine = -EBADF;
	int r = open_machine(ctx->settings, op->subject, &machine);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return err_sys(e, r, "directory of machine %s", op->subject);
	r = io_remove_tree(machine, "upper", e);
	return r < 0 ? r : io_remove_tree(machine, "work", e);
}

/* The lower layer: the image itself, or a mount of it in which its ids are the machine's. */
static int open_lower(const struct op *op, struct op_context *ctx, int *ret_fd, struct err *e)
{
	_cleanup_fd_ int lower = -EBADF;
	_cleanup_fd_ int users = -EBADF;
	int r;

	if (op->number == 0) {
		lower = open(op->subject, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (lower < 0)
			return err_sys(e, -errno, "image root %s", op->subject);
		*ret_fd = TAKE_FD(lower);
		return 0;
	}
	r = user_namespace_open(ctx->child_pid, &users, e);
	if (r < 0)
		return r;
	r = mount_clone(AT_FDCWD, op->subject, 0, &lower);
	if (r == 0)
		r = mount_idmap(lower, users, 0);
	/* mount_setattr(2): which file systems can be idmapped is a matter of the kernel's age. */
	if (r == -EINVAL)
		return err_set(
			e, ERR_HOST, -EOPNOTSUPP,
			"image root %s: this kernel cannot map the ids of its file system: put "
			"--root on ext4, xfs or btrfs",
			op->subject);
	/* Over the image itself, in this process's own mount namespace: no other place is needed.
	 */
	if (r == 0)
		r = mount_attach(lower, AT_FDCWD, op->subject);
	if (r < 0)
		return err_sys(e, r, "idmapped mount of %s", op->subject);
	*ret_fd = TAKE_FD(lower);
	return 0;
}

int layer_apply_rootfs_open(const struct op *op, struct op_context *ctx, struct err *e)
{
	char path[3][PATH_FD_MAX];
	_cleanup_fd_ int machine = -EBADF;
	_cleanup_fd_ int lower = -EBADF;
	_cleanup_fd_ int upper = -EBADF;
	_cleanup_fd_ int work = -EBADF;
	bool is_volatile = (op->flags & LAYER_VOLATILE) != 0;
	int r = open_machine(ctx->settings, op->source, &machine);

	if (r < 0)
		return err_sys(e, r, "directory of machine %s", op->source);
	upper = openat(machine, "upper", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (upper >= 0)
		work = openat(machine, "work", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (work < 0)
		return err_sys(e, -errno, "writable layer of machine %s", op->source);
	r = open_lower(op, ctx, &lower, e);
	if (r < 0)
		return r;
	/*
	 * A volatile overlay leaves a mark in here that makes the next mount fail, as its files may
	 * be half written after a crash of the host. Such a layer does not outlive the host's run.
	 */
	if (is_volatile)
		r = io_remove_tree(work, "work", e);
	if (r < 0)
		return r;

	/*
	 * Names below /proc/self/fd: fsconfig(2) takes at most 255 bytes, colons and commas in
	 * paths need no escapes, and the machine's mount table does not tell where on the host it
	 * lives.
	 */
	const struct mount_option options[] = {
		{.key = "source", .value = "overlay", .fd = -EBADF},
		{.key = "lowerdir", .value = path_of_fd(lower, path[0]), .fd = -EBADF},
		{.key = "upperdir", .value = path_of_fd(upper, path[1]), .fd = -EBADF},
		{.key = "workdir", .value = path_of_fd(work, path[2]), .fd = -EBADF},
		{.key = "redirect_dir", .value = "on", .fd = -EBADF},
		{.key = "metacopy", .value = "off", .fd = -EBADF},
		{.key = "index", .value = "off", .fd = -EBADF},
		{.key = "volatile", .fd = -EBADF},
	};
	size_t count = sizeof(options) / sizeof(options[0]) - (is_volatile ? 0 : 1);

	r = mount_make("overlay", options, count, MOUNT_ATTR_NODEV, &ctx->root_mount, e);
	return r < 0 ? err_wrap(e, "root of machine %s over %s", op->source, op->subject) : 0;
}
