/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "kernel/systemd.h"
#include "resource/cgroup.h"
#include "resource/cgroup_backend.h"
#include "resource/cgroup_file.h"
#include "resource/cgroup_make.h"
#include "resource/cgroup_place.h"
#include "resource/cgroup_protection.h"
#include "resource/cgroup_systemd.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The place that an operation names: `path` is in its value, but for CGROUP_WRITE. */
static int place_of(const struct op *op, const struct op_context *ctx, const char *path,
		    struct cgroup_place *ret, struct err *e)
{
	enum cgroup_controller c = CGROUP_TREE;

	if (op->kind != OP_SCOPE_START)
		c = cgroup_controller_find(op->subject);
	if (c == CGROUP_CONTROLLER_MAX)
		return err_set(e, ERR_BUG, -EINVAL, "operation names a cgroup controller '%.32s'",
			       op->subject);
	*ret = (struct cgroup_place){
		.host = ctx->host, .controller = c, .path = path, .controllers = op->name};
	return 0;
}

/* The child will enter through this descriptor, opened with the host's ids. */
static int open_tasks(const struct cgroup_place *p, struct op_context *ctx, struct err *e)
{
	int fd = cgroup_file_open(p->host, p->controller, p->path, cgroup_backend_v1.join_file,
				  O_WRONLY);

	if (fd < 0)
		return err_sys(e, fd, "open cgroup %s of %s", p->path,
			       cgroup_controller_name(p->controller));
	ctx->cgroup_tasks[p->controller] = fd;
	return 0;
}

int cgroup_apply_make(const struct op *op, struct op_context *ctx, struct err *e)
{
	struct cgroup_place place = {.host = NULL};
	int r = place_of(op, ctx, op->value, &place, e);

	if (r == 0)
		r = cgroup_make_levels(&place, true, e);
	if (r < 0)
		return r;
	if (op->number != 0)
		r = cgroup_delegate(&place, (uint32_t)op->number, e);
	if (r == 0 && cgroup_version_of(ctx->host, place.controller) == CGROUP_V1)
		r = open_tasks(&place, ctx, e);
	if (r < 0)
		(void)cgroup_remove(&place, NULL);
	return r;
}

int cgroup_undo_make(const struct op *op, struct op_context *ctx, struct err *e)
{
	struct cgroup_place place = {.host = NULL};
	int r = place_of(op, ctx, op->value, &place, e);

	return r < 0 ? r : cgroup_remove(&place, e);
}

/* Files of a controller that no machine needed before: enabled on the way down, once. */
static int write_enabling(const struct cgroup_place *p, const struct op *op)
{
	_cleanup_fd_ int fd = cgroup_file_open(p->host, p->controller, p->path, op->name, O_WRONLY);

	if (fd == -ENOENT && cgroup_version_of(p->host, p->controller) == CGROUP_V2) {
		int r = cgroup_make_levels(p, false, NULL);

		if (r < 0)
			return r;
		fd = cgroup_file_open(p->host, p->controller, p->path, op->name, O_WRONLY);
	}
	if (fd < 0)
		return fd;
	return write(fd, op->value, strlen(op->value)) < 0 ? -errno : 0;
}

static int write_failed(const struct op *op, int r, struct err *e)
{
	if (r == -EBUSY && strncmp(op->name, "memory.", 7) == 0)
		return err_set(
			e, ERR_HOST, r,
			"cgroup %s: %s cannot become %s, because more is in use and cannot be "
			"freed: end something in the machine first",
			op->source, op->name, op->value);
	return err_sys(e, r, "cgroup %s: write '%.200s' to %s", op->source, op->value, op->name);
}

int cgroup_apply_write(const struct op *op, struct op_context *ctx, struct err *e)
{
	struct cgroup_place place = {.host = NULL};
	int r = place_of(op, ctx, op->source, &place, e);

	if (r < 0)
		return r;
	place.controllers = op->subject;
	r = write_enabling(&place, op);
	if (r < 0)
		return write_failed(op, r, e);
	if (cgroup_is_scoped(ctx->host, place.controller))
		r = cgroup_systemd_tell(ctx->host, op->source, op->name, op->value, e);
	if (r < 0 || strcmp(op->name, "memory.min") != 0)
		return r;
	r = cgroup_protection_sum(ctx->host, op->source);
	return r < 0 ? err_sys(e, r, "carry memory.min of cgroup %s to the levels above",
			       op->source)
		     : 0;
}

/* Between clone and exec. Writing "0" to `tasks` moves the calling thread without the lock that
 * waits for an RCU grace period, which moving another process takes. */
static int enter_by_itself(const struct op *op, struct op_context *ctx, struct err *e)
{
	enum cgroup_controller c = cgroup_controller_find(op->subject);
	int r;

	if (c == CGROUP_CONTROLLER_MAX || ctx->cgroup_tasks[c] <= STDERR_FILENO)
		return err_set(e, ERR_BUG, -EBADF, "cgroup %s of %s was not opened", op->value,
			       op->subject);
	r = write(ctx->cgroup_tasks[c], "0", 1) < 0 ? -errno : 0;
	fd_closep(&ctx->cgroup_tasks[c]);
	return r < 0 ? err_sys(e, r, "enter cgroup %s of %s", op->value, op->subject) : 0;
}

int cgroup_apply_enter(const struct op *op, struct op_context *ctx, struct err *e)
{
	_cleanup_fd_ int at = -EBADF;
	struct cgroup_place place = {.host = NULL};
	char pid[16];
	int r;

	if (op->stage == OP_STAGE_CHILD)
		return enter_by_itself(op, ctx, e);
	r = place_of(op, ctx, op->value, &place, e);
	if (r < 0)
		return r;
	at = cgroup_directory_open(ctx->host, place.controller, op->value);
	(void)snprintf(pid, sizeof(pid), "%d", ctx->child_pid);
	r = at < 0 ? at : cgroup_file_write(at, "cgroup.procs", pid);
	return r < 0 ? err_sys(e, r, "enter cgroup %s of %s", op->value, op->subject) : 0;
}

/*
 * systemd makes the directory and owns its attributes; with Delegate=yes it leaves what is below
 * alone. The limits are written as plain files right after this, and told to systemd, which writes
 * all attributes of its units anew at a daemon-reload. The governor's weights are not told: ten
 * times a second is no work for D-Bus, and it writes them again soon.
 */
int cgroup_apply_scope(const struct op *op, struct op_context *ctx, struct err *e)
{
	struct cgroup_place place = {.host = NULL};
	char weight[16];
	int r = place_of(op, ctx, op->value, &place, e);

	(void)snprintf(weight, sizeof(weight), "%" PRIu32,
		       cgroup_backend_v2.weight(cgroup_parent_weight(ctx->host)));
	if (r == 0)
		r = systemd_scope_start(op->subject, op->source, "Bulkhead machine", ctx->child_pid,
					e);
	if (r == 0)
		r = cgroup_make_levels(&place, false, e);
	if (r == 0)
		r = cgroup_systemd_tell(ctx->host, op->source, cgroup_backend_v2.weight_file,
					weight, e);
	if (r == 0 && op->number != 0)
		r = cgroup_delegate(&place, (uint32_t)op->number, e);
	return r;
}

int cgroup_undo_scope(const struct op *op, struct op_context *ctx, struct err *e)
{
	struct cgroup_place place = {.host = NULL};
	int r = place_of(op, ctx, op->value, &place, e);

	/* Killed first: stopping the unit would wait for processes that ignore SIGTERM. */
	if (r == 0)
		r = cgroup_kill(op->value, ctx->host, e);
	if (r == 0)
		r = systemd_scope_stop(op->subject, e);
	return r < 0 ? r : cgroup_remove(&place, e);
}
