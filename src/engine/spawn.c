/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/spawn.h"

#include "base/cleanup.h"
#include "base/program.h"
#include "engine/child.h"
#include "kernel/channel.h"
#include "kernel/mount.h"
#include "kernel/process.h"
#include "resource/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#define KILL_WAIT_USEC 10000000u

/* The init's file as the machine sees it in /proc/1/exe: on a read-only mount of its own, so that
 * not even a root without a user namespace can open it for writing (CVE-2019-5736). */
static int open_init_file(struct op_context *ctx, struct err *e)
{
	char path[PROGRAM_PATH_MAX];
	int r;

	/* A full system brings its own. */
	if (ctx->spec->init != SPEC_INIT_COMMAND)
		return 0;
	r = program_find("bulkhead-init", path, e);
	if (r < 0)
		return r;
	r = mount_clone(AT_FDCWD, path, 0, &ctx->init_file);
	if (r == 0)
		r = mount_set_attributes(ctx->init_file,
					 MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
					 0, 0);
	return r < 0 ? err_sys(e, r, "read-only mount of %s", path) : 0;
}

static int open_birth_cgroup(const struct op *op, const struct op_context *ctx, int *ret_fd,
			     struct err *e)
{
	if (!op->value || op->value[0] == '\0')
		return 0;
	return cgroup_open_tree(op->value, ctx->host, ret_fd, e);
}

static int isolate_starter(struct err *e)
{
	int r = unshare(CLONE_NEWNS) < 0 ? -errno : mount_set_propagation("/", MS_REC | MS_PRIVATE);

	return r < 0 ? err_sys(e, r, "mount namespace of the starter") : 0;
}

int spawn_apply(const struct op *op, struct op_context *ctx, struct err *e)
{
	_cleanup_fd_ int cgroup = -EBADF;
	_cleanup_fd_ int theirs = -EBADF;
	int pair[2];
	pid_t pid;
	int r = isolate_starter(e);

	if (r == 0)
		r = open_init_file(ctx, e);
	if (r == 0)
		r = open_birth_cgroup(op, ctx, &cgroup, e);
	if (r < 0)
		return r;
	r = channel_pair(pair);
	if (r < 0)
		return err_sys(e, r, "channel to the child");
	ctx->channel = pair[0];
	theirs = pair[1];
	pid = process_clone(op->flags, cgroup, &ctx->child_pidfd);
	if (pid == 0) {
		/* Only the starter holds the other end: its death is the end of file. */
		(void)fd_close(pair[0]);
		ctx->channel = TAKE_FD(theirs);
		child_run(ctx->plan, ctx);
	}
	if (pid < 0)
		return err_sys(e, (int)pid, "clone3 with new namespaces");
	ctx->child_pid = pid;
	return 0;
}

int spawn_undo(const struct op *op, struct op_context *ctx, struct err *e)
{
	int r;

	(void)op;
	if (ctx->child_pidfd < 0)
		return 0;
	r = process_signal(ctx->child_pidfd, SIGKILL, NULL);
	if (r < 0 && r != -ESRCH)
		return err_sys(e, r, "kill the machine's first process %d", (int)ctx->child_pid);
	r = process_wait_end(ctx->child_pidfd, KILL_WAIT_USEC, e);
	/* A child of ours is reaped here; somebody else's is theirs to reap. */
	(void)waitpid(ctx->child_pid, NULL, WNOHANG);
	ctx->child_pidfd = fd_close(ctx->child_pidfd);
	return r;
}
