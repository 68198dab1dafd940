/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Client of bulkheadd (model/keeper_message.h). Starts it when it does not answer: fork, setsid,
 * exec of the bulkheadd beside this program (in a build tree, ../keeper/bulkheadd), or of the
 * installed one; through systemd where PID 1 is systemd, the unit is installed and the directories
 * are the default ones. $BULKHEADD names another file.
 *
 * A connection that breaks is no error: the keeper was killed and is whole again within a second,
 * so every call here connects again and asks the same thing again, for at most 10 s.
 */
#pragma once

#include "base/err.h"
#include "model/keeper_message.h"
#include "model/settings.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

/* Connected socket; -ECONNREFUSED only with `start` false. */
int keeper_connect(const struct settings *s, bool start, int *ret_socket, struct err *e);

/* A wish that is under way: after keeper_start(), its end is awaited. */
struct keeper_link {
	const struct settings *settings;
	int socket; /* poll it for reading, then call keeper_link_receive() */
	struct keeper_request again;
};
#define KEEPER_LINK_INIT ((struct keeper_link){.socket = -EBADF})

/* What a console is made of; see ATTACH. Both -EBADF when there is none. */
struct keeper_console {
	int master; /* write input, pty_resize(); never read */
	int log;    /* give it to log_follow_open(), which owns it then */
	uint64_t log_offset;
};
#define KEEPER_CONSOLE_INIT ((struct keeper_console){.master = -EBADF, .log = -EBADF})

struct keeper_start {
	const char *name;
	const int *stdio; /* three, when the definition says INHERIT; else NULL */
	int progress;	  /* gets the worker's warnings as text; -EBADF: none. Stays the caller's */
};

/*
 * Starts a machine; returns when it runs. `ret_link`: NULL, or the link on which its end is told.
 * `ret_console`: NULL, or the console. The error is the worker's own (ERR_REFUSED and so on).
 */
int keeper_start(const struct settings *s, const struct keeper_start *start,
		 struct keeper_console *ret_console, struct keeper_link *ret_link, struct err *e);

/* A link on which the end of a machine that runs is told. -ESRCH: see WAIT. */
int keeper_watch(const struct settings *s, const char *name, struct keeper_link *ret_link,
		 struct err *e);

/* Waits for the end. */
int keeper_link_wait(struct keeper_link *link, struct exit_status *ret_exit, struct err *e);

/* Once the socket is readable: 0 and the end; -EAGAIN: not yet, poll link->socket (which may be
 * another one now) again. */
int keeper_link_receive(struct keeper_link *link, struct exit_status *ret_exit, struct err *e);

int keeper_attach(const struct settings *s, const char *name, struct keeper_console *ret_console,
		  struct err *e);

/* NO_RESTART, UPDATE, REEXEC, SHUTDOWN, PING: one request, one reply. Does not start bulkheadd:
 * -ECONNREFUSED when it does not run. `ret_reply` may be NULL. */
int keeper_tell(const struct settings *s, enum keeper_verb verb,
		const struct keeper_machine *machine, struct keeper_reply *ret_reply,
		struct err *e);

void keeper_link_close(struct keeper_link *link);
void keeper_console_close(struct keeper_console *console);
#define _cleanup_keeper_link_ __attribute__((cleanup(keeper_link_close)))
#define _cleanup_keeper_console_ __attribute__((cleanup(keeper_console_close)))
