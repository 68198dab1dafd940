/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one loop that stands between a person (or a script) and a program in a machine: keys to the
 * pty, output back, window size, signals, the end. Used by run, exec, enter, console and logs.
 */
#pragma once

#include "base/err.h"
#include "machine/log_follow.h"

#include <stdbool.h>

struct pump {
	int input;	  /* our end: read from here; -EBADF: nothing is passed on */
	int output;	  /* and written to here */
	int master;	  /* the pty; -EBADF: none */
	bool read_master; /* its output is ours to read (else the keeper reads it into the log) */
	struct log_follow *log; /* output comes from here; NULL: from master, or from nowhere */
	int end;		/* pollable: it is over. -EBADF: only a signal ends it */
	bool detach_keys;	/* ctrl-p ctrl-q */

	/* `end` is readable: true when it really is over; may change p->end. NULL: it is over. */
	bool (*ended)(struct pump *p);

	/* SIGINT, SIGTERM, SIGHUP, SIGQUIT are given here; NULL: they end the loop. */
	void (*forward)(int signal_number, void *data);
	void *data;
};

#define PUMP_INIT \
	((struct pump){.input = -EBADF, .output = -EBADF, .master = -EBADF, .end = -EBADF})

enum pump_result { PUMP_UNSET = 0, PUMP_ENDED, PUMP_DETACHED, PUMP_SIGNALLED };

/*
 * Signals that the loop takes are blocked by this call; so it comes after whatever forks, and
 * before whatever must not be left alone.
 */
int pump_block_signals(int *ret_signals, struct err *e);

/* `signals` from above. *ret_signal, when PUMP_SIGNALLED: which. All output was written at
 * PUMP_ENDED. */
int pump_run(struct pump *p, int signals, enum pump_result *ret, int *ret_signal, struct err *e);
