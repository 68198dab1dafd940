/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What operations share while a plan is applied: descriptors and ids that exist only at run time.
 * Owned by engine/; an operation fills the field that its row in engine/operation.c documents.
 * All descriptors are close-on-exec and start at -EBADF.
 */
#pragma once

#include "model/grant.h"
#include "model/host.h"
#include "model/plan.h"
#include "model/settings.h"
#include "model/spec.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/types.h>

enum { OP_STDIN = 0, OP_STDOUT, OP_STDERR, OP_STDIO_COUNT };

struct op_context {
	const struct settings *settings;
	const struct host *host;
	const struct spec *spec;   /* NULL while undoing */
	const struct grant *grant; /* NULL while undoing */
	const struct plan *plan;   /* the one that is applied */
	int machine_lock;	   /* the transaction's; a child closes it first of all */
	int ledger_lock;	   /* held from admission to LEDGER_ENTER, which gives it up */
	int idrange_lock;	   /* held while a machine is created */

	/* the starter */
	pid_t child_pid;
	int child_pidfd;
	int channel;	/* to the other side: SOCK_SEQPACKET; same field in parent and child */
	int root_mount; /* the detached root: from ROOTFS_OPEN to ROOT_ATTACH */
	int init_file;	/* the small init's file on a read-only detached mount */
	int stdio[OP_STDIO_COUNT]; /* given by the caller, or set by CONSOLE_OPEN in the child */
	int console_master;	   /* made in the child, received by the starter */
	/* By CGROUP_MAKE on v1, inherited by the child, which enters through them (CGROUP_ENTER).
	 * The starter closes its own copies with the context. */
	int cgroup_tasks[CGROUP_CONTROLLER_MAX];

	/* the child */
	int new_root;		     /* the attached root, before the switch */
	const void *seccomp_program; /* struct sock_fprog, prepared before clone */
	uint32_t uid, gid;	     /* resolved by CREDENTIALS */
};

#define OP_CONTEXT_INIT                                                                          \
	((struct op_context){                                                                    \
		.machine_lock = -EBADF,                                                          \
		.ledger_lock = -EBADF,                                                           \
		.idrange_lock = -EBADF,                                                          \
		.child_pidfd = -EBADF,                                                           \
		.channel = -EBADF,                                                               \
		.root_mount = -EBADF,                                                            \
		.init_file = -EBADF,                                                             \
		.stdio = {-EBADF, -EBADF, -EBADF},                                               \
		.console_master = -EBADF,                                                        \
		.cgroup_tasks = {-EBADF, -EBADF, -EBADF, -EBADF, -EBADF, -EBADF, -EBADF, -EBADF, \
				 -EBADF},                                                        \
		.new_root = -EBADF,                                                              \
	})
_Static_assert(CGROUP_CONTROLLER_MAX == 9, "OP_CONTEXT_INIT lists cgroup_tasks one by one");
