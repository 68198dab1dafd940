/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/ending.h"

#include "kernel/process.h"
#include "kernel/process_events.h"

#include <errno.h>
#include <sys/wait.h>

static int wait_status_of(const siginfo_t *info)
{
	if (info->si_code == CLD_EXITED)
		return (info->si_status & 0xff) << 8;
	return info->si_status | (info->si_code == CLD_DUMPED ? 0x80 : 0);
}

static void status_note(struct table *t, int32_t pid, int wait_status)
{
	uint32_t index = table_find_pid(t, pid);
	struct table_slot *slot;

	if (index == TABLE_NONE)
		return;
	slot = table_slot(t, index);
	if (slot->wait_known)
		return;
	slot->wait_status = wait_status;
	__atomic_store_n(&slot->wait_known, 1, __ATOMIC_RELEASE);
}

void ending_reap(struct table *t)
{
	for (;;) {
		siginfo_t info = {.si_pid = 0};

		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
			return;
		status_note(t, info.si_pid, wait_status_of(&info));
		(void)waitid(P_PID, (id_t)info.si_pid, &info, WEXITED | WNOHANG);
	}
}

static struct exit_status exit_of(int wait_status)
{
	struct exit_status status = {.ended_usec = clock_realtime_usec()};

	if (WIFSIGNALED(wait_status)) {
		status.knowledge = EXIT_SIGNAL;
		status.value = WTERMSIG(wait_status);
	} else {
		status.knowledge = EXIT_CODE;
		status.value = WEXITSTATUS(wait_status);
	}
	return status;
}

int ending_status(struct table *t, uint32_t index, int pidfd, struct exit_status *ret)
{
	struct table_slot *slot = table_slot(t, index);
	int wait_status, r;

	ending_reap(t);
	if (!__atomic_load_n(&slot->wait_known, __ATOMIC_ACQUIRE)) {
		r = process_exit_status(pidfd, slot->init_pid, &wait_status, NULL);
		if (r < 0)
			return r == -EAGAIN ? r : -ENODATA;
		status_note(t, slot->init_pid, wait_status);
	}
	*ret = exit_of(slot->wait_status);
	return 0;
}

void ending_events(struct table *t, int connector)
{
	pid_t pid;
	int wait_status, r;

	do {
		r = process_events_read(connector, &pid, &wait_status);
		if (r == 0)
			status_note(t, pid, wait_status);
	} while (r == 0 || r == -ENOBUFS);
}
