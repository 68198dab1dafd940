/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/keeper.h"

#include "base/cleanup.h"
#include "keeper/console.h"
#include "keeper/ending.h"
#include "keeper/worker.h"
#include "kernel/process.h"
#include "kernel/process_events.h"
#include "model/paths.h"

#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>

#define EVENTS_AT_ONCE 64

int keeper_watch_fd(struct keeper *k, int fd, uint32_t events, enum watch watch, uint32_t number)
{
	struct epoll_event event = {.events = events, .data.u64 = (uint64_t)watch << 32 | number};

	return epoll_ctl(k->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

void keeper_schedule(struct keeper *k, uint64_t usec)
{
	struct itimerspec when = {.it_value = {.tv_sec = (time_t)(usec / 1000000),
					       .tv_nsec = (long)(usec % 1000000) * 1000 + 1}};

	if (usec >= k->timer_due)
		return;
	k->timer_due = usec;
	(void)timerfd_settime(k->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

/* On kernels that do not tell: machines that were here before us are not our children. */
static void connector_open(struct keeper *k)
{
	if (k->t->header.kernel_tells || k->t->header.high == 0)
		return;
	if (process_events_open(&k->connector, NULL) < 0)
		k->connector = 0;
	else
		(void)keeper_watch_fd(k, k->connector, EPOLLIN, WATCH_CONNECTOR, 0);
}

static void governor_bring_back(struct keeper *k)
{
	uint64_t now = clock_monotonic_usec();
	struct err e = ERR_INIT;

	if (k->t->header.stopping)
		return;
	if (!rebirth_is_due(&k->rebirth, now)) {
		keeper_schedule(k, now + REBIRTH_USEC);
		return;
	}
	if (holdings_spawn(k->h, k->t, ROLE_GOVERNOR, &k->other, &e) < 0) {
		say("%s", e.message);
		keeper_schedule(k, now + REBIRTH_USEC);
		return;
	}
	(void)keeper_watch_fd(k, k->other, EPOLLIN, WATCH_OTHER, 0);
}

static void governor_is_gone(struct keeper *k)
{
	ending_reap(k->t);
	(void)epoll_ctl(k->epoll, EPOLL_CTL_DEL, k->other, NULL);
	held_close(&k->other);
	if (!k->t->header.stopping)
		say("the governor ended; bringing it back");
	governor_bring_back(k);
}

static void on_signal(struct keeper *k)
{
	struct signalfd_siginfo info;

	while (read(k->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			ending_reap(k->t);
		else if (info.ssi_signo == SIGHUP)
			k->reexec = true;
		else
			k->t->header.stopping = 1;
	}
}

/* With nothing to keep for idle_usec, both processes end. */
static void idle_check(struct keeper *k, uint64_t now)
{
	const struct table_header *header = &k->t->header;

	if (header->stay)
		return;
	for (uint32_t i = 0; i < header->high; i++) {
		if (slot_is_live(table_slot(k->t, i)))
			k->busy_usec = now;
	}
	for (uint32_t i = 0; i < k->connected; i++) {
		if (k->connections[i].fd > 0)
			k->busy_usec = now;
	}
	if (now - k->busy_usec >= header->idle_usec)
		k->t->header.stopping = 1;
	else
		keeper_schedule(k, k->busy_usec + header->idle_usec);
}

static void on_timer(struct keeper *k)
{
	uint64_t now = clock_monotonic_usec(), expirations;

	(void)!read(k->timer, &expirations, sizeof(expirations));
	k->timer_due = UINT64_MAX;
	if (k->other <= 0)
		governor_bring_back(k);
	for (uint32_t i = 0; i < k->t->header.high; i++)
		slot_due(k, i, now);
	idle_check(k, now);
}

static void on_event(struct keeper *k, enum watch watch, uint32_t number)
{
	switch (watch) {
	case WATCH_LISTENER:
		requests_accept(k);
		break;
	case WATCH_SIGNALS:
		on_signal(k);
		break;
	case WATCH_TIMER:
		on_timer(k);
		break;
	case WATCH_OTHER:
		governor_is_gone(k);
		break;
	case WATCH_CONNECTOR:
		ending_events(k->t, k->connector);
		break;
	case WATCH_CONNECTION:
		requests_event(k, number);
		break;
	case WATCH_WORKER:
		slot_worker_event(k, number);
		break;
	case WATCH_PIDFD:
		slot_pidfd_event(k, number);
		break;
	case WATCH_MASTER:
		pumping_ready(k, number);
		break;
	case WATCH_UNSET:
	case WATCH_MAX:
		break;
	}
}

/* The pid and all children stay. Clients' connections do not: they ask again. */
static void reexec(struct keeper *k)
{
	struct err e = ERR_INIT;

	k->reexec = false;
	link_send(k->h, LINK_REEXEC, TABLE_NONE, NULL, 0);
	(void)holdings_exec(k->h, k->t, -EBADF, ROLE_KEEPER, &e);
	say("upgrade: %s", e.message);
}

static int keeper_open(struct keeper *k)
{
	int r;

	k->timer_due = UINT64_MAX;
	k->busy_usec = clock_monotonic_usec();
	k->epoll = epoll_create1(EPOLL_CLOEXEC);
	k->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (k->epoll < 0 || k->timer < 0)
		return -errno;
	r = signals_open(&k->signals);
	if (r == 0)
		r = keeper_watch_fd(k, k->signals, EPOLLIN, WATCH_SIGNALS, 0);
	if (r == 0)
		r = keeper_watch_fd(k, k->timer, EPOLLIN, WATCH_TIMER, 0);
	if (r == 0)
		r = keeper_watch_fd(k, k->h->listener, EPOLLIN, WATCH_LISTENER, 0);
	return r;
}

static void keeper_take_over(struct keeper *k)
{
	table_index_build(&k->index, k->t);
	console_resume(k->h, k->t);
	if (process_open(k->t->header.governor_pid, &k->other, NULL) < 0)
		k->other = 0;
	if (k->other > 0)
		(void)keeper_watch_fd(k, k->other, EPOLLIN, WATCH_OTHER, 0);
	else
		governor_bring_back(k);
	connector_open(k);
	ending_reap(k->t);
	for (uint32_t i = 0; i < k->t->header.high; i++)
		slot_resume(k, i);
	keeper_schedule(k, k->busy_usec + k->t->header.idle_usec);
}

static void keeper_loop(struct keeper *k)
{
	struct epoll_event events[EVENTS_AT_ONCE];

	while (!k->t->header.stopping) {
		int wait_msec, n;

		pumping_run(k, clock_monotonic_usec(), &wait_msec);
		n = epoll_wait(k->epoll, events, EVENTS_AT_ONCE, wait_msec);
		for (int i = 0; i < n; i++)
			on_event(k, (enum watch)(events[i].data.u64 >> 32),
				 (uint32_t)events[i].data.u64);
		if (k->reexec)
			reexec(k);
	}
}

int keeper_main(struct holdings *h, struct table *t)
{
	static struct keeper k;
	char path[PATHS_MAX];
	int r;

	k.t = t;
	k.h = h;
	t->header.keeper_pid = getpid();
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	worker_hurry();
	r = keeper_open(&k);
	if (r < 0) {
		say("keeper: %s", strerrordesc_np(-r));
		return 1;
	}
	keeper_take_over(&k);
	keeper_loop(&k);
	(void)unlink(paths_run(&t->header.settings, "keeper.sock", path));
	return 0;
}
