/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/child.h"

#include "base/cleanup.h"
#include "engine/fault.h"
#include "engine/message.h"
#include "engine/operation.h"
#include "kernel/channel.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Exit code of a child that never became a machine; seen by nobody but strace. */
#define CHILD_FAILED 125

static _Noreturn void child_fail(struct op_context *ctx, uint32_t op, const struct err *e)
{
	struct message_report report = {.op = op, .err = *e};

	(void)channel_send(ctx->channel, &report, sizeof(report), NULL, 0);
	_exit(CHILD_FAILED);
}

static void child_receive_go(const struct op_context *ctx)
{
	struct message_go go;
	size_t count = 0;

	/* No go: the starter is gone or gave up, and undoes what there is. */
	if (channel_receive(ctx->channel, &go, sizeof(go), NULL, &count) < 0)
		_exit(CHILD_FAILED);
}

static void child_report_ready(struct op_context *ctx)
{
	struct message_report report = {.console = ctx->console_master >= 0};

	if (channel_send(ctx->channel, &report, sizeof(report), &ctx->console_master,
			 report.console) < 0)
		_exit(CHILD_FAILED);
	ctx->console_master = fd_close(ctx->console_master);
}

int child_apply_stage(const struct plan *plan, enum op_stage stage, struct op_context *ctx,
		      uint32_t *ret_op, struct err *e)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct op *op = &plan->ops[i];
		int r;

		if (op->stage != stage || op->kind == OP_EXEC)
			continue;
		*ret_op = (uint32_t)i;
		r = fault_check(i, e);
		if (r == 0)
			r = operation_get(op->kind)->apply(op, ctx, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static uint32_t find_exec(const struct plan *plan)
{
	for (size_t i = plan->count; i > 0; i--) {
		if (plan->ops[i - 1].kind == OP_EXEC)
			return (uint32_t)(i - 1);
	}
	return 0;
}

static void child_reset_signals(void)
{
	sigset_t none;

	/* The starter is a daemon's worker: dispositions and mask are the daemon's, and ignored
	 * signals would stay ignored after exec. */
	for (int s = 1; s < NSIG; s++)
		(void)signal(s, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

_Noreturn void child_run(const struct plan *plan, struct op_context *ctx)
{
	static const enum op_stage stages[] = {OP_STAGE_CHILD, OP_STAGE_ROOTED, OP_STAGE_CONFINE};
	struct err e = ERR_INIT;
	uint32_t at = 0;

	/* A lock that the child held too would outlive a starter that was killed. */
	ctx->machine_lock = fd_close(ctx->machine_lock);
	ctx->ledger_lock = fd_close(ctx->ledger_lock);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	child_reset_signals();
	child_receive_go(ctx);
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		if (child_apply_stage(plan, stages[i], ctx, &at, &e) < 0)
			child_fail(ctx, at, &e);
	}
	child_report_ready(ctx);
	child_receive_go(ctx);
	(void)prctl(PR_SET_PDEATHSIG, 0);
	at = find_exec(plan);
	if (fault_check(at, &e) == 0)
		(void)operation_get(OP_EXEC)->apply(&plan->ops[at], ctx, &e);
	child_fail(ctx, at, &e);
}
