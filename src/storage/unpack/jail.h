/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The unpacker's confinement, for the rest of its life: a root file system that holds nothing but
 * the target (and a read-only view of the directory to copy), mounted without suid, devices and
 * exec; five capabilities; no_new_privs; Landlock where the kernel has it; a list of system calls
 * without exec, fork, sockets or ptrace; limits on memory and file size.
 */
#pragma once

#include "base/err.h"

#include <stdint.h>

struct jail {
	int target; /* in: the directory to fill; out: the same below the new root */
	int source; /* in: the directory to copy, or -EBADF; out: the same, read-only */
	uint64_t file_bytes_max;
};

/* Closes the descriptors that it replaces. After a failure the process must end. */
int jail_enter(struct jail *jail, struct err *e);
