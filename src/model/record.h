/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was done: the journal entry of one machine on this host. Written as INTENT before the first
 * effect, as RUNNING when the machine is committed. It lists the operations that have an undo, so
 * ending a machine, undoing a failed start and recovering after a crash are the same walk: undo,
 * last first. Plain data; text form in config/record_json.h; on disk in state/journal.h.
 */
#pragma once

#include "model/name.h"
#include "model/plan.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum record_state {
	RECORD_UNSET = 0,
	RECORD_INTENT,	/* effects may exist; valid only while its transaction's lock is held */
	RECORD_RUNNING, /* committed: the init runs, or has just ended */
	RECORD_MAX
};

enum record_transaction {
	RECORD_TRANSACTION_UNSET = 0,
	RECORD_CREATE, /* definition, id range, writable layer: effects below --root */
	RECORD_START,  /* ledger, cgroups, processes: effects on the running host */
	RECORD_DELETE, /* like CREATE, being removed: recovery goes forward, not back */
	RECORD_TRANSACTION_MAX
};

struct record {
	char name[NAME_LENGTH_MAX + 1];
	enum record_state state;
	enum record_transaction transaction;
	pid_t init_pid;		   /* in the host's pid namespace; 0 before it exists */
	uint64_t init_start_ticks; /* field 22 of proc_pid_stat(5): tells a pid from its reuse */
	uint64_t started_usec;	   /* CLOCK_REALTIME */
	uint32_t idmap_base;
	uint32_t init_kind; /* enum spec_init */
	uint64_t stop_timeout_usec;
	bool ephemeral;
	char tree_cgroup[256]; /* path below the CGROUP_TREE hierarchy; "" when none */
	struct plan undo;      /* the operations with an undo, in the order of applying */
};

#define RECORD_INIT ((struct record){.undo = PLAN_INIT})

/* How a machine ended. Kept when the record is gone, until the next start. */
enum exit_knowledge { EXIT_UNSET = 0, EXIT_CODE, EXIT_SIGNAL, EXIT_UNKNOWN };

struct exit_status {
	enum exit_knowledge knowledge;
	int value;	     /* exit code or signal number */
	uint64_t ended_usec; /* CLOCK_REALTIME */
};
