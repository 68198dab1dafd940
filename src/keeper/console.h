/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Consoles: from the pty's master into the log without a byte being lost whoever dies when.
 *
 * The bytes never are in the memory of a process: splice(2) moves them from the master into a pipe
 * that both processes hold, and from the pipe into the log, each move one system call that a signal
 * cannot divide. header.pump_slot, set before the first, says whose bytes are in the pipe. The
 * position in the log is that of the open file description, which both processes share. So a
 * successor finds what its predecessor left in the pipe and finishes it.
 *
 * The keeper only. A master that has hung up (no slave is open) reports EPOLLHUP for ever: masters
 * are watched edge-triggered, and read until they are empty.
 */
#pragma once

#include "base/err.h"
#include "keeper/holdings.h"
#include "keeper/table.h"

enum console_state {
	CONSOLE_EMPTY = 0, /* nothing for now; an edge will tell */
	CONSOLE_MORE,	   /* the budget is used up: call again */
	CONSOLE_HUNG_UP	   /* no slave is open; one may be opened again */
};

/* Opens (makes) ROOT/machines/NAME/console.log for appending. Its position is its end. */
int console_open_log(const struct settings *s, const char *name, int *ret_fd, struct err *e);

/* Moves at most `budget` bytes of one machine; *ret_moved. Rotates when the log is full. */
enum console_state console_pump(struct holdings *h, struct table *t, uint32_t slot, size_t budget,
				size_t *ret_moved);

/* A line of ours into the log. */
void console_note(int log, const char *text);

/* After a predecessor's death: what it left in the pipe, rotations that it did not finish. */
void console_resume(struct holdings *h, struct table *t);

/* A descriptor of its own for reading the log of a slot. Owner: caller. */
int console_reader(const struct held *held, int *ret_fd);
