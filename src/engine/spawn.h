/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OP_SPAWN: the machine's first process. The starter's mount namespace becomes its own first, so
 * that nothing that is mounted on the way exists for the host.
 */
#pragma once

#include "base/err.h"
#include "model/op_context.h"
#include "model/plan.h"

/* Opens the small init on a read-only mount, clones; the child runs child_run(ctx->plan). */
int spawn_apply(const struct op *op, struct op_context *ctx, struct err *e);

/* Kills and reaps it; in a later process kills what the record named. */
int spawn_undo(const struct op *op, struct op_context *ctx, struct err *e);
