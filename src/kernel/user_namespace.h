/* SPDX-License-Identifier: Apache-2.0 */
/*
 * user_namespaces(7), setns(2).
 */
#pragma once

#include "base/err.h"

#include <stdint.h>
#include <sys/types.h>

/* uid_map, gid_map (0 base count) of a child that was cloned with CLONE_NEWUSER; by the parent. */
int user_namespace_write_map(pid_t pid, uint32_t base, uint32_t count, struct err *e);

/* /proc/PID/ns/user. */
int user_namespace_open(pid_t pid, int *ret_fd, struct err *e);

/* A user namespace of its own with this map, kept by the descriptor alone (its process is gone). */
int user_namespace_make(uint32_t base, uint32_t count, int *ret_fd, struct err *e);

/* setns(pidfd, CLONE_NEW*): all at once. */
int namespace_join(int pidfd, int flags, struct err *e);
