/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"

#include "base/cleanup.h"
#include "cli/terminal.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIGNAL_BASE = 128, CODE_OURS = 125 };

static int open_null(struct session *s, struct err *e)
{
	if (s->null < 0)
		s->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	return s->null < 0 ? err_sys(e, -errno, "cannot open /dev/null") : 0;
}

static void session_own(struct session *s)
{
	s->stdio[0] = STDIN_FILENO;
	s->stdio[1] = STDOUT_FILENO;
	s->stdio[2] = STDERR_FILENO;
}

int session_choose(const struct call *c, struct session *ret, struct err *e)
{
	bool terminals = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	_cleanup_session_ struct session s = SESSION_INIT;
	int r;

	session_own(&s);
	r = call_bool(c, "interactive", true, &s.interactive, e);
	if (r == 0)
		r = call_bool(c, "tty", terminals, &s.tty, e);
	if (r == 0 && !s.interactive) {
		r = open_null(&s, e);
		s.stdio[0] = s.null;
	}
	if (r < 0)
		return r;
	*ret = s;
	s.null = -EBADF;
	return 0;
}

void session_choose_tty(struct session *ret, bool tty)
{
	*ret = SESSION_INIT;
	session_own(ret);
	ret->interactive = true;
	ret->tty = tty;
}

int session_detach(struct session *s, struct err *e)
{
	int r = open_null(s, e);

	for (int i = 0; i < 3; i++)
		s->stdio[i] = s->null;
	s->tty = false;
	return r;
}

int session_pump(const struct session *s, struct pump *p, int signals, enum pump_result *ret,
		 struct err *e)
{
	int signal_number = 0;
	int r = 0;

	if (s->tty) {
		p->input = s->interactive ? STDIN_FILENO : -EBADF;
		p->output = STDOUT_FILENO;
		if (s->interactive && isatty(STDIN_FILENO))
			r = terminal_raw(STDIN_FILENO, e);
	}
	if (r == 0)
		r = pump_run(p, signals, ret, &signal_number, e);
	terminal_restore();
	return r;
}

int session_exit_code(const struct exit_status *exit)
{
	switch (exit->knowledge) {
	case EXIT_CODE:
		return exit->value;
	case EXIT_SIGNAL:
		return SIGNAL_BASE + exit->value;
	case EXIT_UNSET:
	case EXIT_UNKNOWN:
		break;
	}
	return CODE_OURS;
}

int session_wait_code(int wait_status)
{
	return WIFSIGNALED(wait_status) ? SIGNAL_BASE + WTERMSIG(wait_status)
					: WEXITSTATUS(wait_status);
}

void session_done(struct session *s)
{
	s->null = fd_close(s->null);
}
