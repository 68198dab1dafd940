/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks the kernel what it can do and what there is. Touches the host, changes nothing: probes use
 * detached objects and child processes of their own. What does not change until the next boot is
 * cached in RUN/facts (keyed by boot id, mount namespace, file system of ROOT and a version),
 * because a start must not pay for it: 16 system calls when it is cached, some 4 ms when not. Not
 * keyed by our own cgroup: where machines live must be the same for all commands. The capacity is
 * measured again when the CPUs of this process differ or the cache is ten minutes old; capacity.ini
 * is read every time.
 *
 * cgroups: proc_pid_mountinfo(5) and proc_pid_cgroup(5) of this process decide each controller by
 * itself: v1, v2 or absent.
 */
#pragma once

#include "base/err.h"
#include "model/host.h"
#include "model/settings.h"

/* `settings` may be NULL: nothing is cached and capacity.ini is not applied. */
int host_facts_get(const struct settings *settings, struct host *ret_host, struct err *e);
