/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The governor's process: drives governor/ every 100 ms, holds what the keeper holds, and brings
 * the keeper back.
 */
#include "keeper/keeper.h"

#include "base/cleanup.h"
#include "governor/governor.h"
#include "host/facts.h"
#include "keeper/ending.h"
#include "keeper/worker.h"
#include "kernel/process.h"
#include "kernel/process_events.h"

#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>

/* An error of every period is said once in so many. */
#define COMPLAIN_PERIODS 600u

struct watcher {
	struct table *t;
	struct holdings *h;
	struct governor *governor;
	int epoll, signals, timer, keeper, connector;
	struct rebirth rebirth; /* of the keeper */
	uint32_t silent;	/* periods until the next complaint */
	bool reexec;
};

static int watch(const struct watcher *w, int fd, enum watch what)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = what};

	return epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static void link_drain(struct watcher *w)
{
	enum link_verb verb;
	int r;

	while ((r = link_receive(w->h, &verb)) == 0) {
		if (verb == LINK_REEXEC)
			w->reexec = true;
	}
	/* Nobody is at the other end any more: the pidfd tells the rest. */
	if (r != -EAGAIN)
		(void)epoll_ctl(w->epoll, EPOLL_CTL_DEL, w->h->link, NULL);
}

static void keeper_bring_back(struct watcher *w)
{
	struct err e = ERR_INIT;

	if (w->t->header.stopping || !rebirth_is_due(&w->rebirth, clock_monotonic_usec()))
		return;
	if (holdings_spawn(w->h, w->t, ROLE_KEEPER, &w->keeper, &e) < 0) {
		say("%s", e.message);
		return;
	}
	(void)watch(w, w->keeper, WATCH_OTHER);
	(void)watch(w, w->h->link, WATCH_CONNECTION);
}

static void keeper_is_gone(struct watcher *w)
{
	/* First what it sent before it died, and the machines that are our children now. */
	link_drain(w);
	ending_reap(w->t);
	(void)epoll_ctl(w->epoll, EPOLL_CTL_DEL, w->keeper, NULL);
	held_close(&w->keeper);
	if (!w->t->header.stopping)
		say("the keeper ended; bringing it back");
	keeper_bring_back(w);
}

static void governor_open(struct watcher *w, struct err *e)
{
	struct host host;

	if (host_facts_get(&w->t->header.settings, &host, e) < 0)
		return;
	(void)governor_new(&w->t->header.settings, &host, &w->governor, e);
}

static void period(struct watcher *w)
{
	uint64_t expirations;
	struct err e = ERR_INIT;
	int r = -ENODEV;

	(void)!read(w->timer, &expirations, sizeof(expirations));
	if (w->keeper <= 0)
		keeper_bring_back(w);
	if (!w->governor)
		governor_open(w, &e);
	if (w->governor)
		r = governor_step(w->governor, clock_monotonic_usec(), &e);
	if (r == 0) {
		w->silent = 0;
	} else if (w->silent == 0) {
		say("governor: %s", e.message);
		w->silent = COMPLAIN_PERIODS;
	} else {
		w->silent--;
	}
}

static void on_signal(struct watcher *w)
{
	struct signalfd_siginfo info;

	while (read(w->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			ending_reap(w->t);
		else if (w->keeper > 0) /* the keeper decides: both do, or none */
			(void)process_signal(w->keeper, (int)info.ssi_signo, NULL);
		else if (info.ssi_signo != SIGHUP)
			w->t->header.stopping = 1;
	}
}

static void on_event(struct watcher *w, enum watch what)
{
	switch (what) {
	case WATCH_SIGNALS:
		on_signal(w);
		break;
	case WATCH_TIMER:
		period(w);
		break;
	case WATCH_OTHER:
		keeper_is_gone(w);
		break;
	case WATCH_CONNECTION:
		link_drain(w);
		break;
	case WATCH_CONNECTOR:
		ending_events(w->t, w->connector);
		break;
	case WATCH_LISTENER:
	case WATCH_WORKER:
	case WATCH_PIDFD:
	case WATCH_MASTER:
	case WATCH_UNSET:
	case WATCH_MAX:
		break;
	}
}

static int watcher_open(struct watcher *w)
{
	const struct itimerspec every = {.it_interval.tv_nsec = (long)GOVERNOR_PERIOD_USEC * 1000,
					 .it_value.tv_nsec = (long)GOVERNOR_PERIOD_USEC * 1000};
	int r;

	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	w->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (w->epoll < 0 || w->timer < 0 || timerfd_settime(w->timer, 0, &every, NULL) < 0)
		return -errno;
	r = signals_open(&w->signals);
	if (r == 0)
		r = watch(w, w->signals, WATCH_SIGNALS);
	return r < 0 ? r : watch(w, w->timer, WATCH_TIMER);
}

/* Machines become our children when the keeper dies, unless it is our parent. */
static void connector_open(struct watcher *w)
{
	if (w->t->header.kernel_tells || getppid() != w->t->header.keeper_pid)
		return;
	if (process_events_open(&w->connector, NULL) < 0)
		w->connector = 0;
	else
		(void)watch(w, w->connector, WATCH_CONNECTOR);
}

static void watcher_take_over(struct watcher *w)
{
	connector_open(w);
	/* At the very first start there is no keeper yet, nor a link. */
	if (w->t->header.keeper_pid == 0 ||
	    process_open(w->t->header.keeper_pid, &w->keeper, NULL) < 0)
		w->keeper = 0;
	if (w->keeper > 0) {
		(void)watch(w, w->keeper, WATCH_OTHER);
		(void)watch(w, w->h->link, WATCH_CONNECTION);
	} else {
		keeper_bring_back(w);
	}
}

static void watcher_loop(struct watcher *w)
{
	struct err e = ERR_INIT;

	/* While it stops the keeper is still waited for. */
	while (!w->t->header.stopping || w->keeper > 0) {
		struct epoll_event events[8];
		int n = epoll_wait(w->epoll, events, 8, -1);

		for (int i = 0; i < n; i++)
			on_event(w, (enum watch)events[i].data.u64);
		if (w->reexec) {
			w->reexec = false;
			(void)holdings_exec(w->h, w->t, -EBADF, ROLE_GOVERNOR, &e);
			say("upgrade: %s", e.message);
		}
	}
}

int governor_main(struct holdings *h, struct table *t)
{
	static struct watcher w;
	int r;

	w.t = t;
	w.h = h;
	t->header.governor_pid = getpid();
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	worker_hurry();
	r = watcher_open(&w);
	if (r < 0) {
		say("governor: %s", strerrordesc_np(-r));
		return 1;
	}
	watcher_take_over(&w);
	watcher_loop(&w);
	governor_free(w.governor);
	return 0;
}
