/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two processes: the joiner enters the namespaces and clones the command into them (a process is
 * in a pid namespace only from its birth), as a child of ours (CLONE_PARENT), so that its exit
 * status comes to us. The joiner's cgroups are the machine's before it joins anything.
 */
#include "engine/enter.h"

#include "base/cleanup.h"
#include "engine/apply.h"
#include "engine/child.h"
#include "engine/message.h"
#include "engine/operation.h"
#include "kernel/channel.h"
#include "kernel/credentials.h"
#include "kernel/process.h"
#include "kernel/pty.h"
#include "kernel/user_namespace.h"
#include "resource/cgroup.h"
#include "security/security.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ENTER_FAILED 125

/* Joiner to us: the command's pid and pidfd. Then the command itself reports as in message.h. */
struct enter_born {
	int32_t pid;
	struct err err;
};

/* What the joiner works from. */
struct enter_call {
	const struct record *record;
	const struct enter_request *request;
	const struct plan *plan;
	int init_pidfd;
};

static _Noreturn void enter_fail(const struct op_context *ctx, uint32_t op, const struct err *e)
{
	struct message_report report = {.op = op, .err = *e};

	(void)channel_send(ctx->channel, &report, sizeof(report), NULL, 0);
	_exit(ENTER_FAILED);
}

static int open_terminal(struct op_context *ctx, struct err *e)
{
	int slave = -EBADF;
	int r = pty_open(ctx->new_root, "dev/pts/ptmx", &ctx->console_master, &slave);

	if (r < 0)
		return err_sys(e, r, "open a terminal in the machine's /dev/pts");
	for (int i = 0; i < OP_STDIO_COUNT; i++)
		ctx->stdio[i] = slave;
	return 0;
}

static _Noreturn void command_run(const struct plan *plan, struct op_context *ctx, bool terminal)
{
	struct message_report ready = {.console = 0};
	struct message_go go;
	struct err e = ERR_INIT;
	size_t count = 0;
	uint32_t at = 0;
	int r;

	/* The joiner's message about us comes first. */
	if (channel_receive(ctx->channel, &go, sizeof(go), NULL, &count) < 0)
		_exit(ENTER_FAILED);
	if ((r = credentials_set(0, 0, NULL, 0)) < 0) {
		(void)err_sys(&e, r, "become the machine's root");
		enter_fail(ctx, 0, &e);
	}
	/* After setns our root is the machine's. */
	ctx->new_root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (terminal && open_terminal(ctx, &e) < 0)
		enter_fail(ctx, 0, &e);
	if (child_apply_stage(plan, OP_STAGE_CONFINE, ctx, &at, &e) < 0)
		enter_fail(ctx, at, &e);
	ready.console = ctx->console_master >= 0;
	if (channel_send(ctx->channel, &ready, sizeof(ready), &ctx->console_master, ready.console) <
	    0)
		_exit(ENTER_FAILED);
	at = (uint32_t)plan->count - 1;
	(void)operation_get(OP_EXEC)->apply(&plan->ops[at], ctx, &e);
	enter_fail(ctx, at, &e);
}

/* All that the machine has of its own; two of them it made by itself (security/security.h). */
static int join_flags(const struct enter_request *request)
{
	return (int)namespaces_flags(request->spec, request->host) | CLONE_NEWNS | CLONE_NEWCGROUP;
}

static _Noreturn void joiner_run(const struct enter_call *call, struct op_context *ctx)
{
	const struct enter_request *request = call->request;
	struct enter_born born = {.pid = 0};
	int pidfd = -EBADF;
	pid_t pid;

	/* Before anything inside can see us: our memory and our file stay closed to it. */
	(void)prctl(PR_SET_DUMPABLE, 0);
	/* Its cgroups first, while our ids are still the host's. */
	if (cgroup_enter(call->record->tree_cgroup, request->host, 0, &born.err) == 0 &&
	    namespace_join(call->init_pidfd, join_flags(request), &born.err) == 0) {
		pid = process_clone(CLONE_PARENT, -EBADF, &pidfd);
		if (pid == 0)
			command_run(call->plan, ctx, request->process->terminal);
		if (pid < 0)
			err_sys(&born.err, (int)pid, "clone into the machine");
		born.pid = pid;
	}
	(void)channel_send(ctx->channel, &born, sizeof(born), &pidfd, pidfd >= 0 ? 1 : 0);
	_exit(0);
}

static int enter_plan(const struct enter_request *request, struct plan *plan, struct err *e)
{
	struct spec spec = *request->spec;
	int r;

	spec.process = *request->process;
	r = confine_plan(&spec, request->host, plan, e);
	if (r < 0)
		return r;
	/* The command runs beside the machine's init, not as it. */
	assert(plan->count > 0 && plan->ops[plan->count - 1].kind == OP_EXEC);
	plan->ops[plan->count - 1].value = "direct";
	return 0;
}

static int receive_born(struct op_context *ctx, struct entered *entered, struct err *e)
{
	struct enter_born born;
	int fds[1] = {-EBADF};
	size_t count = 1;
	int r = channel_receive(ctx->channel, &born, sizeof(born), fds, &count);

	if (r < 0)
		return err_sys(e, r, "enter the machine");
	if (born.err.code != 0) {
		if (e)
			*e = born.err;
		return born.err.code;
	}
	entered->pid = born.pid;
	entered->pidfd = fds[0];
	return 0;
}

static int receive_ready(const struct op_context *ctx, struct entered *entered, struct err *e)
{
	struct message_report report;
	int fds[1] = {-EBADF};
	size_t count = 1;
	int r = channel_receive(ctx->channel, &report, sizeof(report), fds, &count);

	if (r < 0)
		return err_sys(e, r, "the command ended before it started");
	if (report.err.code != 0) {
		if (e)
			*e = report.err;
		return report.err.code;
	}
	if (report.console)
		entered->console_master = fds[0];
	/* End of file: the exec happened. */
	count = 0;
	r = channel_receive(ctx->channel, &report, sizeof(report), NULL, &count);
	if (r == -ECONNRESET)
		return 0;
	if (e && r == 0)
		*e = report.err;
	return r == 0 ? report.err.code : err_sys(e, r, "wait for the command's exec");
}

static int send_go(const struct op_context *ctx, struct err *e)
{
	const struct message_go go = {.spare = 0};
	int r = channel_send(ctx->channel, &go, sizeof(go), NULL, 0);

	return r < 0 ? err_sys(e, r, "enter the machine") : 0;
}

static int enter_follow(struct op_context *ctx, struct entered *entered, struct err *e)
{
	int r = receive_born(ctx, entered, e);

	if (r == 0)
		r = send_go(ctx, e);
	return r == 0 ? receive_ready(ctx, entered, e) : r;
}

static void entered_abandon(struct entered *entered)
{
	if (entered->pidfd >= 0) {
		(void)process_signal(entered->pidfd, SIGKILL, NULL);
		(void)waitpid(entered->pid, NULL, 0);
	}
	entered->pidfd = fd_close(entered->pidfd);
	entered->console_master = fd_close(entered->console_master);
}

static int enter_clone(const struct enter_call *call, struct op_context *ctx, pid_t *ret_joiner,
		       struct err *e)
{
	int pair[2];
	pid_t pid;
	int r = channel_pair(pair);

	if (r < 0)
		return err_sys(e, r, "channel to the command");
	pid = process_clone(0, -EBADF, &ctx->child_pidfd);
	if (pid == 0) {
		(void)fd_close(pair[0]);
		ctx->channel = pair[1];
		joiner_run(call, ctx);
	}
	(void)fd_close(pair[1]);
	ctx->channel = pair[0];
	if (pid < 0)
		return err_sys(e, (int)pid, "clone");
	*ret_joiner = pid;
	return 0;
}

int enter_start(const struct record *record, const struct enter_request *request,
		struct entered *ret, struct err *e)
{
	_cleanup_op_context_ struct op_context ctx = OP_CONTEXT_INIT;
	struct entered entered = {.pidfd = -EBADF, .console_master = -EBADF};
	_cleanup_plan_ struct plan plan = PLAN_INIT;
	struct enter_call call = {
		.record = record, .request = request, .plan = &plan, .init_pidfd = -EBADF};
	pid_t joiner = 0;
	int r;

	ctx.settings = request->settings;
	ctx.host = request->host;
	ctx.spec = &(struct spec){.process = *request->process, .name = request->spec->name};
	ctx.plan = &plan;
	for (int i = 0; i < OP_STDIO_COUNT; i++)
		ctx.stdio[i] = request->stdio[i];
	r = enter_plan(request, &plan, e);
	if (r == 0)
		r = process_open_same(record->init_pid, record->init_start_ticks, &call.init_pidfd,
				      e);
	if (r == 0)
		r = enter_clone(&call, &ctx, &joiner, e);
	call.init_pidfd = fd_close(call.init_pidfd);
	if (r < 0)
		return r;
	r = enter_follow(&ctx, &entered, e);
	if (r < 0)
		(void)process_signal(ctx.child_pidfd, SIGKILL, NULL);
	(void)waitpid(joiner, NULL, 0);
	if (r < 0)
		entered_abandon(&entered);
	else
		*ret = entered;
	return r;
}
