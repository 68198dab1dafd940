/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes by pidfd: clone3(2), pidfd_open(2), pidfd_send_signal(2), pidfd_getfd(2), and the three
 * ways to learn how a process ended. All fit for use between clone and exec but where noted.
 */
#pragma once

#include "base/err.h"

#include <stdint.h>
#include <sys/types.h>

/*
 * clone3 without CLONE_VM, like fork(2) but without pthread_atfork(3) handlers: returns 0 in the
 * child, the pid in the parent, or -errno. `cgroup_fd` >= 0: CLONE_INTO_CGROUP. The exit signal is
 * SIGCHLD. *ret_pidfd is close-on-exec, set in the parent.
 */
pid_t process_clone(uint64_t flags, int cgroup_fd, int *ret_pidfd);

int process_open(pid_t pid, int *ret_pidfd, struct err *e);

/* Field 22 of proc_pid_stat(5); -ESRCH when there is no such process. Not between clone and exec.
 */
int process_start_ticks(pid_t pid, uint64_t *ret_ticks, struct err *e);

/* Opens `pid` only if it still is the process that started then: else -ESRCH. */
int process_open_same(pid_t pid, uint64_t start_ticks, int *ret_pidfd, struct err *e);

int process_signal(int pidfd, int signal, struct err *e);

/* Waits until the process has ended; timeout_usec UINT64_MAX: for ever. -ETIMEDOUT. */
int process_wait_end(int pidfd, uint64_t timeout_usec, struct err *e);

/*
 * How it ended: waitid(P_PIDFD) when it is our child; else PIDFD_GET_INFO with PIDFD_INFO_EXIT
 * (6.15, after it was reaped); else, while it is a zombie, field 52 of its stat. A wait status as
 * of wait(2). -EAGAIN: it has not ended; -ENODATA: this kernel does not tell. Never a guess:
 * without the right to trace a zombie its stat reads as exit code 0, and is not used. A second call
 * for a child that the first one reaped gives -ENODATA where PIDFD_INFO_EXIT is missing: keep the
 * answer.
 */
int process_exit_status(int pidfd, pid_t pid, int *ret_wait_status, struct err *e);
