/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The starter's side: walks a plan on the host, talks to the child, undoes. Mechanism only; what is
 * recorded when is engine/transaction.h.
 */
#pragma once

#include "base/err.h"
#include "model/op_context.h"
#include "model/plan.h"

/*
 * Applies the stages HOST and PARENT; when the plan has a child, lets it go on to the point before
 * exec and receives its console; then stage READY. On failure nothing is undone here.
 */
int plan_apply(const struct plan *plan, struct op_context *ctx, struct err *e);

/* Lets the waiting child exec. Returns when it has (0) or could not. */
int plan_release(const struct plan *plan, struct op_context *ctx, struct err *e);

/* Undoes operations, last first. Goes on after a failure; the first one is reported. */
int plan_undo(const struct plan *plan, struct op_context *ctx, struct err *e);

/* Closes every descriptor of the context. */
void op_context_done(struct op_context *ctx);
#define _cleanup_op_context_ __attribute__((cleanup(op_context_done)))
