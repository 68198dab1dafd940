/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command in a machine gets as its standard input and output: our own descriptors as they
 * are, or a terminal that is pumped to and from ours. Options --tty and --interactive.
 */
#pragma once

#include "cli/pump.h"
#include "cli/verb.h"
#include "model/record.h"

struct session {
	bool tty;
	bool interactive;
	int stdio[3]; /* for a command without a terminal; borrowed, but for `null` */
	int null;     /* /dev/null, when it is in stdio */
};

#define SESSION_INIT ((struct session){.null = -EBADF})

/*
 * By default a terminal when standard input and output are terminals: a program in a machine is not
 * handed the descriptor of the host's terminal unless --tty=no asks for it.
 */
int session_choose(const struct call *c, struct session *ret, struct err *e);
/* Without options. */
void session_choose_tty(struct session *ret, bool tty);
/* All three are /dev/null (exec --detach). */
int session_detach(struct session *s, struct err *e);

/*
 * Pumps until the end, with our terminal raw when the session has one. `signals` from
 * pump_block_signals(); afterwards the terminal is as it was.
 */
int session_pump(const struct session *s, struct pump *p, int signals, enum pump_result *ret,
		 struct err *e);

/* Exit code of ours for the way in which a command or machine ended; 125 when it is not known. */
int session_exit_code(const struct exit_status *exit);
int session_wait_code(int wait_status);

void session_done(struct session *s);
#define _cleanup_session_ __attribute__((cleanup(session_done)))
