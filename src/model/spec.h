/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked: one machine, whichever face asked for it (machine.ini, command line, OCI bundle).
 * Plain data. Strings and arrays live in the arena that the spec was built in. Made valid once, by
 * config/; everything above trusts it.
 */
#pragma once

#include "model/name.h"

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* reserve, share and limit (design, section 2), in the unit of the resource. */
struct claim {
	uint64_t reserve;     /* 0: none */
	uint64_t share_milli; /* 1000: share=1; 0: nothing beyond the reservation */
	uint64_t limit;	      /* UNIT_NONE: none */
};

#define CLAIM_DEFAULT ((struct claim){.reserve = 0, .share_milli = 1000, .limit = UINT64_MAX})

struct spec_cpu {
	struct claim claim;  /* millicpus */
	uint64_t burst_usec; /* may be saved up below the limit: cpu.max.burst; 0: none */
	bool pinned;	     /* `cpus` was given */
	cpu_set_t cpus;
};

struct spec_memory {
	uint64_t reserve_bytes;
	uint64_t limit_bytes; /* resident and cache; UNIT_NONE: none */
	uint64_t swap_bytes;  /* beyond limit; UNIT_NONE: none */
};

struct spec_counts {
	uint64_t pids; /* UNIT_NONE: none */
};

enum spec_kind { SPEC_KIND_UNSET = 0, SPEC_KIND_CONTAINER, SPEC_KIND_MAX };

enum spec_network {
	SPEC_NETWORK_UNSET = 0,
	SPEC_NETWORK_NONE, /* own namespace, loopback up */
	SPEC_NETWORK_HOST, /* the host's */
	SPEC_NETWORK_MAX
};

enum spec_restart {
	SPEC_RESTART_UNSET = 0,
	SPEC_RESTART_NO,
	SPEC_RESTART_ON_FAILURE,
	SPEC_RESTART_ALWAYS,
	SPEC_RESTART_MAX
};

/* Who is PID 1; decides the signal that asks it to stop. */
enum spec_init {
	SPEC_INIT_UNSET = 0, /* decided from the image when the plan is made */
	SPEC_INIT_COMMAND,   /* a plain command under the small init: SIGTERM */
	SPEC_INIT_SYSTEMD,   /* SIGRTMIN+3 */
	SPEC_INIT_SYSV,	     /* SIGPWR */
	SPEC_INIT_MAX
};

enum spec_stdio {
	SPEC_STDIO_UNSET = 0,
	SPEC_STDIO_CONSOLE, /* a pty kept and logged by bulkheadd */
	SPEC_STDIO_INHERIT, /* the caller's own three descriptors (`run` without a terminal) */
	SPEC_STDIO_MAX
};

/* `base` on the host is 0 in the machine; count is 65536. count 0: none chosen yet, or none wanted
 * (spec.user_namespace). */
struct spec_idmap {
	uint32_t base;
	uint32_t count;
};

/*
 * Two fields have a default that depends on who is PID 1, which may be known only once the image
 * is. While `..._default` is true the value beside it is not decided yet: engine/ decides it, with
 * spec.init, before it plans, and makes the flag false.
 */
struct spec_process {
	const char *const *argv; /* NULL-terminated; empty: the image's command */
	const char *const *env;	 /* NULL-terminated KEY=VALUE; what the machine needs beside these
				    (PATH, HOME, TERM, container) is added by engine/ */
	const char *cwd;	 /* absolute, in the machine; NULL: the image's, else "/" */
	const char *user;	 /* "0", "1000:1000", "www-data:adm"; NULL: the image's, else "0" */
	uint64_t capabilities;	 /* bounding, permitted and effective; bit = capability number */
	uint64_t capabilities_add; /* capabilities = (default for init | add) & ~drop ... */
	uint64_t capabilities_drop;
	bool capabilities_default; /* ... when this is true */
	bool no_new_privs;
	bool no_new_privs_default; /* off for systemd and sysv, on for a command */
	bool seccomp;		   /* the default profile */
	bool terminal;		   /* the stdio is a pty and its controlling terminal */
};

struct spec {
	const char *name;
	enum spec_kind kind;
	const char *image;    /* name of the image; "" when rootfs is a directory of the caller's */
	const char *hostname; /* NULL: the name */
	struct spec_process process;
	enum spec_init init;
	enum spec_stdio stdio;
	enum spec_network network;
	enum spec_restart restart;
	uint64_t stop_timeout_usec;
	bool ephemeral;	     /* deleted when it ends (`run`) */
	bool require;	     /* a promise that this host cannot keep is an error, not best-effort */
	bool user_namespace; /* false: no range of ids; decided when the machine is created */
	struct spec_idmap idmap;
	struct spec_cpu cpu;
	struct spec_memory memory;
	struct spec_counts counts;
};
