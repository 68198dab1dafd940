/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The descriptors that both processes hold, each its own duplicates. The keeper gets them first
 * and sends them at once over the link: they lie in the governor's receive queue even when the
 * keeper dies before the governor has looked. Who brings the other back hands them over through
 * exec: their numbers stand in a memfd.
 *
 * 0 means none here (descriptor 0 is /dev/null in both), so that unused slots cost no memory.
 */
#pragma once

#include "base/err.h"
#include "keeper/table.h"

struct held {
	int pidfd;
	int master; /* of the console's pty */
	int log;
	int log_next; /* while it is rotated */
	int worker;   /* our end of the channel to the worker that starts it */
};

struct holdings {
	int listener;
	int table;
	int lock;    /* held while either lives: one bulkheadd for each instance */
	int program; /* our executable: the other is made from the same file */
	int pump[2]; /* the pipe that the console bytes pass (console.h) */
	int link;    /* to the other process */
	struct held slot[TABLE_SLOTS];
};

enum link_verb {
	LINK_UNSET = 0,
	LINK_WORKER,   /* slot; fd: worker */
	LINK_MACHINE,  /* slot; fds: pidfd, or pidfd, master, log */
	LINK_LOG_NEXT, /* slot; fd: the next log */
	LINK_LOG_SWITCHED,
	LINK_DROP_WORKER,
	LINK_DROP,   /* all of the slot */
	LINK_REEXEC, /* execute header.file */
	LINK_VERB_MAX
};

struct link_message {
	uint32_t verb;
	uint32_t slot;
};

/* Keeper. Best effort: a governor that is dead or does not read is brought back with everything. */
void link_send(const struct holdings *h, enum link_verb verb, uint32_t slot, const int *fds,
	       size_t count);

/* Governor: takes in one message. -EAGAIN: none; -ECONNRESET: no more will come.
 * *ret_verb tells what it was. */
int link_receive(struct holdings *h, enum link_verb *ret_verb);

/* Closes, and leaves 0. */
void held_close(int *fd);
void held_drop(struct held *held);

enum role { ROLE_UNSET = 0, ROLE_KEEPER, ROLE_GOVERNOR, ROLE_MAX };

/*
 * Executes `program` (a descriptor, or -EBADF: the path header.file) in this process as `role`,
 * with all of `h`; `h->link` is its end of the link. Returns only on failure. Between fork and exec
 * of a successor this runs in the child.
 */
int holdings_exec(struct holdings *h, struct table *t, int program, enum role role, struct err *e);

/* The other is brought back at once; when it has died young so many times in a row, every 200 ms.
 */
#define REBIRTH_USEC 200000u
#define REBIRTH_HASTY 20u

struct rebirth {
	uint64_t born_usec; /* when it was last brought back */
	uint32_t hasty;	    /* deaths in a row of one that was younger than REBIRTH_USEC */
};

/* True: now, and counted. */
bool rebirth_is_due(struct rebirth *b, uint64_t now);

/* Makes the other process: a new link, fork, exec. Replaces h->link; the child's pidfd is given. */
int holdings_spawn(struct holdings *h, struct table *t, enum role role, int *ret_pidfd,
		   struct err *e);

/* In the new process. Everything is close-on-exec again. */
int holdings_load(int handover, struct holdings *h, struct table **ret_table, struct err *e);
