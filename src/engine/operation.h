/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of operations: one row per op_kind, in engine/operation.c, explicit and complete.
 * Implementations stand beside the planner that emits them, in files that touch the host
 * (security/..., resource/..., storage/..., state/...).
 */
#pragma once

#include "base/err.h"
#include "model/op_context.h"
#include "model/plan.h"

#include <stdbool.h>

/*
 * Applies one operation. Stages CHILD, ROOTED and CONFINE run between clone and exec: no malloc,
 * no logging, no locks; system calls and the stack only.
 */
typedef int op_apply_fn(const struct op *op, struct op_context *ctx, struct err *e);

/*
 * Undoes it. Idempotent: success when the effect is not there (it may never have happened, and
 * another process may have undone it). Runs in any later process, so it uses only the operation
 * and ctx->settings, ctx->host.
 */
typedef int op_undo_fn(const struct op *op, struct op_context *ctx, struct err *e);

struct operation {
	op_apply_fn *apply;
	op_undo_fn *undo; /* NULL: nothing stays behind when the child dies */
	/* Labels under which `bulkhead explain` and the journal print the fields; NULL: unused. */
	const char *subject, *source, *field, *value, *number, *flags;
};

/* The row of a kind; never NULL for a valid kind. */
const struct operation *operation_get(enum op_kind kind);
