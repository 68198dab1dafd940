/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spec -> operations that isolate: the planners of this folder, one file each, pure. The order of
 * calls is fixed by engine/container.c; within the CONFINE stage it is the order of this header.
 */
#pragma once

#include "base/err.h"
#include "model/host.h"
#include "model/plan.h"
#include "model/spec.h"

/* CLONE_NEW* flags for OP_SPAWN. */
uint64_t namespaces_flags(const struct spec *spec, const struct host *host);

/* IDMAP_WRITE (parent), HOSTNAME, LOOPBACK_UP, SYSCTL (rooted). */
int namespaces_plan(const struct spec *spec, const struct host *host, struct plan *plan,
		    struct err *e);

/*
 * ROOT_ATTACH, then /proc, /sys, /dev with its nodes and links, /dev/pts, /dev/shm, /dev/mqueue,
 * /sys/fs/cgroup, /run for systemd; CONSOLE_OPEN; ROOT_SWITCH; MASK and READONLY.
 */
int rootfs_plan(const struct spec *spec, const struct host *host, struct plan *plan,
		struct err *e);

/* RLIMIT, KEYRING_JOIN, STDIO_ATTACH, CREDENTIALS, CAPABILITIES, NO_NEW_PRIVS, SECCOMP, CHDIR, EXEC. */
int confine_plan(const struct spec *spec, const struct host *host, struct plan *plan,
		 struct err *e);

/* docs/security.md explains both line by line. */
uint64_t capabilities_default(enum spec_init init);
/* Capability number of "net_admin" or "CAP_NET_ADMIN"; -1 when there is none. */
int capabilities_find(const char *name);
const char *capabilities_name(int number); /* "net_admin"; NULL past the last */

/* The compiled default profile, made at build time: a struct sock_fprog. Borrowed, never NULL. */
const void *seccomp_default_program(void);
