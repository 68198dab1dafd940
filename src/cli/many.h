/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One action on several machines at once. One name is done here; several are done by a child
 * process each, at most MANY_AT_ONCE at a time: what one of them does to its process (a namespace,
 * a signal mask, a crash) touches no other. Each failure is reported on a line of its own.
 */
#pragma once

#include "cli/verb.h"

#define MANY_AT_ONCE 16

typedef int many_fn(struct call *c, const char *name, struct err *e);

/* Sets c->exit_code to the worst exit code; 0 unless processes cannot be made. */
int many_run(struct call *c, const char *const *names, many_fn *each, struct err *e);
