/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operations of state/ (rows of engine/operation.c). All undos are idempotent and need only
 * the operation, ctx->settings and ctx->host.
 */
#pragma once

#include "base/err.h"
#include "model/op_context.h"
#include "model/plan.h"

/* Enters ctx->grant into the ledger and gives up ctx->ledger_lock. Undo takes the lock itself. */
int ledger_apply_enter(const struct op *op, struct op_context *ctx, struct err *e);
int ledger_undo_enter(const struct op *op, struct op_context *ctx, struct err *e);

/* The caller holds the id registry's lock when `op->number` was chosen by it. */
int idrange_apply_take(const struct op *op, struct op_context *ctx, struct err *e);
int idrange_undo_take(const struct op *op, struct op_context *ctx, struct err *e);

/* -EEXIST when the directory is there. Undo removes it with all its content. */
int definition_apply_directory(const struct op *op, struct op_context *ctx, struct err *e);
int definition_undo_directory(const struct op *op, struct op_context *ctx, struct err *e);

/* Durable, unless op->flags (ephemeral machine). Undo removes the file: the machine is gone. */
int definition_apply_write(const struct op *op, struct op_context *ctx, struct err *e);
int definition_undo_write(const struct op *op, struct op_context *ctx, struct err *e);
