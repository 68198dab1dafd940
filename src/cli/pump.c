/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pump.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "cli/terminal.h"
#include "kernel/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>

enum { CTRL_D = 0x04, CTRL_P = 0x10, CTRL_Q = 0x11 };

enum { POLL_SIGNALS, POLL_END, POLL_INPUT, POLL_MASTER, POLL_LOG, POLL_COUNT };

struct pump_state {
	struct pump *p;
	int signals;
	char keys[4096]; /* read from input, not yet taken by the pty */
	size_t key_count;
	bool held_ctrl_p;
	bool output_lost;
	enum pump_result result;
	int signal_number;
};

int pump_block_signals(int *ret_signals, struct err *e)
{
	static const int taken[] = {SIGINT,  SIGTERM, SIGHUP,	SIGQUIT,
				    SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT};
	sigset_t set;
	int fd;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		(void)sigaddset(&set, taken[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_sys(e, -errno, "cannot block signals");
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return err_sys(e, -errno, "cannot make a signalfd");
	*ret_signals = fd;
	return 0;
}

static void resize(const struct pump *p)
{
	uint16_t rows, columns;

	if (p->master >= 0 && terminal_size(p->output, &rows, &columns))
		(void)pty_resize(p->master, rows, columns);
}

/* When nobody reads any more, the program inside learns it as from a terminal that hung up. */
static void write_output(struct pump_state *s, const char *data, size_t bytes)
{
	if (s->output_lost || io_write_all(s->p->output, data, bytes) == 0)
		return;
	s->output_lost = true;
	if (s->p->forward)
		s->p->forward(SIGHUP, s->p->data);
	else
		s->result = PUMP_ENDED;
}

static void take_signal(struct pump_state *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		int number = (int)info.ssi_signo;

		if (number == SIGWINCH) {
			resize(s->p);
		} else if (number == SIGCONT) {
			terminal_raw_again();
			resize(s->p);
		} else if (s->p->forward) {
			s->p->forward(number, s->p->data);
		} else {
			s->result = PUMP_SIGNALLED;
			s->signal_number = number;
		}
	}
}

/* ctrl-p is held back until the next key tells what it was. */
static void take_key(struct pump_state *s, char key)
{
	if (s->held_ctrl_p) {
		s->held_ctrl_p = false;
		if (key == CTRL_Q) {
			s->result = PUMP_DETACHED;
			return;
		}
		s->keys[s->key_count++] = CTRL_P;
	}
	if (key == CTRL_P && s->p->detach_keys)
		s->held_ctrl_p = true;
	else
		s->keys[s->key_count++] = key;
}

static void take_input(struct pump_state *s)
{
	char typed[sizeof(s->keys) / 2];
	size_t room = (sizeof(s->keys) - s->key_count) / 2;
	ssize_t n = read(s->p->input, typed, room);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		/* What a terminal would say at the end of a file. */
		s->keys[s->key_count++] = CTRL_D;
		s->p->input = -EBADF;
		return;
	}
	for (ssize_t i = 0; i < n && s->result == PUMP_UNSET; i++)
		take_key(s, typed[i]);
}

static void give_keys(struct pump_state *s)
{
	ssize_t n;

	if (s->p->master < 0) {
		s->key_count = 0;
		return;
	}
	n = write(s->p->master, s->keys, s->key_count);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		s->key_count = 0;
	if (n > 0) {
		s->key_count -= (size_t)n;
		memmove(s->keys, s->keys + n, s->key_count);
	}
}

/* EIO: no program has the other side open. Returns false when there is nothing more now. */
static bool take_master(struct pump_state *s)
{
	char data[16384];
	ssize_t n = read(s->p->master, data, sizeof(data));

	if (n > 0)
		write_output(s, data, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		s->p->read_master = false;
	return n > 0;
}

static bool take_log(struct pump_state *s)
{
	char data[16384];
	ssize_t n = log_follow_read(s->p->log, data, sizeof(data), NULL);

	if (n > 0)
		write_output(s, data, (size_t)n);
	return n > 0;
}

static void drain(struct pump_state *s)
{
	while (s->p->log && take_log(s))
		;
	while (s->p->read_master && take_master(s))
		;
}

static void poll_prepare(const struct pump_state *s, struct pollfd fds[static POLL_COUNT])
{
	const struct pump *p = s->p;
	bool room = s->key_count < sizeof(s->keys) / 2;
	short master = (short)((p->read_master ? POLLIN : 0) | (s->key_count ? POLLOUT : 0));

	fds[POLL_SIGNALS] = (struct pollfd){.fd = s->signals, .events = POLLIN};
	fds[POLL_END] = (struct pollfd){.fd = p->end, .events = POLLIN};
	fds[POLL_INPUT] = (struct pollfd){.fd = room ? p->input : -1, .events = POLLIN};
	/* With no events wanted a hung-up pty would still wake us, again and again. */
	fds[POLL_MASTER] = (struct pollfd){.fd = master ? p->master : -1, .events = master};
	fds[POLL_LOG] = (struct pollfd){.fd = p->log ? p->log->notify : -1, .events = POLLIN};
}

static int pump_step(struct pump_state *s, struct err *e)
{
	struct pollfd fds[POLL_COUNT];

	poll_prepare(s, fds);
	if (poll(fds, POLL_COUNT, -1) < 0)
		return errno == EINTR ? 0 : err_sys(e, -errno, "cannot wait for input");
	if (fds[POLL_SIGNALS].revents)
		take_signal(s);
	if (fds[POLL_INPUT].revents)
		take_input(s);
	if (s->key_count && (fds[POLL_MASTER].revents || fds[POLL_INPUT].revents))
		give_keys(s);
	if (s->p->read_master && (fds[POLL_MASTER].revents & (POLLIN | POLLHUP | POLLERR)))
		(void)take_master(s);
	while (fds[POLL_LOG].revents && take_log(s))
		;
	if (fds[POLL_END].revents && s->result == PUMP_UNSET &&
	    (!s->p->ended || s->p->ended(s->p))) {
		drain(s);
		s->result = PUMP_ENDED;
	}
	return 0;
}

static void set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0 && !(flags & O_NONBLOCK))
		(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int pump_run(struct pump *p, int signals, enum pump_result *ret, int *ret_signal, struct err *e)
{
	struct pump_state s = {.p = p, .signals = signals};
	int r = 0;

	if (p->master >= 0)
		set_nonblocking(p->master);
	resize(p);
	while (p->log && take_log(&s))
		;
	while (r == 0 && s.result == PUMP_UNSET)
		r = pump_step(&s, e);
	if (r < 0)
		return r;
	*ret = s.result;
	*ret_signal = s.signal_number;
	return 0;
}
