/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Named machines: what the verbs do, without a word of printing. Each call takes the machine's
 * lock, recovers what an earlier crash left, and either has its whole effect or none.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "model/grant.h"
#include "model/host.h"
#include "model/record.h"
#include "model/settings.h"
#include "model/spec.h"
#include "model/usage.h"

enum machine_state {
	MACHINE_UNSET = 0,
	MACHINE_STOPPED,
	MACHINE_RUNNING,
	MACHINE_PAUSED,
	MACHINE_BROKEN, /* its record cannot be read; `detail` says why */
	MACHINE_STATE_MAX
};

const char *machine_state_name(enum machine_state state);

/* Definition, id range, writable layer. The image's defaults are under the spec's. */
int machine_create(const struct settings *s, const struct spec *spec, struct err *e);

/* -ENOENT when there is no such machine. Strings in `a`. */
int machine_load(const struct settings *s, const char *name, struct arena *a, struct spec *ret_spec,
		 struct err *e);

/* The definition as a start uses it: with what the image says and every default decided. */
int machine_resolve(const struct settings *s, const char *name, struct arena *a,
		    struct spec *ret_spec, struct err *e);

/*
 * Admission, plan, apply, commit. Runs in a worker of bulkheadd. `stdio`: three descriptors when
 * spec.stdio is INHERIT, else NULL. `commit` is called when the child waits before exec, with its
 * pidfd and console master (or -EBADF); the machine is committed when it returns 0, undone when
 * not.
 */
struct machine_started {
	pid_t init_pid;
	uint64_t init_start_ticks;
	int init_pidfd;
	int console_master;
	enum spec_restart restart;
	bool ephemeral;
};
int machine_start(const struct settings *s, const char *name, const int *stdio,
		  int (*commit)(const struct machine_started *started, void *data, struct err *e),
		  void *data, struct err *e);

/* After the init ended: undo of the start's record; deletes an ephemeral machine. Idempotent. */
int machine_clean(const struct settings *s, const char *name, struct err *e);

/* The init's stop signal, then after `timeout_usec` SIGKILL to all, then machine_clean(). */
int machine_stop(const struct settings *s, const char *name, uint64_t timeout_usec, struct err *e);
int machine_kill(const struct settings *s, const char *name, int signal, bool all, struct err *e);
int machine_pause(const struct settings *s, const char *name, bool paused, struct err *e);
int machine_delete(const struct settings *s, const char *name, bool force, struct err *e);

/* Changes definition and running machine, or neither. `assignments`: "cpu.reserve=0.75". */
int machine_set(const struct settings *s, const char *name, const char *const *assignments,
		struct err *e);

/* One row of `list` and `show`. Strings in the arena. */
struct machine_view {
	struct spec spec;
	enum machine_state state;
	const char *detail;
	bool granted;
	struct grant grant;
	struct record_summary {
		pid_t init_pid;
		uint64_t started_usec;
	} record;
	struct exit_status exit;
	bool used;
	struct usage usage;
};
int machine_view(const struct settings *s, const struct host *host, const char *name,
		 struct arena *a, struct machine_view *ret, struct err *e);
int machine_foreach(const struct settings *s, int (*each)(const char *name, void *data), void *data,
		    struct err *e);

/* Undoes every intent whose transaction's owner is gone. Called first by every command. */
int machine_recover_all(const struct settings *s, struct err *e);

/* Text of the plan of a start, nothing done. `host` may come from a fixture. */
int machine_explain(const struct settings *s, const struct spec *spec, const struct host *host,
		    struct plan *ret_plan, struct err *e);
