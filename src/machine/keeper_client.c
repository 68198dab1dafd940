/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/keeper_client.h"

#include "base/cleanup.h"
#include "kernel/channel.h"
#include "state/exit.h"

#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define PATIENCE_USEC (10u * 1000000u)
#define PAUSE_MSEC 20

/* One request as it is repeated while the keeper comes back. */
struct call {
	const struct keeper_request *request;
	const int *fds;
	bool start; /* bulkheadd may be started for it */
};

struct answer {
	struct keeper_reply reply;
	int socket;
	int fds[KEEPER_CONSOLE_FDS];
};

static void answer_close(struct answer *a)
{
	a->socket = fd_close(a->socket);
	for (size_t i = 0; i < KEEPER_CONSOLE_FDS; i++)
		a->fds[i] = fd_close(a->fds[i]);
}
#define _cleanup_answer_ __attribute__((cleanup(answer_close)))
#define ANSWER_INIT ((struct answer){.socket = -EBADF, .fds = {-EBADF, -EBADF}})

static uint64_t now_usec(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static bool is_broken(int r)
{
	return r == -ECONNRESET || r == -EPIPE || r == -ENOTCONN;
}

static int answer_receive(struct answer *a, struct err *e)
{
	size_t count = KEEPER_CONSOLE_FDS;
	int r = channel_receive(a->socket, &a->reply, sizeof(a->reply), a->fds, &count);

	if (r < 0)
		return err_sys(e, r, "no answer from bulkheadd");
	if (a->reply.magic != KEEPER_MAGIC || a->reply.fd_count != count)
		return err_set(
			e, ERR_HOST, -EPROTO,
			"bulkheadd is of another version; 'bulkheadd --reexec' makes it execute "
			"the installed file");
	a->reply.err.message[ERR_MESSAGE_MAX - 1] = '\0';
	if (a->reply.kind != KEEPER_FAILED)
		return 0;
	if (e)
		*e = a->reply.err;
	return a->reply.err.code < 0 ? a->reply.err.code : -EIO;
}

static int call_once(const struct settings *s, const struct call *c, struct answer *a,
		     struct err *e)
{
	int r;

	answer_close(a);
	r = keeper_connect(s, c->start, &a->socket, e);
	if (r < 0)
		return r;
	r = channel_send(a->socket, c->request, sizeof(*c->request), c->fds, c->request->fd_count);
	if (r < 0)
		return err_sys(e, r, "cannot ask bulkheadd");
	return answer_receive(a, e);
}

static int call_patiently(const struct settings *s, const struct call *c, struct answer *a,
			  struct err *e)
{
	uint64_t deadline = now_usec() + PATIENCE_USEC;
	int r;

	for (;;) {
		struct err now = ERR_INIT;

		r = call_once(s, c, a, &now);
		if (!is_broken(r) || now_usec() >= deadline) {
			if (e && r < 0)
				*e = now;
			return r;
		}
		(void)poll(NULL, 0, PAUSE_MSEC);
	}
}

static int request_for(enum keeper_verb verb, const char *name, struct keeper_request *ret,
		       struct err *e)
{
	*ret = (struct keeper_request){.magic = KEEPER_MAGIC, .verb = (uint32_t)verb};
	if (!name)
		return 0;
	if (!name_is_valid(name))
		return name_check("machine", name, e);
	(void)snprintf(ret->machine.name, sizeof(ret->machine.name), "%s", name);
	return 0;
}

static void console_take(struct answer *a, struct keeper_console *ret)
{
	ret->master = TAKE_FD(a->fds[KEEPER_CONSOLE_MASTER]);
	ret->log = TAKE_FD(a->fds[KEEPER_CONSOLE_LOG]);
	ret->log_offset = a->reply.log_offset;
}

/* After the connection broke nothing is started a second time: the end of that run is asked for. */
static void link_take(const struct settings *s, struct answer *a, const char *name,
		      struct keeper_link *ret)
{
	*ret = (struct keeper_link){.settings = s, .socket = TAKE_FD(a->socket)};
	(void)request_for(KEEPER_WAIT, name, &ret->again, NULL);
	ret->again.id = a->reply.id;
}

int keeper_start(const struct settings *s, const struct keeper_start *start,
		 struct keeper_console *ret_console, struct keeper_link *ret_link, struct err *e)
{
	_cleanup_answer_ struct answer a = ANSWER_INIT;
	struct keeper_request request;
	int fds[KEEPER_FDS_MAX];
	int r = request_for(KEEPER_START, start->name, &request, e);

	if (r < 0)
		return r;
	if (getrandom(&request.id, sizeof(request.id), 0) != (ssize_t)sizeof(request.id))
		return err_sys(e, -errno, "no random numbers");
	if (start->stdio) {
		memcpy(fds, start->stdio, 3 * sizeof(int));
		request.flags |= KEEPER_FLAG_INHERIT;
		request.fd_count = 3;
	}
	if (start->progress >= 0) {
		fds[request.fd_count++] = start->progress;
		request.flags |= KEEPER_FLAG_PROGRESS;
	}
	request.flags |=
		(ret_console ? KEEPER_FLAG_ATTACH : 0u) | (ret_link ? KEEPER_FLAG_WAIT : 0u);
	r = call_patiently(s, &(struct call){.request = &request, .fds = fds, .start = true}, &a,
			   e);
	if (r < 0)
		return r;
	if (ret_console)
		console_take(&a, ret_console);
	if (ret_link)
		link_take(s, &a, start->name, ret_link);
	return 0;
}

int keeper_watch(const struct settings *s, const char *name, struct keeper_link *ret_link,
		 struct err *e)
{
	_cleanup_fd_ int socket = -EBADF;
	struct keeper_request request;
	int r = request_for(KEEPER_WAIT, name, &request, e);

	if (r < 0)
		return r;
	r = keeper_connect(s, true, &socket, e);
	if (r < 0)
		return r;
	r = channel_send(socket, &request, sizeof(request), NULL, 0);
	if (r < 0)
		return err_sys(e, r, "cannot ask bulkheadd");
	*ret_link =
		(struct keeper_link){.settings = s, .socket = TAKE_FD(socket), .again = request};
	return 0;
}

/* The new keeper knows the run no more: what it left on disk is the last word. */
static int link_forgotten(struct keeper_link *link, struct exit_status *ret_exit, struct err *e)
{
	int r = exit_read(link->settings, link->again.machine.name, ret_exit, NULL);

	if (r == 0)
		return 0;
	if (link->again.id == 0)
		return err_set(e, ERR_INPUT, -ESRCH, "machine %s does not run",
			       link->again.machine.name);
	*ret_exit = (struct exit_status){.knowledge = EXIT_UNKNOWN};
	return 0;
}

static int link_again(struct keeper_link *link, struct err *e)
{
	uint64_t deadline = now_usec() + PATIENCE_USEC;
	int r;

	for (;;) {
		struct err now = ERR_INIT;

		link->socket = fd_close(link->socket);
		r = keeper_connect(link->settings, true, &link->socket, &now);
		if (r == 0)
			r = channel_send(link->socket, &link->again, sizeof(link->again), NULL, 0);
		if (r == 0)
			return -EAGAIN;
		if (!is_broken(r) || now_usec() >= deadline) {
			if (e && now.code < 0)
				*e = now;
			return now.code < 0 ? r : err_sys(e, r, "cannot ask bulkheadd");
		}
		(void)poll(NULL, 0, PAUSE_MSEC);
	}
}

int keeper_link_receive(struct keeper_link *link, struct exit_status *ret_exit, struct err *e)
{
	struct answer a = ANSWER_INIT;
	struct err now = ERR_INIT;
	int r;

	a.socket = link->socket;
	r = answer_receive(&a, &now);
	a.socket = -EBADF;
	answer_close(&a);
	if (is_broken(r))
		return link_again(link, e);
	if (r == -ESRCH)
		return link_forgotten(link, ret_exit, e);
	if (e && r < 0)
		*e = now;
	if (r < 0)
		return r;
	if (a.reply.kind != KEEPER_ENDED)
		return -EAGAIN;
	*ret_exit = a.reply.exit;
	return 0;
}

int keeper_link_wait(struct keeper_link *link, struct exit_status *ret_exit, struct err *e)
{
	int r;

	do {
		r = keeper_link_receive(link, ret_exit, e);
	} while (r == -EAGAIN);
	return r;
}

int keeper_attach(const struct settings *s, const char *name, struct keeper_console *ret_console,
		  struct err *e)
{
	_cleanup_answer_ struct answer a = ANSWER_INIT;
	struct keeper_request request;
	int r = request_for(KEEPER_ATTACH, name, &request, e);

	if (r < 0)
		return r;
	r = call_patiently(s, &(struct call){.request = &request, .start = true}, &a, e);
	if (r < 0)
		return r;
	console_take(&a, ret_console);
	return 0;
}

int keeper_tell(const struct settings *s, enum keeper_verb verb,
		const struct keeper_machine *machine, struct keeper_reply *ret_reply, struct err *e)
{
	_cleanup_answer_ struct answer a = ANSWER_INIT;
	struct keeper_request request;
	int r = request_for(verb, machine ? machine->name : NULL, &request, e);

	if (r < 0)
		return r;
	if (machine)
		request.machine = *machine;
	r = call_patiently(s, &(struct call){.request = &request, .start = false}, &a, e);
	if (r < 0)
		return r;
	if (ret_reply)
		*ret_reply = a.reply;
	return 0;
}

void keeper_link_close(struct keeper_link *link)
{
	link->socket = fd_close(link->socket);
}

void keeper_console_close(struct keeper_console *console)
{
	console->master = fd_close(console->master);
	console->log = fd_close(console->log);
}
