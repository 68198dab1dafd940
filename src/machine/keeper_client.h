/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Client of bulkheadd (model/keeper_message.h). Starts it when it does not answer: fork, setsid,
 * exec of the bulkheadd beside this program; through systemd where PID 1 is systemd and the unit is
 * installed.
 */
#pragma once

#include "base/err.h"
#include "model/keeper_message.h"
#include "model/settings.h"

#include <stddef.h>

/* Connected socket; -ECONNREFUSED only with `start` false. */
int keeper_connect(const struct settings *s, bool start, int *ret_socket, struct err *e);

int keeper_send(int socket, const struct keeper_request *request, const int *fds, size_t fd_count,
		struct err *e);
/* Waits. `ret_fd` may be NULL; -EBADF when the reply carried none. KEEPER_FAILED becomes `e`. */
int keeper_receive(int socket, struct keeper_reply *ret_reply, int *ret_fd, struct err *e);
