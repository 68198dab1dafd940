/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spec -> operations that isolate: the planners of this folder, one file each, pure. They are
 * called in the order of this header. What they ask for is explained line by line in
 * docs/security.md; what carries it out is in operations.h.
 */
#pragma once

#include "base/err.h"
#include "model/host.h"
#include "model/plan.h"
#include "model/spec.h"

/*
 * CLONE_NEW* flags for OP_SPAWN. Two namespaces are not among them: the mount namespace is made by
 * ROOT_TAKE and the cgroup namespace by CGROUP_NAMESPACE, when what they copy is in place.
 */
uint64_t namespaces_flags(const struct spec *spec, const struct host *host);

/* IDMAP_WRITE (parent), CGROUP_NAMESPACE (child), HOSTNAME, LOOPBACK_UP (rooted). */
int namespaces_plan(const struct spec *spec, const struct host *host, struct plan *plan,
		    struct err *e);

/*
 * After resource's cgroup_plan(): of the cgroup hierarchies those are mounted in which the plan
 * makes the machine a cgroup.
 *
 * ROOT_ATTACH (parent; to be called after ROOTFS_OPEN is planned); ROOT_TAKE, /proc, /sys, /dev
 * with its nodes and links, /dev/pts, /dev/shm, /dev/mqueue, /sys/fs/cgroup, /run for systemd,
 * CONSOLE_OPEN, ROOT_SWITCH (child); MASK and READONLY (rooted).
 */
int rootfs_plan(const struct spec *spec, const struct host *host, struct plan *plan, struct err *e);

/*
 * KEYRING_JOIN, STDIO_ATTACH, CAPABILITIES (bounding), CREDENTIALS, CAPABILITIES, NO_NEW_PRIVS,
 * SECCOMP, CHDIR, EXEC. Without no_new_privs SECCOMP comes first of all that drops privileges:
 * seccomp(2) then needs CAP_SYS_ADMIN. STDIO_ATTACH is the last operation that can be undone by
 * the caller's eyes: nothing before it loses a privilege.
 *
 * For a command in a running machine (engine/enter.h) as well: spec.process is the command's.
 */
int confine_plan(const struct spec *spec, const struct host *host, struct plan *plan,
		 struct err *e);

/* The capabilities of docs/security.md for this kind of init, with a user namespace. */
uint64_t capabilities_default(enum spec_init init);

/*
 * What spec.process asks for, resolved: the default (less what only a user namespace makes
 * harmless), or the given set; with additions and removals.
 */
uint64_t capabilities_resolve(const struct spec *spec);

/* Resolved: off for systems, on for a command, unless it was given. */
bool no_new_privs_resolve(const struct spec *spec);

/*
 * "default" for commands, "system" for systemd and sysv: a struct sock_fprog made at build time
 * (security/seccomp_table.c). Borrowed; NULL when there is no such profile.
 */
const char *seccomp_profile_for(enum spec_init init);
const void *seccomp_program(const char *profile);

/* The same as seccomp_program("default"). */
const void *seccomp_default_program(void);
