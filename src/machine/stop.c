/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ends a machine or holds it: stop, kill, pause, clean.
 */
#include "base/cleanup.h"
#include "config/record_json.h"
#include "engine/apply.h"
#include "engine/kind.h"
#include "host/facts.h"
#include "kernel/process.h"
#include "machine/initctl.h"
#include "machine/keeper_client.h"
#include "machine/lifecycle.h"
#include "machine/recover.h"
#include "resource/cgroup.h"
#include "state/event.h"
#include "state/exit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#define KILL_WAIT_USEC 10000000u
#define KEEPER_WAIT_MSEC 5000

/* systemd(1), signals; busybox's init halts at SIGPWR, sysvinit's when its inittab says so. */
static int stop_signal(uint32_t init_kind)
{
	switch ((enum spec_init)init_kind) {
	case SPEC_INIT_SYSTEMD:
		return SIGRTMIN + 3;
	case SPEC_INIT_SYSV:
		return SIGPWR;
	case SPEC_INIT_COMMAND:
	case SPEC_INIT_UNSET:
	case SPEC_INIT_MAX:
	default:
		return SIGTERM;
	}
}

static int ask_to_end(const struct record *record, int pidfd)
{
	if (record->init_kind == SPEC_INIT_SYSV && initctl_halt(record->init_pid, pidfd) == 0)
		return 0;
	return process_signal(pidfd, stop_signal(record->init_kind), NULL);
}

/* An end that is asked for is no failure: the restart policy is told. No bulkheadd, no policy. */
static void forbid_restart(const struct settings *s, const char *name)
{
	struct keeper_machine machine = {.init_pid = 0};

	memcpy(machine.name, name, strlen(name) + 1);
	(void)keeper_tell(s, KEEPER_NO_RESTART, &machine, NULL, NULL);
}

static int end_init(const struct record *record, const struct host *host, uint64_t timeout_usec,
		    struct err *e)
{
	_cleanup_fd_ int pidfd = -EBADF;
	int r = process_open_same(record->init_pid, record->init_start_ticks, &pidfd, NULL);

	if (r == -ESRCH)
		return 0;
	if (r < 0)
		return err_sys(e, r, "open process %d", (int)record->init_pid);
	if (timeout_usec > 0) {
		/* A frozen machine cannot hear. */
		(void)cgroup_freeze(record->tree_cgroup, host, false, NULL);
		r = ask_to_end(record, pidfd);
		if (r == 0)
			r = process_wait_end(pidfd, timeout_usec, NULL);
		if (r == 0)
			return 0;
	}
	r = process_signal(pidfd, SIGKILL, NULL);
	(void)cgroup_kill(record->tree_cgroup, host, NULL);
	if (r == -ESRCH)
		return 0;
	return r < 0 ? err_sys(e, r, "kill process %d", (int)record->init_pid)
		     : process_wait_end(pidfd, KILL_WAIT_USEC, e);
}

/* Who holds the machine tells of its end when its console is in the log, its exit status written
 * and the machine cleaned. Nobody there, or nobody who answers in time: we clean up ourselves. */
static void await_keeper(struct keeper_link *link)
{
	struct exit_status status;
	struct pollfd p = {.events = POLLIN};

	do {
		p.fd = link->socket;
		if (p.fd < 0 || poll(&p, 1, KEEPER_WAIT_MSEC) <= 0)
			return;
	} while (keeper_link_receive(link, &status, NULL) == -EAGAIN);
}

int machine_stop(const struct settings *s, const char *name, uint64_t timeout_usec, struct err *e)
{
	_cleanup_keeper_link_ struct keeper_link link = KEEPER_LINK_INIT;
	_cleanup_record_ struct record record = RECORD_INIT;
	struct host host;
	int r = name_check("machine", name, e);

	if (r == 0)
		r = host_facts_get(s, &host, e);
	if (r < 0)
		return r;
	forbid_restart(s, name);
	/* Without the lock: a stop may take long, and whoever cleans up takes it. */
	r = machine_running_record(s, name, &record, e);
	if (r < 0)
		return r;
	(void)keeper_watch(s, name, &link, NULL);
	r = end_init(&record, &host, timeout_usec, e);
	if (r < 0)
		return r;
	await_keeper(&link);
	return machine_clean(s, name, e);
}

int machine_clean(const struct settings *s, const char *name, struct err *e)
{
	_cleanup_op_context_ struct op_context ctx = OP_CONTEXT_INIT;
	struct host host;
	int r = host_facts_get(s, &host, e);

	/* machine_begin() does it: an init that has ended is what it looks for. */
	return r < 0 ? r : machine_begin(s, &host, name, &ctx, e);
}

static int signal_one(pid_t pid, void *data)
{
	const int *signal = data;

	/* It may have ended meanwhile. */
	(void)kill(pid, *signal);
	return 0;
}

int machine_kill(const struct settings *s, const char *name, int signal, bool all, struct err *e)
{
	_cleanup_record_ struct record record = RECORD_INIT;
	struct host host;
	int r = name_check("machine", name, e);

	if (r == 0)
		r = host_facts_get(s, &host, e);
	if (r == 0)
		r = machine_running_record(s, name, &record, e);
	if (r < 0)
		return r;
	/* One by one a fork bomb would outrun it. */
	if (all && signal == SIGKILL)
		return cgroup_kill(record.tree_cgroup, &host, e);
	if (all)
		return cgroup_foreach_pid(record.tree_cgroup, &host, signal_one, &signal, e);
	return kind_get(SPEC_KIND_CONTAINER)->signal(&record, signal, e);
}

int machine_pause(const struct settings *s, const char *name, bool paused, struct err *e)
{
	_cleanup_op_context_ struct op_context ctx = OP_CONTEXT_INIT;
	_cleanup_record_ struct record record = RECORD_INIT;
	struct host host;
	int r = host_facts_get(s, &host, e);

	if (r == 0)
		r = machine_begin(s, &host, name, &ctx, e);
	if (r == 0)
		r = machine_running_record(s, name, &record, e);
	if (r == 0)
		r = cgroup_freeze(record.tree_cgroup, &host, paused, e);
	if (r == 0)
		event_append(s, name, paused ? "pause" : "resume", NULL);
	return r;
}
