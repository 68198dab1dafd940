/* SPDX-License-Identifier: Apache-2.0 */
#include "state/operations.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "model/paths.h"
#include "state/idrange.h"
#include "state/ledger.h"
#include "state/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int ledger_apply_enter(const struct op *op, struct op_context *ctx, struct err *e)
{
	int r;

	(void)op;
	r = ledger_put(ctx->settings, ctx->grant, e);
	ctx->ledger_lock = fd_close(ctx->ledger_lock);
	return r;
}

int ledger_undo_enter(const struct op *op, struct op_context *ctx, struct err *e)
{
	_cleanup_fd_ int lock = -EBADF;
	int r;

	/* A start that failed before its entry still holds the lock. */
	ctx->ledger_lock = fd_close(ctx->ledger_lock);
	r = lock_ledger(ctx->settings, &lock, e);
	if (r < 0)
		return r;
	return ledger_remove(ctx->settings, op->subject, e);
}

int idrange_apply_take(const struct op *op, struct op_context *ctx, struct err *e)
{
	return idrange_take(ctx->settings, op->subject, (uint32_t)op->number, e);
}

int idrange_undo_take(const struct op *op, struct op_context *ctx, struct err *e)
{
	_cleanup_fd_ int lock = -EBADF;
	int r = 0;

	if (ctx->idrange_lock < 0)
		r = lock_idrange(ctx->settings, &lock, e);
	if (r < 0)
		return r;
	return idrange_release(ctx->settings, op->subject, e);
}

int definition_apply_directory(const struct op *op, struct op_context *ctx, struct err *e)
{
	char path[PATHS_MAX];

	paths_machine(ctx->settings, op->subject, NULL, path);
	if (mkdir(path, 0711) < 0)
		return err_sys(e, -errno, "make %s", path);
	return 0;
}

int definition_undo_directory(const struct op *op, struct op_context *ctx, struct err *e)
{
	_cleanup_fd_ int machines = -EBADF;
	char path[PATHS_MAX];

	paths_root(ctx->settings, "machines", path);
	machines = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (machines < 0)
		return errno == ENOENT ? 0 : err_sys(e, -errno, "open %s", path);
	return io_remove_tree(machines, op->subject, e);
}

int definition_apply_write(const struct op *op, struct op_context *ctx, struct err *e)
{
	char path[PATHS_MAX];

	paths_machine(ctx->settings, op->subject, "machine.ini", path);
	return io_replace_file(AT_FDCWD, path, 0600, op->flags ? IO_VOLATILE : IO_DURABLE,
			       op->value, strlen(op->value), e);
}

int definition_undo_write(const struct op *op, struct op_context *ctx, struct err *e)
{
	char path[PATHS_MAX];

	paths_machine(ctx->settings, op->subject, "machine.ini", path);
	if (unlink(path) < 0 && errno != ENOENT)
		return err_sys(e, -errno, "remove %s", path);
	return 0;
}
