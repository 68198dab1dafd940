/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The protocol of bulkheadd's socket (RUN/keeper.sock, SOCK_SEQPACKET, mode 0600). Messages have a
 * fixed size and no pointers, so the keeper parses nothing: it compares numbers and bounds.
 *
 * One request, one reply, on one connection; descriptors travel as SCM_RIGHTS. The keeper checks
 * SO_PEERCRED: uid 0 of its own user namespace only.
 *
 *   START    client -> keeper: name; fds: the three of the client when the spec says INHERIT, and
 *            an optional 4th: a pipe that gets progress and warnings as text.
 *            The keeper forks a worker, which starts the machine through machine/lifecycle.h and
 *            registers it. Reply when it runs or failed. With KEEPER_WAIT a second reply (ENDED)
 *            comes when the machine ended. With KEEPER_ATTACH the first reply carries a descriptor
 *            of the console's pty master.
 *   ATTACH   reply carries the console's pty master (a duplicate; non-blocking). The keeper stays
 *            the only reader: who is attached writes input and resizes through the duplicate and
 *            follows ROOT/machines/NAME/console.log for the output. ENDED is sent when the console
 *            is drained into the log; the log is appended to, never replaced but by rotation.
 *   WAIT     reply when the machine has ended (also when it ended before and is kept).
 *   STOP, KILL are not here: any command does these by itself with the pidfd and the cgroup. The
 *            keeper notices the end. NO_RESTART tells it that an end is wanted: the restart policy
 *            does not apply to the next end of this machine.
 *   REGISTER worker -> keeper (on the worker's own socketpair): the machine in `machine`; fds:
 *            pidfd, pty master or none, console log or none. Reply: the keeper and the governor
 *            hold them.
 *   REEXEC   the keeper executes its file again and keeps everything (upgrade).
 *   PING     reply at once; tells the pids of keeper and governor.
 */
#pragma once

#include "base/err.h"
#include "model/name.h"
#include "model/record.h"

#include <stdint.h>

#define KEEPER_MAGIC 0x424b4831u /* "BKH1"; changes when a struct below changes */

enum keeper_verb {
	KEEPER_UNSET = 0,
	KEEPER_PING,
	KEEPER_START,
	KEEPER_ATTACH,
	KEEPER_WAIT,
	KEEPER_NO_RESTART,
	KEEPER_REGISTER,
	KEEPER_REEXEC,
	KEEPER_SHUTDOWN, /* both processes end; machines go on (the next command adopts them) */
	KEEPER_VERB_MAX
};

enum keeper_flag {
	KEEPER_FLAG_WAIT = 1,   /* START: send ENDED as a second reply */
	KEEPER_FLAG_ATTACH = 2, /* START: send the console */
	KEEPER_FLAG_INHERIT = 4 /* START: the first three descriptors become the machine's stdio */
};

struct keeper_machine {
	char name[NAME_LENGTH_MAX + 1];
	int32_t init_pid;
	uint64_t init_start_ticks;
	uint32_t restart;       /* enum spec_restart */
	uint32_t ephemeral;     /* 1: deleted by the keeper's worker after its end */
	uint64_t log_max_bytes; /* console.log is rotated at this size; one older file is kept */
};

struct keeper_request {
	uint32_t magic;
	uint32_t verb;
	uint32_t flags;
	uint32_t fd_count;
	struct keeper_machine machine; /* START, ATTACH, WAIT, NO_RESTART: only the name */
};

enum keeper_reply_kind { KEEPER_REPLY_UNSET = 0, KEEPER_DONE, KEEPER_FAILED, KEEPER_ENDED };

struct keeper_reply {
	uint32_t magic;
	uint32_t kind;
	int32_t keeper_pid;
	int32_t governor_pid;
	int32_t init_pid;
	struct exit_status exit; /* KEEPER_ENDED */
	struct err err;          /* KEEPER_FAILED */
};
