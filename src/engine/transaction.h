/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan -> intent recorded -> applied -> committed. The caller holds the machine's lock from before
 * the plan is made until after commit or undo; whoever finds an INTENT without a holder of the
 * lock undoes it.
 */
#pragma once

#include "base/err.h"
#include "model/op_context.h"
#include "model/plan.h"
#include "model/record.h"

/*
 * Fills record->undo with the operations of `plan` that have an undo, and writes the record as
 * INTENT: after this the first effect may happen.
 */
int transaction_begin(const struct plan *plan, struct record *record, struct op_context *ctx,
		      struct err *e);

/* Writes it as RUNNING (a start), or removes it (create: the definition is the commit). */
int transaction_commit(struct record *record, struct op_context *ctx, struct err *e);

/* Undoes record->undo and removes the record. When an undo fails the record stays, so that the next
 * command tries again. */
int transaction_undo(const struct record *record, struct op_context *ctx, struct err *e);

/* Reads one entry of the journal and undoes it if it is there. Caller holds the machine's lock. */
int transaction_recover(const char *name, enum record_transaction transaction,
			struct op_context *ctx, struct err *e);
