/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The protocol of bulkheadd's socket (RUN/keeper.sock, SOCK_SEQPACKET, mode 0600). Messages have a
 * fixed size and no pointers, so the keeper parses nothing: it compares numbers and bounds.
 * Descriptors travel as SCM_RIGHTS. The keeper checks SO_PEERCRED: uid 0 of its own user namespace
 * only. machine/keeper_client.h is the client; nothing else speaks this.
 *
 *   START    name, id; fds: the three of the client with KEEPER_FLAG_INHERIT, then one more with
 *            KEEPER_FLAG_PROGRESS: it becomes the worker's standard error.
 *            The keeper forks a worker, which starts the machine through machine/lifecycle.h.
 *            DONE when it runs, FAILED when not. With KEEPER_FLAG_WAIT a second reply, ENDED, when
 *            it ended. With KEEPER_FLAG_ATTACH the first reply carries the console, as ATTACH does.
 *            `id` is random and names this wish: a client whose connection broke (the keeper was
 *            killed) sends the same message again; when the machine of that id is starting, runs or
 *            has ended, the answer is about that one. Another id: FAILED with -EEXIST.
 *   ATTACH   DONE with two descriptors: the pty's master (non-blocking) and the log, for reading.
 *            Input, size and hang-up go through the master. Nobody but the keeper ever READS the
 *            master: two readers would steal from each other. Output is read from the log,
 *            from `log_offset` on (START: where this run's output begins; ATTACH: the end), with
 *            machine/log_follow.h, which wakes by inotify and follows rotation. So no client can
 *            hold up a machine, and the death of the keeper loses nothing of the output.
 *            -ENOTTY: the machine has no console (INHERIT); -ENXIO: it was lost with both
 * processes. WAIT     ENDED when the machine has ended, with or without a restart to follow; at
 * once when it has ended already and is remembered (60 s). `id` 0: whichever run is the present
 * one. -ESRCH: neither running nor remembered (state/exit.h tells more). The console's last output
 * is in the log, the exit file written and the machine cleaned before ENDED. STOP, KILL are not
 * here: any command does these by itself with the pidfd and the cgroup. The keeper notices the end.
 *   NO_RESTART  the next end of this machine is wanted: the restart policy does not apply to it. A
 *            restart that waits for its back-off is cancelled. -ESRCH: not known.
 *   UPDATE   `restart` and `log_max_bytes` of a running machine change to those of the message.
 *   REGISTER worker -> keeper, on the worker's own socketpair: the machine in `machine`; fds:
 * pidfd, and with KEEPER_FLAG_CONSOLE the pty's master. Reply: both processes hold them. RESULT
 * worker -> keeper: `err`. REEXEC   both processes execute the file again and keep everything
 * (upgrade). SHUTDOWN both processes end; machines go on (the next command adopts them, without
 * console). PING     DONE at once, with the pids of keeper and governor.
 */
#pragma once

#include "base/err.h"
#include "model/name.h"
#include "model/record.h"

#include <stdint.h>

#define KEEPER_MAGIC 0x424b4832u	     /* "BKH2"; changes when a struct below changes */
#define KEEPER_LOG_MAX_BYTES (1024u * 1024u) /* where a definition says nothing */

enum keeper_verb {
	KEEPER_UNSET = 0,
	KEEPER_PING,
	KEEPER_START,
	KEEPER_ATTACH,
	KEEPER_WAIT,
	KEEPER_NO_RESTART,
	KEEPER_UPDATE,
	KEEPER_REGISTER,
	KEEPER_RESULT,
	KEEPER_REEXEC,
	KEEPER_SHUTDOWN,
	KEEPER_VERB_MAX
};

enum keeper_flag {
	KEEPER_FLAG_WAIT = 1,	 /* START: send ENDED as a second reply */
	KEEPER_FLAG_ATTACH = 2,	 /* START: send the console */
	KEEPER_FLAG_INHERIT = 4, /* START: the first three descriptors become the machine's stdio */
	KEEPER_FLAG_PROGRESS = 8, /* START: the last descriptor becomes the worker's stderr */
	KEEPER_FLAG_CONSOLE = 16  /* REGISTER: the second descriptor is a pty master */
};

#define KEEPER_FDS_MAX 4

struct keeper_machine {
	char name[NAME_LENGTH_MAX + 1];
	int32_t init_pid;
	uint32_t restart; /* enum spec_restart */
	uint64_t init_start_ticks;
	uint64_t log_max_bytes; /* console.log is rotated at this size; one older file is kept */
	uint32_t ephemeral;	/* 1: deleted by the keeper's worker after its end */
	uint32_t spare;
};

struct keeper_request {
	uint32_t magic;
	uint32_t verb;
	uint32_t flags;
	uint32_t fd_count;
	uint64_t id;		       /* START, WAIT */
	struct keeper_machine machine; /* all but PING, REEXEC, SHUTDOWN: at least the name */
	struct err err;		       /* RESULT; code 0: it runs */
};

enum keeper_reply_kind { KEEPER_REPLY_UNSET = 0, KEEPER_DONE, KEEPER_FAILED, KEEPER_ENDED };

/* Descriptors of a reply that carries the console. */
enum keeper_console_fd { KEEPER_CONSOLE_MASTER = 0, KEEPER_CONSOLE_LOG, KEEPER_CONSOLE_FDS };

struct keeper_reply {
	uint32_t magic;
	uint32_t kind;
	int32_t keeper_pid;
	int32_t governor_pid;
	int32_t init_pid;
	uint32_t fd_count;
	uint64_t id;		 /* of the run that is meant */
	uint64_t log_offset;	 /* with the console; bytes */
	struct exit_status exit; /* KEEPER_ENDED */
	struct err err;		 /* KEEPER_FAILED */
};
