/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/worker.h"

#include "base/cleanup.h"
#include "kernel/channel.h"
#include "machine/lifecycle.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define ANSWER_MSEC 300
#define ANSWER_TRIES 100
#define KEPT_MAX (KEEPER_FDS_MAX + 1)

struct worker {
	struct table_slot *slot;
	int channel;
};

/* struct sched_attr of sched_setattr(2), which glibc 2.36 does not have. */
struct scheduling {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

void worker_hurry(void)
{
	struct scheduling s = {.size = sizeof(s), .flags = SCHED_FLAG_RESET_ON_FORK, .nice = -20};

	(void)syscall(SYS_sched_setattr, 0, &s, 0);
}

static int compare_fds(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Closes all above 2 but these. */
static void descriptors_close_but(int *kept, size_t count)
{
	unsigned int from = 3;

	qsort(kept, count, sizeof(*kept), compare_fds);
	for (size_t i = 0; i < count; i++) {
		unsigned int fd = (unsigned int)kept[i];

		if (fd > from)
			(void)close_range(from, fd - 1, 0);
		from = fd + 1;
	}
	(void)close_range(from, ~0U, 0);
}

static void worker_settle(const struct table *t, const struct worker_order *order)
{
	size_t inherited = order->flags & KEEPER_FLAG_INHERIT ? 3 : 0;
	size_t count = inherited + (order->flags & KEEPER_FLAG_PROGRESS ? 1 : 0);
	int kept[KEPT_MAX];
	struct rlimit files;
	sigset_t none;

	(void)prctl(PR_SET_NAME, "bulkhead-worker");
	(void)prctl(PR_SET_CHILD_SUBREAPER, 0);
	worker_hurry();
	if (order->flags & KEEPER_FLAG_PROGRESS)
		(void)dup2(order->fds[inherited], STDERR_FILENO);
	memcpy(kept, order->fds, count * sizeof(int));
	kept[count++] = order->channel;
	descriptors_close_but(kept, count);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = t->header.nofile_soft;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static struct keeper_request message_of(const struct worker *w, enum keeper_verb verb)
{
	struct keeper_request m = {.magic = KEEPER_MAGIC, .verb = (uint32_t)verb};

	memcpy(m.machine.name, w->slot->name, sizeof(m.machine.name));
	return m;
}

static int answer_await(int channel)
{
	struct pollfd p = {.fd = channel, .events = POLLIN};
	struct keeper_reply reply;

	if (poll(&p, 1, ANSWER_MSEC) <= 0)
		return -EAGAIN;
	if (channel_receive(channel, &reply, sizeof(reply), NULL, NULL) < 0)
		return -ECONNRESET;
	return reply.magic == KEEPER_MAGIC && reply.kind == KEEPER_DONE ? 0 : -ECANCELED;
}

/* machine_start() calls this when the init waits before exec. */
static int worker_commit(const struct machine_started *started, void *data, struct err *e)
{
	const struct worker *w = data;
	struct keeper_request m = message_of(w, KEEPER_REGISTER);
	const int fds[] = {started->init_pidfd, started->console_master};
	int r = -EAGAIN;

	m.fd_count = started->console_master >= 0 ? 2 : 1;
	m.flags = started->console_master >= 0 ? KEEPER_FLAG_CONSOLE : 0;
	m.machine.init_pid = started->init_pid;
	m.machine.init_start_ticks = started->init_start_ticks;
	m.machine.restart = (uint32_t)started->restart;
	m.machine.ephemeral = started->ephemeral;
	m.machine.log_max_bytes = KEEPER_LOG_MAX_BYTES;
	for (int i = 0; i < ANSWER_TRIES && r == -EAGAIN; i++) {
		r = channel_send(w->channel, &m, sizeof(m), fds, m.fd_count);
		if (r == 0)
			r = answer_await(w->channel);
	}
	return r < 0 ? err_sys(e, r, "bulkheadd did not take the machine") : 0;
}

static int worker_run(const struct worker *w, const struct table *t,
		      const struct worker_order *order, struct err *e)
{
	struct settings settings = t->header.settings;
	char name[NAME_LENGTH_MAX + 1];

	memcpy(name, w->slot->name, sizeof(name));
	if (order->job == WORKER_CLEAN)
		return machine_clean(&settings, name, e);
	return machine_start(&settings, name,
			     order->flags & KEEPER_FLAG_INHERIT ? order->fds : NULL, worker_commit,
			     (void *)(uintptr_t)w, e);
}

pid_t worker_fork(struct table *t, const struct worker_order *order)
{
	struct worker w = {.slot = table_slot(t, order->slot), .channel = order->channel};
	struct keeper_request m;
	pid_t pid = fork();
	int r;

	if (pid != 0)
		return pid < 0 ? -errno : pid;
	worker_settle(t, order);
	m = message_of(&w, KEEPER_RESULT);
	r = worker_run(&w, t, order, &m.err);
	if (r < 0 && m.err.code == 0)
		(void)err_sys(&m.err, r, "start %s", w.slot->name);
	if (r >= 0)
		m.err = ERR_INIT;
	/* The table first: whoever finds the channel closed without a message looks there. */
	__atomic_store_n(&w.slot->result, (uint32_t)(r < 0 ? SLOT_RESULT_FAILED : SLOT_RESULT_DONE),
			 __ATOMIC_SEQ_CST);
	(void)channel_send(order->channel, &m, sizeof(m), NULL, 0);
	_exit(0);
}
