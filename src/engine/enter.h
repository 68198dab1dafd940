/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command in a running machine: joins cgroups, all namespaces at once by pidfd, the same
 * confinement as the init (capabilities, seccomp, no_new_privs, session keyring), then exec. The
 * process is our child; before it joins, PR_SET_DUMPABLE is 0, so nothing inside can reach our file
 * or memory through /proc (CVE-2019-5736 and CVE-2024-21626 classes: every descriptor but stdio is
 * closed, and the directory is entered below the new root).
 */
#pragma once

#include "base/err.h"
#include "model/host.h"
#include "model/record.h"
#include "model/settings.h"
#include "model/spec.h"

struct enter_request {
	const struct settings *settings;
	const struct host *host;
	const struct spec *spec; /* the machine's; process fields replaced by the command's */
	const struct spec_process *process;
	int stdio[3]; /* used when process->terminal is false */
};

/* The child's pidfd and pid; with terminal, the pty's master (made in the machine's devpts). */
struct entered {
	pid_t pid;
	int pidfd;
	int console_master;
};

int enter_start(const struct record *record, const struct enter_request *request,
		struct entered *ret, struct err *e);
