/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/apply.h"

#include "base/cleanup.h"
#include "engine/fault.h"
#include "engine/message.h"
#include "engine/operation.h"
#include "kernel/channel.h"

#include <errno.h>
#include <string.h>

static bool stage_is_childs(enum op_stage stage)
{
	return stage == OP_STAGE_CHILD || stage == OP_STAGE_ROOTED || stage == OP_STAGE_CONFINE;
}

/* What the child said instead of going on. */
static int report_failure(const struct plan *plan, const struct message_report *report,
			  struct err *e)
{
	const struct op *op;

	if (report->op >= plan->count || report->err.code >= 0 ||
	    report->err.kind >= ERR_KIND_MAX ||
	    !memchr(report->err.message, '\0', sizeof(report->err.message)))
		return err_set(e, ERR_BUG, -EBADMSG, "the child sent a report that makes no sense");
	if (e)
		*e = report->err;
	op = &plan->ops[report->op];
	if (op->kind == OP_EXEC || op->kind == OP_CHDIR || op->kind == OP_CREDENTIALS)
		return report->err.code; /* the caller's own words, not ours */
	return e ? err_wrap(e, "%s", op_kind_name(op->kind)) : report->err.code;
}

static int child_lost(const struct op_context *ctx, struct err *e)
{
	(void)ctx;
	return err_set(
		e, ERR_HOST, -ECHILD,
		"the machine's first process was killed while it was set up (out of memory, or "
		"its memory limit is too small)");
}

static int send_go(const struct op_context *ctx)
{
	const struct message_go go = {.spare = 0};

	return channel_send(ctx->channel, &go, sizeof(go), NULL, 0);
}

/* The child runs its three stages; afterwards it waits before exec. */
static int child_prepare(const struct plan *plan, struct op_context *ctx, struct err *e)
{
	struct message_report report;
	int fds[1] = {-EBADF};
	size_t count = 1;

	if (send_go(ctx) < 0 ||
	    channel_receive(ctx->channel, &report, sizeof(report), fds, &count) < 0)
		return child_lost(ctx, e);
	if (report.err.code != 0)
		return report_failure(plan, &report, e);
	if (report.console)
		ctx->console_master = fds[0];
	return 0;
}

static int apply_one(const struct plan *plan, size_t index, struct op_context *ctx, struct err *e)
{
	const struct op *op = &plan->ops[index];
	int r = fault_check(index, e);

	return r < 0 ? r : operation_get(op->kind)->apply(op, ctx, e);
}

int plan_apply(const struct plan *plan, struct op_context *ctx, struct err *e)
{
	bool prepared = false;

	for (size_t i = 0; i < plan->count; i++) {
		int r;

		if (!stage_is_childs(plan->ops[i].stage))
			r = apply_one(plan, i, ctx, e);
		else if (!prepared)
			r = child_prepare(plan, ctx, e), prepared = true;
		else
			continue;
		if (r < 0)
			return r;
	}
	return 0;
}

int plan_release(const struct plan *plan, struct op_context *ctx, struct err *e)
{
	struct message_report report;
	size_t count = 0;
	int r;

	if (send_go(ctx) < 0)
		return child_lost(ctx, e);
	r = channel_receive(ctx->channel, &report, sizeof(report), NULL, &count);
	/* The channel is close-on-exec: its end is the proof of the exec. */
	if (r == -ECONNRESET)
		return 0;
	if (r < 0)
		return err_sys(e, r, "wait for the machine's exec");
	return report_failure(plan, &report, e);
}

int plan_undo(const struct plan *plan, struct op_context *ctx, struct err *e)
{
	int first = 0;

	for (size_t i = plan->count; i > 0; i--) {
		const struct op *op = &plan->ops[i - 1];
		const struct operation *row = operation_get(op->kind);
		int r = row->undo ? row->undo(op, ctx, first == 0 ? e : NULL) : 0;

		if (r < 0 && first == 0)
			first = r;
	}
	return first;
}

void op_context_done(struct op_context *ctx)
{
	int *fds[] = {
		&ctx->machine_lock, &ctx->ledger_lock,	  &ctx->idrange_lock,
		&ctx->child_pidfd,  &ctx->channel,	  &ctx->root_mount,
		&ctx->init_file,    &ctx->console_master, &ctx->new_root,
	};

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		*fds[i] = fd_close(*fds[i]);
	for (size_t i = 0; i < CGROUP_CONTROLLER_MAX; i++)
		ctx->cgroup_tasks[i] = fd_close(ctx->cgroup_tasks[i]);
}
