/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process connector (linux/cn_proc.h): exit codes of processes that are not our children, on
 * kernels without PIDFD_INFO_EXIT. A socket filter drops everything but PROC_EVENT_EXIT in the
 * kernel. Needs CAP_NET_ADMIN in the first user namespace.
 */
#pragma once

#include "base/err.h"

#include <sys/types.h>

/* A non-blocking descriptor to poll. -EOPNOTSUPP where the kernel has no connector. */
int process_events_open(int *ret_fd, struct err *e);

/* One exit of a thread group leader: 0; -EAGAIN: none; -ENOBUFS: some were lost. */
int process_events_read(int fd, pid_t *ret_pid, int *ret_wait_status);
