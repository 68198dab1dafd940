/* SPDX-License-Identifier: Apache-2.0 */
/*
 * create, start, attach, delete. Speed counts here: nothing is asked of the host that the start
 * does not ask itself, and what runs without a terminal has our own descriptors.
 */
#include "base/cleanup.h"
#include "base/io.h"
#include "cli/actions.h"
#include "cli/json.h"
#include "cli/report.h"
#include "cli/session.h"
#include "cli/spec_options.h"
#include "machine/keeper_client.h"
#include "machine/lifecycle.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>

struct run {
	struct call *c;
	const char *name;
	struct session session;
	struct keeper_link link;
	struct exit_status exit;
	struct err failure;
};

static int choose_name(struct call *c, const char **ret_name, struct err *e)
{
	unsigned int random;

	*ret_name = call_value(c, "name");
	if (*ret_name)
		return 0;
	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return err_sys(e, -errno, "no random numbers");
	*ret_name = arena_printf(&c->arena, "run-%08x", random);
	return 0;
}

/* The link may be another one now: the keeper was killed, and the new one is asked again. */
static bool run_ended(struct pump *p)
{
	struct run *run = p->data;
	int r = keeper_link_receive(&run->link, &run->exit, &run->failure);

	p->end = run->link.socket;
	return r != -EAGAIN;
}

static void run_forward(int signal_number, void *data)
{
	struct run *run = data;

	(void)machine_kill(&run->c->settings, run->name, signal_number, false, NULL);
}

/* It ended and was deleted before we could look: its output is still in the descriptor. */
static int run_gone(struct run *run, int log, uint64_t offset, struct err *e)
{
	char data[16384];
	ssize_t n;
	int r = keeper_link_wait(&run->link, &run->exit, e);

	if (r < 0)
		return r;
	while ((n = pread(log, data, sizeof(data), (off_t)offset)) > 0) {
		offset += (uint64_t)n;
		r = io_write_all(STDOUT_FILENO, data, (size_t)n);
		if (r < 0)
			return err_sys(e, r, "cannot write to standard output");
	}
	return 0;
}

static int run_pump(struct run *run, struct pump *pump, int signals, struct err *e)
{
	enum pump_result result;
	int r;

	pump->end = run->link.socket;
	pump->ended = run_ended;
	pump->forward = run_forward;
	pump->data = run;
	r = session_pump(&run->session, pump, signals, &result, e);
	if (r == 0 && run->failure.code < 0) {
		*e = run->failure;
		r = run->failure.code;
	}
	return r;
}

static int run_console(struct run *run, struct keeper_console *console, int signals, struct err *e)
{
	_cleanup_log_follow_ struct log_follow log = LOG_FOLLOW_INIT;
	_cleanup_fd_ int kept = fcntl(console->log, F_DUPFD_CLOEXEC, 3);
	struct pump pump = PUMP_INIT;
	int r;

	if (kept < 0)
		return err_sys(e, -errno, "cannot keep the console log open");
	r = log_follow_open(&run->c->settings, run->name, TAKE_FD(console->log),
			    console->log_offset, &log, e);
	if (r == -ENOENT)
		return run_gone(run, kept, console->log_offset, e);
	if (r < 0)
		return r;
	pump.log = &log;
	pump.master = console->master;
	return run_pump(run, &pump, signals, e);
}

static int run_start(struct run *run, struct err *e)
{
	_cleanup_keeper_console_ struct keeper_console console = KEEPER_CONSOLE_INIT;
	_cleanup_fd_ int signals = -EBADF;
	const struct keeper_start start = {
		.name = run->name,
		.stdio = run->session.tty ? NULL : run->session.stdio,
		.progress = run->c->quiet ? -EBADF : STDERR_FILENO,
	};
	struct pump nothing = PUMP_INIT;
	int r;

	/* From here on a signal is the machine's. */
	r = pump_block_signals(&signals, e);
	if (r == 0)
		r = keeper_start(&run->c->settings, &start, run->session.tty ? &console : NULL,
				 &run->link, e);
	if (r < 0) {
		(void)machine_delete(&run->c->settings, run->name, true, NULL);
		return r;
	}
	report_debug(run->c, "started");
	if (run->session.tty)
		r = run_console(run, &console, signals, e);
	else
		r = run_pump(run, &nothing, signals, e);
	report_debug(run->c, "ended");
	return r;
}

static int run_detached(struct run *run, struct err *e)
{
	int r = action_start(run->c, run->name, e);

	if (r < 0) {
		(void)machine_delete(&run->c->settings, run->name, true, NULL);
		return r;
	}
	if (run->c->json)
		json_print_wrapped("name", json_text(run->name));
	else
		(void)printf("%s\n", run->name);
	return 0;
}

static int run_create(struct run *run, struct err *e)
{
	struct call *c = run->c;
	struct spec spec;
	int r = spec_from_call(c, run->name, c->words, &spec, e);

	if (r < 0)
		return r;
	spec.ephemeral = !call_has(c, "keep");
	/* A command that is handed our own descriptors has no terminal to control. */
	if (!run->session.tty && !call_has(c, "detach"))
		spec.process.terminal = false;
	return machine_create(&c->settings, &spec, e);
}

int verb_run(struct call *c, struct err *e)
{
	struct run run = {.c = c, .session = SESSION_INIT, .link = KEEPER_LINK_INIT};
	int r;

	r = session_choose(c, &run.session, e);
	if (r == 0)
		r = choose_name(c, &run.name, e);
	if (r == 0)
		r = run_create(&run, e);
	report_debug(c, "created");
	if (r == 0)
		r = call_has(c, "detach") ? run_detached(&run, e) : run_start(&run, e);
	if (r == 0 && !call_has(c, "detach")) {
		c->exit_code = session_exit_code(&run.exit);
		if (run.exit.knowledge != EXIT_CODE && run.exit.knowledge != EXIT_SIGNAL)
			report_warning(c, "run %s: how it ended is not known", run.name);
	}
	keeper_link_close(&run.link);
	session_done(&run.session);
	return r;
}
