/* SPDX-License-Identifier: Apache-2.0 */
/* A machine's life, from the keeper's side. */
#include "keeper/console.h"
#include "keeper/ending.h"
#include "keeper/keeper.h"
#include "keeper/worker.h"

#include "base/cleanup.h"
#include "kernel/channel.h"
#include "model/paths.h"
#include "model/spec.h"
#include "state/event.h"
#include "state/exit.h"

#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>

#define BACKOFF_MIN_USEC 1000000u
#define BACKOFF_MAX_USEC (60u * 1000000u)
/* A run that lasted so long was a success: the next back-off is the shortest again. */
#define RUN_GOOD_USEC (60u * 1000000u)
/* How long the other process may take to tell how a child of its own has ended. */
#define STATUS_WAIT_USEC 1000000u
#define STATUS_RETRY_USEC 20000u

bool slot_is_live(const struct table_slot *slot)
{
	return slot->state != SLOT_EMPTY && slot->state != SLOT_ENDED;
}

static void slot_end(struct keeper *k, uint32_t index, enum slot_state state, uint64_t due)
{
	struct table_slot *slot = table_slot(k->t, index);

	slot->due_usec = due;
	slot->state = state;
	keeper_schedule(k, due);
}

/* The governor has duplicates: closing ours alone would leave it watched. */
static void watched_close(struct keeper *k, int *fd)
{
	if (*fd > 0)
		(void)epoll_ctl(k->epoll, EPOLL_CTL_DEL, *fd, NULL);
	held_close(fd);
}

static void slot_forget_machine(struct keeper *k, uint32_t index)
{
	struct held *held = &k->h->slot[index];

	watched_close(k, &held->worker);
	watched_close(k, &held->pidfd);
	watched_close(k, &held->master);
	held_drop(held);
	link_send(k->h, LINK_DROP, index, NULL, 0);
}

static int worker_make(struct keeper *k, uint32_t index, struct worker_order *order, struct err *e)
{
	_cleanup_fd_ int theirs = -EBADF;
	struct table_slot *slot = table_slot(k->t, index);
	struct held *held = &k->h->slot[index];
	int fds[2], r;
	pid_t pid;

	r = channel_pair(fds);
	if (r < 0)
		return err_sys(e, r, "cannot make a worker for %s", slot->name);
	theirs = fds[1];
	watched_close(k, &held->worker);
	held->worker = fds[0];
	if (fcntl(held->worker, F_SETFL, O_NONBLOCK) < 0)
		return err_sys(e, -errno, "cannot make a worker for %s", slot->name);
	/* Before there is a worker, so that it always has somebody to talk to. */
	if (order->job == WORKER_START)
		link_send(k->h, LINK_WORKER, index, &held->worker, 1);
	r = keeper_watch_fd(k, held->worker, EPOLLIN, WATCH_WORKER, index);
	if (r < 0)
		return err_sys(e, r, "cannot make a worker for %s", slot->name);
	order->channel = theirs;
	pid = worker_fork(k->t, order);
	if (pid < 0)
		return err_sys(e, (int)pid, "cannot make a worker for %s", slot->name);
	slot->worker_pid = pid;
	return 0;
}

static void slot_clean(struct keeper *k, uint32_t index)
{
	struct worker_order order = {.job = WORKER_CLEAN, .slot = index};
	struct err e = ERR_INIT;

	table_slot(k->t, index)->state = SLOT_CLEANING;
	if (worker_make(k, index, &order, &e) == 0)
		return;
	say("%s", e.message);
	watched_close(k, &k->h->slot[index].worker);
	slot_end(k, index, SLOT_CLEANING, clock_monotonic_usec() + BACKOFF_MIN_USEC);
}

static bool restart_is_wanted(const struct table_slot *slot)
{
	if (slot->no_restart)
		return false;
	if (slot->restart == SPEC_RESTART_ALWAYS)
		return true;
	return slot->restart == SPEC_RESTART_ON_FAILURE &&
	       !(slot->exit.knowledge == EXIT_CODE && slot->exit.value == 0);
}

/* Nothing of the run is left but how it ended. */
static void slot_rest(struct keeper *k, uint32_t index)
{
	struct table_slot *slot = table_slot(k->t, index);
	uint64_t now = clock_monotonic_usec();

	slot_forget_machine(k, index);
	k->busy_usec = now;
	if (!restart_is_wanted(slot)) {
		slot->no_restart = 0;
		slot_end(k, index, SLOT_ENDED, now + KEEPER_REMEMBER_USEC);
		return;
	}
	if (slot->backoff_usec == 0 || now - slot->started_usec >= RUN_GOOD_USEC)
		slot->backoff_usec = BACKOFF_MIN_USEC;
	else if (slot->backoff_usec * 2 <= BACKOFF_MAX_USEC)
		slot->backoff_usec *= 2;
	else
		slot->backoff_usec = BACKOFF_MAX_USEC;
	slot_end(k, index, SLOT_WAITING, now + slot->backoff_usec);
}

/* A start has failed and left nothing. A first start is forgotten, a restart is tried again. */
static void slot_start_failed(struct keeper *k, uint32_t index, const struct err *e)
{
	struct table_slot *slot = table_slot(k->t, index);

	slot->start_failed = 0;
	requests_started(k, index, e);
	if (slot->restarts > 0) {
		say("restart of %s: %s", slot->name, e->message);
		event_append(&k->t->header.settings, slot->name, "restart-failed", e->message);
		slot->started_usec = clock_monotonic_usec();
		slot_rest(k, index);
	} else {
		slot_forget_machine(k, index);
		slot_end(k, index, SLOT_ENDED, 0);
	}
	requests_queued(k, index);
}

int slot_start(struct keeper *k, uint32_t index, const int *fds, uint32_t flags, struct err *e)
{
	struct worker_order order = {.job = WORKER_START,
				     .slot = index,
				     .flags = flags & (KEEPER_FLAG_INHERIT | KEEPER_FLAG_PROGRESS)};
	struct table_slot *slot = table_slot(k->t, index);
	size_t count =
		(flags & KEEPER_FLAG_INHERIT ? 3u : 0u) + (flags & KEEPER_FLAG_PROGRESS ? 1u : 0u);
	int r;

	if (count > 0)
		memcpy(order.fds, fds, count * sizeof(int));
	slot->init_pid = 0;
	slot->result = SLOT_RESULT_NONE;
	slot->wait_known = 0;
	slot->no_restart = 0;
	slot->start_failed = 0;
	slot->console = 0;
	slot->started_usec = clock_monotonic_usec();
	slot->state = SLOT_STARTING;
	r = worker_make(k, index, &order, e);
	if (r < 0) {
		slot_forget_machine(k, index);
		slot_end(k, index, SLOT_ENDED, 0);
	}
	return r;
}

static int register_fds(struct keeper *k, uint32_t index, const struct keeper_request *m, int *fds)
{
	struct table_slot *slot = table_slot(k->t, index);
	struct held *held = &k->h->slot[index];
	bool console = m->flags & KEEPER_FLAG_CONSOLE;
	int log = -EBADF, r;

	if (fds[0] <= 0 || (console && fds[1] <= 0) || m->machine.init_pid <= 1)
		return -EINVAL;
	if (console) {
		if (fcntl(fds[1], F_SETFL, O_RDWR | O_NONBLOCK) < 0)
			return -errno;
		r = console_open_log(&k->t->header.settings, slot->name, &log, NULL);
		if (r < 0)
			return r;
		slot->log_bytes = (uint64_t)lseek(log, 0, SEEK_CUR);
		slot->log_start = slot->log_bytes;
	}
	held->pidfd = TAKE_FD(fds[0]);
	held->master = console ? TAKE_FD(fds[1]) : 0;
	held->log = console ? log : 0;
	slot->console = console;
	/* The governor's queue has them before the worker hears that it may go on. */
	link_send(k->h, LINK_MACHINE, index, (const int[]){held->pidfd, held->master, held->log},
		  console ? 3 : 1);
	r = keeper_watch_fd(k, held->pidfd, EPOLLIN | EPOLLONESHOT, WATCH_PIDFD, index);
	if (r == 0 && console)
		r = keeper_watch_fd(k, held->master, EPOLLIN | EPOLLET, WATCH_MASTER, index);
	return r;
}

static void slot_register(struct keeper *k, uint32_t index, const struct keeper_request *m,
			  int *fds)
{
	struct table_slot *slot = table_slot(k->t, index);
	struct held *held = &k->h->slot[index];
	struct keeper_reply reply = {.magic = KEEPER_MAGIC, .kind = KEEPER_DONE};
	int r = 0;

	/* A worker that waited long asks again: its predecessor's answer may have been lost. */
	if (held->pidfd <= 0 || slot->init_pid != m->machine.init_pid)
		r = register_fds(k, index, m, fds);
	slot->init_start_ticks = m->machine.init_start_ticks;
	slot->restart = m->machine.restart;
	slot->ephemeral = m->machine.ephemeral;
	slot->log_max_bytes =
		m->machine.log_max_bytes ? m->machine.log_max_bytes : KEEPER_LOG_MAX_BYTES;
	slot->init_pid = m->machine.init_pid;
	if (r < 0)
		reply.kind = KEEPER_FAILED;
	(void)channel_send(held->worker, &reply, sizeof(reply), NULL, 0);
}

static void slot_running(struct keeper *k, uint32_t index)
{
	struct table_slot *slot = table_slot(k->t, index);
	struct held *held = &k->h->slot[index];
	struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT,
				    .data.u64 = (uint64_t)WATCH_PIDFD << 32 | index};
	const struct err none = ERR_INIT;

	slot->state = SLOT_RUNNING;
	watched_close(k, &held->worker);
	link_send(k->h, LINK_DROP_WORKER, index, NULL, 0);
	/* It may have ended meanwhile: armed again, it tells again. */
	(void)epoll_ctl(k->epoll, EPOLL_CTL_MOD, held->pidfd, &event);
	requests_started(k, index, &none);
}

static void slot_report(struct keeper *k, const struct table_slot *slot)
{
	static const char *const words[] = {"", "code", "signal", "unknown"};
	char detail[32];

	if (slot->exit.knowledge == EXIT_UNKNOWN)
		(void)snprintf(detail, sizeof(detail), "unknown");
	else
		(void)snprintf(detail, sizeof(detail), "%s %d", words[slot->exit.knowledge],
			       slot->exit.value);
	event_append(&k->t->header.settings, slot->name, "end", detail);
}

/* An ephemeral machine is gone now, and so is one that was deleted by force. */
static bool slot_is_defined(const struct keeper *k, const struct table_slot *slot)
{
	char path[PATHS_MAX];

	return !slot->ephemeral &&
	       access(paths_machine(&k->t->header.settings, slot->name, NULL, path), F_OK) == 0;
}

static void slot_cleaned(struct keeper *k, uint32_t index, const struct err *cleaning)
{
	struct table_slot *slot = table_slot(k->t, index);
	struct err e = ERR_INIT;

	watched_close(k, &k->h->slot[index].worker);
	if (cleaning->code < 0)
		say("clean %s: %s", slot->name, cleaning->message);
	if (slot->start_failed) {
		(void)err_set(&e, ERR_HOST, -ECHILD, "start %s: the worker was killed", slot->name);
		slot_start_failed(k, index, &e);
		return;
	}
	/* After the cleaning, which takes the machine's runtime directory away. */
	if (slot_is_defined(k, slot) &&
	    exit_write(&k->t->header.settings, slot->name, &slot->exit, &e) < 0)
		say("%s", e.message);
	slot_report(k, slot);
	slot_rest(k, index);
	requests_ended(k, index);
	requests_queued(k, index);
}

static void slot_result(struct keeper *k, uint32_t index, const struct err *e)
{
	struct table_slot *slot = table_slot(k->t, index);

	if (slot->state == SLOT_CLEANING) {
		slot_cleaned(k, index, e);
	} else if (slot->state == SLOT_STARTING && e->code < 0) {
		slot_start_failed(k, index, e);
	} else if (slot->state == SLOT_STARTING && k->h->slot[index].pidfd > 0) {
		slot_running(k, index);
	}
}

/* Without a message that we saw: what it left in the table tells; else it was killed. */
static void slot_worker_gone(struct keeper *k, uint32_t index)
{
	struct table_slot *slot = table_slot(k->t, index);
	struct err e = ERR_INIT;

	watched_close(k, &k->h->slot[index].worker);
	if (slot->state == SLOT_CLEANING) {
		/* Asked for again, not at once: it may be killed by something that goes on. */
		slot_end(k, index, SLOT_CLEANING, clock_monotonic_usec() + BACKOFF_MIN_USEC);
	} else if (slot->state == SLOT_STARTING && slot->result == SLOT_RESULT_DONE) {
		slot_result(k, index, &e);
	} else if (slot->state == SLOT_STARTING && slot->result == SLOT_RESULT_FAILED) {
		(void)err_set(&e, ERR_HOST, -ECHILD, "start %s failed", slot->name);
		slot_start_failed(k, index, &e);
	} else if (slot->state == SLOT_STARTING) {
		slot->start_failed = 1;
		slot_clean(k, index);
	}
}

void slot_worker_event(struct keeper *k, uint32_t index)
{
	int fds[2] = {-EBADF, -EBADF};
	struct keeper_request m;
	size_t count = 2;
	int r;

	if (k->h->slot[index].worker <= 0)
		return;
	r = channel_receive(k->h->slot[index].worker, &m, sizeof(m), fds, &count);
	if (r == -EAGAIN)
		return;
	if (r < 0 || m.magic != KEEPER_MAGIC) {
		slot_worker_gone(k, index);
		return;
	}
	m.err.message[ERR_MESSAGE_MAX - 1] = '\0';
	if (m.verb == KEEPER_REGISTER && table_slot(k->t, index)->state == SLOT_STARTING)
		slot_register(k, index, &m, fds);
	else if (m.verb == KEEPER_RESULT)
		slot_result(k, index, &m.err);
	(void)fd_close(fds[0]);
	(void)fd_close(fds[1]);
}

/* The init has ended: how, if anybody knows. */
static void slot_ask_status(struct keeper *k, uint32_t index, uint64_t now)
{
	struct table_slot *slot = table_slot(k->t, index);
	int r = ending_status(k->t, index, k->h->slot[index].pidfd, &slot->exit);

	if (r < 0 && now < slot->due_usec) {
		keeper_schedule(k, now + STATUS_RETRY_USEC);
		return;
	}
	if (r < 0)
		slot->exit = (struct exit_status){.knowledge = EXIT_UNKNOWN,
						  .ended_usec = clock_realtime_usec()};
	pumping_drain(k, index);
	slot_clean(k, index);
}

void slot_pidfd_event(struct keeper *k, uint32_t index)
{
	struct table_slot *slot = table_slot(k->t, index);
	uint64_t now = clock_monotonic_usec();

	/* While it is STARTING the worker's result comes first; it arms this event again. */
	if (slot->state != SLOT_RUNNING)
		return;
	slot->due_usec = now + STATUS_WAIT_USEC;
	slot->state = SLOT_ENDING;
	slot_ask_status(k, index, now);
}

void slot_no_restart(struct keeper *k, uint32_t index)
{
	struct table_slot *slot = table_slot(k->t, index);

	if (slot->state == SLOT_WAITING)
		slot_end(k, index, SLOT_ENDED, clock_monotonic_usec() + KEEPER_REMEMBER_USEC);
	else
		slot->no_restart = 1;
}

static void slot_restart(struct keeper *k, uint32_t index)
{
	struct table_slot *slot = table_slot(k->t, index);
	struct err e = ERR_INIT;

	slot->restarts++;
	event_append(&k->t->header.settings, slot->name, "restart", NULL);
	if (slot_start(k, index, NULL, 0, &e) < 0)
		slot_start_failed(k, index, &e);
}

void slot_due(struct keeper *k, uint32_t index, uint64_t now)
{
	struct table_slot *slot = table_slot(k->t, index);

	if (slot->state == SLOT_ENDING) {
		slot_ask_status(k, index, now);
		return;
	}
	if (slot->state != SLOT_WAITING && slot->state != SLOT_ENDED &&
	    !(slot->state == SLOT_CLEANING && k->h->slot[index].worker <= 0))
		return;
	if (now < slot->due_usec) {
		keeper_schedule(k, slot->due_usec);
		return;
	}
	if (slot->state == SLOT_WAITING)
		slot_restart(k, index);
	else if (slot->state == SLOT_CLEANING)
		slot_clean(k, index);
	else
		table_free(&k->index, k->t, index);
}

void slot_resume(struct keeper *k, uint32_t index)
{
	struct table_slot *slot = table_slot(k->t, index);
	struct held *held = &k->h->slot[index];

	if (slot->state == SLOT_EMPTY)
		return;
	if (held->pidfd > 0)
		(void)keeper_watch_fd(k, held->pidfd, EPOLLIN | EPOLLONESHOT, WATCH_PIDFD, index);
	if (held->master > 0) {
		(void)keeper_watch_fd(k, held->master, EPOLLIN | EPOLLET, WATCH_MASTER, index);
		pumping_ready(k, index);
	}
	if (held->worker > 0)
		(void)keeper_watch_fd(k, held->worker, EPOLLIN, WATCH_WORKER, index);
	else if (slot->state == SLOT_STARTING)
		slot_worker_gone(k, index);
	else if (slot->state == SLOT_CLEANING)
		slot_clean(k, index);
	keeper_schedule(k, slot->due_usec);
}
