/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of machine behind one table. `container` today; `paravirt` and `unikernel` later.
 */
#pragma once

#include "base/err.h"
#include "model/grant.h"
#include "model/host.h"
#include "model/op_context.h"
#include "model/plan.h"
#include "model/record.h"
#include "model/settings.h"
#include "model/spec.h"
#include "model/usage.h"

struct enter_request; /* engine/enter.h */
struct entered;

/* Everything that a plan of a start is made from. */
struct plan_request {
	const struct spec *spec;
	const struct grant *grant;
	const struct host *host;
	const struct settings *settings;
	uint32_t weight_ppm; /* guarantee/weights.h: the machine's own, for its first moments */
};

struct kind {
	const char *name;

	/* Appends everything that a start does, in the order of the stages. Pure. */
	int (*plan)(const struct plan_request *request, struct plan *plan, struct err *e);

	/* Makes the first process (OP_SPAWN); in the child it does not return. */
	int (*spawn)(const struct op *op, struct op_context *ctx, struct err *e);

	/* Asks the machine for something: a signal to its init. */
	int (*signal)(const struct record *record, int signal, struct err *e);

	/* Runs a command inside. */
	int (*enter)(const struct record *record, const struct enter_request *request,
		     struct entered *ret, struct err *e);

	/* Reads its counters. */
	int (*usage)(const struct record *record, const struct host *host, struct usage *ret_usage,
		     struct err *e);
};

/* Never NULL for a valid kind. */
const struct kind *kind_get(enum spec_kind kind);
