/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "cli/report.h"
#include "cli/session.h"
#include "machine/keeper_client.h"
#include "machine/log_follow.h"

#include <unistd.h>

static bool console_ended(struct pump *p)
{
	struct keeper_link *link = p->data;
	struct exit_status exit;
	int r = keeper_link_receive(link, &exit, NULL);

	p->end = link->socket;
	return r != -EAGAIN;
}

/* After leaving, the prompt stands on a line of its own. */
static void say_goodbye(const struct call *c, enum pump_result result)
{
	if (result == PUMP_DETACHED)
		report_warning(c, "detached from the console of %s", c->words[0]);
	else if (result == PUMP_ENDED)
		report_warning(c, "%s has ended", c->words[0]);
}

static int console_pump(struct call *c, struct keeper_console *console, struct keeper_link *link,
			struct err *e)
{
	_cleanup_log_follow_ struct log_follow log = LOG_FOLLOW_INIT;
	_cleanup_fd_ int signals = -EBADF;
	struct session session;
	struct pump pump = PUMP_INIT;
	enum pump_result result;
	int r;

	session_choose_tty(&session, true);
	r = log_follow_open(&c->settings, c->words[0], TAKE_FD(console->log), console->log_offset,
			    &log, e);
	if (r == 0)
		r = pump_block_signals(&signals, e);
	if (r < 0)
		return r;
	pump.log = &log;
	pump.master = console->master;
	pump.end = link->socket;
	pump.ended = console_ended;
	pump.detach_keys = true;
	pump.data = link;
	r = session_pump(&session, &pump, signals, &result, e);
	if (r == 0)
		say_goodbye(c, result);
	return r;
}

int verb_console(struct call *c, struct err *e)
{
	_cleanup_keeper_console_ struct keeper_console console = KEEPER_CONSOLE_INIT;
	_cleanup_keeper_link_ struct keeper_link link = KEEPER_LINK_INIT;
	const char *name = c->words[0];
	int r;

	r = keeper_watch(&c->settings, name, &link, e);
	if (r == 0)
		r = keeper_attach(&c->settings, name, &console, e);
	if (r < 0)
		return r;
	if (isatty(STDERR_FILENO))
		report_warning(c, "attached to the console of %s; ctrl-p ctrl-q detaches", name);
	return console_pump(c, &console, &link, e);
}
