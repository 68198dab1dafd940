/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/transaction.h"

#include "base/cleanup.h"
#include "config/record_json.h"
#include "engine/apply.h"
#include "engine/fault.h"
#include "engine/operation.h"
#include "kernel/process.h"
#include "state/journal.h"

#include <errno.h>

int transaction_begin(const struct plan *plan, struct record *record, struct op_context *ctx,
		      struct err *e)
{
	fault_load(ctx->settings);
	for (size_t i = 0; i < plan->count; i++) {
		if (operation_get(plan->ops[i].kind)->undo)
			plan_add(&record->undo, &plan->ops[i]);
	}
	record->state = RECORD_INTENT;
	return journal_write(ctx->settings, record, e);
}

int transaction_commit(struct record *record, struct op_context *ctx, struct err *e)
{
	if (record->transaction != RECORD_START)
		return journal_remove(ctx->settings, record->name, record->transaction, e);
	record->state = RECORD_RUNNING;
	return journal_write(ctx->settings, record, e);
}

int transaction_undo(const struct record *record, struct op_context *ctx, struct err *e)
{
	int r;

	/* A later process knows the child only by the record. */
	if (ctx->child_pidfd < 0 && record->init_pid > 0) {
		(void)process_open_same(record->init_pid, record->init_start_ticks,
					&ctx->child_pidfd, NULL);
		ctx->child_pid = record->init_pid;
	}
	r = plan_undo(&record->undo, ctx, e);
	if (r < 0)
		return e ? err_wrap(e, "undo of %s", record->name) : r;
	return journal_remove(ctx->settings, record->name, record->transaction, e);
}

int transaction_recover(const char *name, enum record_transaction transaction,
			struct op_context *ctx, struct err *e)
{
	_cleanup_record_ struct record record = RECORD_INIT;
	int r = journal_read(ctx->settings, name, transaction, &record, e);

	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : transaction_undo(&record, ctx, e);
}
