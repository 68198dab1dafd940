/* SPDX-License-Identifier: Apache-2.0 */
/* Running a command in a machine that runs: what `enter` and `exec` share. */
#pragma once

#include "cli/session.h"
#include "cli/verb.h"
#include "model/spec.h"

struct inside {
	struct spec spec; /* the machine's */
	struct record record;
	const struct host *host;
	int init_pidfd; /* held, so that the pid in the record stays the init's */
};

/* ERR_INPUT when it does not run. Caller: inside_done(). */
int inside_open(struct call *c, const char *name, struct inside *ret, struct err *e);
void inside_done(struct inside *in);

/*
 * The machine's own process settings with the options --user, --workdir, --env, --env-file over
 * them, and TERM when `session` has a terminal. The command is the caller's to fill in.
 */
int inside_process(struct call *c, const struct inside *in, const struct session *session,
		   struct spec_process *ret, struct err *e);

/* Runs it and sets c->exit_code; 126 and 127 with the error. With `detach` it is left alone. */
int inside_run(struct call *c, const struct inside *in, const struct spec_process *process,
	       const struct session *session, bool detach, struct err *e);

/* Appends KEY=VALUE, replacing what the vector has for KEY. */
const char *const *env_put(struct arena *a, const char *const *env, const char *text);
