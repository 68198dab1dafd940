/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two messages between starter and child (op_context.channel): the child sends one report per
 * stage, the starter answers with go. Descriptors travel with them as SCM_RIGHTS.
 *
 *   starter -> child   go        the id maps are written, the root is attached
 *   child -> starter   report    console_master (when there is one); the child waits before exec
 *   starter -> child   go
 *   child -> starter   report    only when exec failed; end of file: the machine runs
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct message_go {
	uint32_t spare; /* a message of no bytes would read as the end of file */
};

struct message_report {
	uint32_t console; /* 1: the console's master comes along */
	uint32_t op;	  /* index of the operation that failed */
	struct err err;
};
