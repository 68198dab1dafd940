/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two messages between starter and child (op_context.channel): the child sends one report per
 * stage, the starter answers with go. Descriptors travel with them as SCM_RIGHTS.
 *
 *   starter -> child   go        root_mount (when there is one), stdio
 *   child -> starter   report    console_master (when there is one); the child waits before exec
 *   starter -> child   go
 *   child -> starter   report    only when exec failed; end of file: the machine runs
 */
#pragma once

#include "base/err.h"
#include "model/plan.h"

#include <stdint.h>

enum message_fd { MESSAGE_FD_ROOT = 1, MESSAGE_FD_CONSOLE = 2 };

struct message_go {
	uint32_t fds; /* bits of enum message_fd: which descriptors come along, in bit order */
};

struct message_report {
	uint32_t fds;
	uint32_t op; /* index of the operation that failed */
	struct err err;
};
