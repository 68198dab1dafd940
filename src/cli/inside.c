/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/inside.h"

#include "base/cleanup.h"
#include "cli/report.h"
#include "cli/spec_options.h"
#include "config/record_json.h"
#include "engine/enter.h"
#include "engine/resolve.h"
#include "kernel/process.h"
#include "machine/lifecycle.h"
#include "state/journal.h"
#include "storage/image.h"

#include <string.h>

enum { CODE_NOT_EXECUTABLE = 126, CODE_NOT_FOUND = 127 };

static int not_running(const char *name, struct err *e)
{
	return err_set(e, ERR_HOST, -ESRCH,
		       "machine %s does not run; 'bulkhead start %s' starts it", name, name);
}

/* What the definition leaves to the image, as the start of the machine decided it. */
static int resolve(struct call *c, struct spec *spec, struct err *e)
{
	struct image image;
	int r = image_load(&c->settings, spec->image, &c->arena, &image, e);

	return r < 0 ? r : spec_resolve(spec, &image, &c->arena, e);
}

int inside_open(struct call *c, const char *name, struct inside *ret, struct err *e)
{
	struct inside in = {.record = RECORD_INIT, .init_pidfd = -EBADF};
	int r;

	r = machine_load(&c->settings, name, &c->arena, &in.spec, e);
	if (r == 0)
		r = resolve(c, &in.spec, e);
	if (r < 0)
		return r;
	r = call_host(c, &in.host, e);
	if (r < 0)
		return r;
	r = journal_read(&c->settings, name, RECORD_START, &in.record, e);
	if (r == 0 && in.record.state == RECORD_RUNNING)
		r = process_open_same(in.record.init_pid, in.record.init_start_ticks,
				      &in.init_pidfd, e);
	else if (r == 0)
		r = -ESRCH;
	if (r < 0) {
		inside_done(&in);
		return r == -ENOENT || r == -ESRCH ? not_running(name, e) : r;
	}
	*ret = in;
	return 0;
}

void inside_done(struct inside *in)
{
	record_done(&in->record);
	in->init_pidfd = fd_close(in->init_pidfd);
}

const char *const *env_put(struct arena *a, const char *const *env, const char *text)
{
	size_t key = strcspn(text, "=") + 1;
	const char **out = NULL;

	for (; env && *env; env++) {
		if (strncmp(*env, text, key) != 0)
			out = arena_strv_push(a, out, *env);
	}
	return arena_strv_push(a, out, text);
}

static int process_env(struct call *c, const struct inside *in, const struct session *session,
		       const char *const **ret, struct err *e)
{
	const char *const *env = in->spec.process.env;
	const char *const *given;
	const char *term = getenv("TERM");
	int r = env_from_call(c, &given, e);

	if (r < 0)
		return r;
	if (session->tty)
		env = env_put(&c->arena, env,
			      arena_printf(&c->arena, "TERM=%s", term ? term : "vt220"));
	for (; *given; given++)
		env = env_put(&c->arena, env, *given);
	*ret = env;
	return 0;
}

int inside_process(struct call *c, const struct inside *in, const struct session *session,
		   struct spec_process *ret, struct err *e)
{
	struct spec_process process = in->spec.process;
	const char *directory = call_value(c, "workdir");
	const char *user = call_value(c, "user");
	int r;

	if (directory && directory[0] != '/')
		return err_set(e, ERR_INPUT, -EINVAL,
			       "--workdir '%.80s': a directory in the machine begins with /",
			       directory);
	process.cwd = directory ? directory : process.cwd;
	process.user = user ? user : process.user;
	process.terminal = session->tty;
	r = process_env(c, in, session, &process.env, e);
	if (r < 0)
		return r;
	*ret = process;
	return 0;
}

struct inside_end {
	int pidfd;
};

static void inside_forward(int signal_number, void *data)
{
	const struct inside_end *end = data;

	(void)process_signal(end->pidfd, signal_number, NULL);
}

/* Until the command ended; a program of it that stays behind does not hold us. */
static int inside_attend(struct call *c, struct entered *entered, const struct session *session,
			 struct err *e)
{
	_cleanup_fd_ int signals = -EBADF;
	struct inside_end end = {.pidfd = entered->pidfd};
	struct pump pump = PUMP_INIT;
	enum pump_result result;
	int status;
	int r;

	pump.end = entered->pidfd;
	pump.master = entered->console_master;
	pump.read_master = entered->console_master >= 0;
	pump.forward = inside_forward;
	pump.data = &end;
	r = pump_block_signals(&signals, e);
	if (r == 0)
		r = session_pump(session, &pump, signals, &result, e);
	if (r == 0)
		r = process_exit_status(entered->pidfd, entered->pid, &status, e);
	if (r == 0)
		c->exit_code = session_wait_code(status);
	return r;
}

int inside_run(struct call *c, const struct inside *in, const struct spec_process *process,
	       const struct session *session, bool detach, struct err *e)
{
	const struct enter_request request = {
		.settings = &c->settings,
		.host = in->host,
		.spec = &in->spec,
		.process = process,
		.stdio = {session->stdio[0], session->stdio[1], session->stdio[2]},
	};
	struct entered entered = {.pidfd = -EBADF, .console_master = -EBADF};
	int r = enter_start(&in->record, &request, &entered, e);

	if (r < 0) {
		c->exit_code = r == -ENOENT		       ? CODE_NOT_FOUND
			       : r == -EACCES || r == -ENOEXEC ? CODE_NOT_EXECUTABLE
							       : 0;
		return r;
	}
	report_debug(c, "entered as process %d", (int)entered.pid);
	if (!detach)
		r = inside_attend(c, &entered, session, e);
	(void)fd_close(entered.pidfd);
	(void)fd_close(entered.console_master);
	return r;
}
