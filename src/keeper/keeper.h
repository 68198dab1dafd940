/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper's own state, which its successor does not need: connections, timers, the turn of the
 * consoles. What must live on is in the table and the holdings.
 *
 *   keeper.c    the loop           requests.c  clients
 *   slots.c     a machine's life   pumping.c   whose console is read next
 */
#pragma once

#include "base/err.h"
#include "keeper/holdings.h"
#include "keeper/table.h"
#include "model/keeper_message.h"

#include <stdbool.h>

#define KEEPER_CONNECTIONS 1024u
#define KEEPER_REMEMBER_USEC (60u * 1000000u)

/* What an event of epoll(7) is about: the kind in the upper half, a number in the lower. */
enum watch {
	WATCH_UNSET = 0,
	WATCH_LISTENER,
	WATCH_SIGNALS,
	WATCH_TIMER,
	WATCH_OTHER, /* the governor's pidfd */
	WATCH_CONNECTOR,
	WATCH_CONNECTION,
	WATCH_WORKER,
	WATCH_PIDFD,
	WATCH_MASTER,
	WATCH_MAX
};

enum connection_stage {
	CONNECTION_NEW = 0, /* its request has not come yet */
	CONNECTION_QUEUED,  /* START: until the machine's last run is cleaned up */
	CONNECTION_START,   /* until the worker is done */
	CONNECTION_END	    /* until the machine has ended */
};

struct connection {
	int fd; /* 0: free */
	uint32_t stage;
	uint32_t slot;
	uint32_t flags;
	uint64_t id;
	uint32_t fd_count;
	int fds[KEEPER_FDS_MAX]; /* QUEUED: of its request */
};

struct keeper {
	struct table *t;
	struct holdings *h;
	struct table_index index;
	int epoll, signals, timer, other, connector;
	uint64_t timer_due;	/* CLOCK_MONOTONIC, usec; UINT64_MAX: none */
	struct rebirth rebirth; /* of the governor */
	uint64_t busy_usec;	/* when there was last something to keep */
	bool reexec;
	uint32_t connected; /* connections from here on were never used */
	struct connection connections[KEEPER_CONNECTIONS];

	/* Consoles that have more to read, in turn; a ring. */
	uint16_t turn[TABLE_SLOTS];
	uint8_t has_turn[TABLE_SLOTS];
	uint32_t turn_first, turn_count;
	uint64_t tick_usec;
	size_t tick_bytes; /* may still be read in this tick, of all consoles */
};

/* keeper.c. Watches fd; `events` as of epoll_ctl(2). */
int keeper_watch_fd(struct keeper *k, int fd, uint32_t events, enum watch watch, uint32_t number);
/* The timer fires at `usec` or before. */
void keeper_schedule(struct keeper *k, uint64_t usec);
/* In the process that has loaded its holdings; does not return but to end the process. */
int keeper_main(struct holdings *h, struct table *t);

/* slots.c */
/* Starts (again); `fds` are borrowed. On failure the slot is as after a failed start. */
int slot_start(struct keeper *k, uint32_t slot, const int *fds, uint32_t flags, struct err *e);
void slot_worker_event(struct keeper *k, uint32_t slot);
void slot_pidfd_event(struct keeper *k, uint32_t slot);
void slot_no_restart(struct keeper *k, uint32_t slot);
/* Does what is due, schedules what is not. */
void slot_due(struct keeper *k, uint32_t slot, uint64_t now);
/* After a predecessor's death or an upgrade: watches again, goes on. */
void slot_resume(struct keeper *k, uint32_t slot);
bool slot_is_live(const struct table_slot *slot);

/* requests.c */
void requests_accept(struct keeper *k);
void requests_event(struct keeper *k, uint32_t connection);
/* The start of `slot` is decided: e->code 0 or the error. */
void requests_started(struct keeper *k, uint32_t slot, const struct err *e);
/* It has ended and is cleaned up; then the queued may start it. */
void requests_ended(struct keeper *k, uint32_t slot);
void requests_queued(struct keeper *k, uint32_t slot);

/* pumping.c */
void pumping_ready(struct keeper *k, uint32_t slot);
/* Reads consoles in turn; *ret_wait_msec: until it wants to be called again, -1: no need. */
void pumping_run(struct keeper *k, uint64_t now, int *ret_wait_msec);
/* All that a machine which has ended has written. */
void pumping_drain(struct keeper *k, uint32_t slot);

/* The governor's process. */
int governor_main(struct holdings *h, struct table *t);

/* Both: a line into the daemon's log. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Blocks the signals that both take by descriptor. */
int signals_open(int *ret_fd);
