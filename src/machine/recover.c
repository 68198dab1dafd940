/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/recover.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "config/record_json.h"
#include "engine/apply.h"
#include "engine/transaction.h"
#include "host/facts.h"
#include "kernel/process.h"
#include "machine/keeper_client.h"
#include "machine/lifecycle.h"
#include "machine/rebalance.h"
#include "model/paths.h"
#include "state/event.h"
#include "state/exit.h"
#include "state/journal.h"
#include "state/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

static bool init_lives(const struct record *record)
{
	_cleanup_fd_ int pidfd = -EBADF;

	return record->init_pid > 0 &&
	       process_open_same(record->init_pid, record->init_start_ticks, &pidfd, NULL) == 0 &&
	       process_wait_end(pidfd, 0, NULL) == -ETIMEDOUT;
}

static int recover_start(const char *name, struct op_context *ctx, struct err *e)
{
	_cleanup_record_ struct record record = RECORD_INIT;
	int r = journal_read(ctx->settings, name, RECORD_START, &record, e);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	if (record.state == RECORD_RUNNING && init_lives(&record))
		return 0;
	if (record.state == RECORD_INTENT) {
		event_append(ctx->settings, name, "recovered", "an unfinished start was undone");
		return transaction_undo(&record, ctx, e);
	}
	return machine_clean_locked(name, ctx, e);
}

static int recover_locked(const char *name, struct op_context *ctx, struct err *e)
{
	int r = recover_start(name, ctx, e);

	if (r == 0)
		r = transaction_recover(name, RECORD_CREATE, ctx, e);
	if (r == 0)
		r = transaction_recover(name, RECORD_DELETE, ctx, e);
	return r;
}

int machine_begin(const struct settings *s, const struct host *host, const char *name,
		  struct op_context *ctx, struct err *e)
{
	int r = name_check("machine", name, e);

	if (r < 0)
		return r;
	ctx->settings = s;
	ctx->host = host;
	r = lock_machine(s, name, LOCK_WAIT, &ctx->machine_lock, e);
	return r < 0 ? r : recover_locked(name, ctx, e);
}

int machine_running_record(const struct settings *s, const char *name, struct record *ret_record,
			   struct err *e)
{
	_cleanup_record_ struct record record = RECORD_INIT;
	int r = journal_read(s, name, RECORD_START, &record, e);

	if (r == -ENOENT || (r == 0 && record.state != RECORD_RUNNING))
		return err_set(e, ERR_INPUT, -ENOENT,
			       "machine %s is not running: start it with 'bulkhead start %s'", name,
			       name);
	if (r < 0)
		return r;
	*ret_record = record;
	record = RECORD_INIT;
	return 0;
}

/* Nobody watched it end, and nobody will tell: that is said, not guessed. A keeper that lives knows
 * better, and writes when it is ready. */
static void note_unknown_end(const struct settings *s, const char *name)
{
	struct exit_status status;
	struct timespec now;

	if (exit_read(s, name, &status, NULL) != -ENOENT ||
	    keeper_tell(s, KEEPER_PING, NULL, NULL, NULL) == 0)
		return;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	status = (struct exit_status){.knowledge = EXIT_UNKNOWN,
				      .ended_usec = (uint64_t)now.tv_sec * 1000000u +
						    (uint64_t)now.tv_nsec / 1000u};
	(void)exit_write(s, name, &status, NULL);
}

int machine_clean_locked(const char *name, struct op_context *ctx, struct err *e)
{
	_cleanup_record_ struct record record = RECORD_INIT;
	int r = journal_read(ctx->settings, name, RECORD_START, &record, e);

	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = transaction_undo(&record, ctx, e);
	if (r < 0)
		return r;
	/* After the undo, which takes the machine's runtime directory away. */
	if (record.state == RECORD_RUNNING && !record.ephemeral)
		note_unknown_end(ctx->settings, name);
	event_append(ctx->settings, name, "stop", NULL);
	machine_rebalance(ctx->settings, ctx->host);
	return record.ephemeral ? machine_delete_locked(name, ctx, e) : 0;
}

/* The operations of a create; undoing them is the deletion, whether it was finished or not. */
static void plan_existing(const char *name, struct plan *plan)
{
	PLAN_ADD(plan, OP_STAGE_HOST, OP_IDRANGE_TAKE, .subject = name);
	PLAN_ADD(plan, OP_STAGE_HOST, OP_MACHINEDIR_MAKE, .subject = name);
	PLAN_ADD(plan, OP_STAGE_HOST, OP_LAYER_MAKE, .subject = name);
	PLAN_ADD(plan, OP_STAGE_HOST, OP_DEFINITION_WRITE, .subject = name);
}

int machine_delete_locked(const char *name, struct op_context *ctx, struct err *e)
{
	_cleanup_record_ struct record record = RECORD_INIT;
	_cleanup_plan_ struct plan plan = PLAN_INIT;
	int r;

	record.transaction = RECORD_DELETE;
	memcpy(record.name, name, strlen(name) + 1);
	plan_existing(name, &plan);
	r = transaction_begin(&plan, &record, ctx, e);
	if (r == 0)
		r = transaction_undo(&record, ctx, e);
	if (r < 0)
		return r;
	(void)exit_remove(ctx->settings, name, NULL);
	(void)lock_machine_remove(ctx->settings, name, NULL);
	event_append(ctx->settings, name, "delete", NULL);
	return 0;
}

struct recover_walk {
	const struct settings *settings;
	struct host host;
	bool host_known;
	int first;
	struct err err;
};

/* Asked for only when there is something to recover: the usual command finds nothing. */
static int walk_host(struct recover_walk *walk, struct err *e)
{
	int r = walk->host_known ? 0 : host_facts_get(walk->settings, &walk->host, e);

	walk->host_known = r == 0;
	return r;
}

static bool needs_recovery(const struct settings *s, const char *name,
			   enum record_transaction transaction)
{
	_cleanup_record_ struct record record = RECORD_INIT;

	if (transaction != RECORD_START)
		return true;
	return journal_read(s, name, transaction, &record, NULL) == 0 &&
	       !(record.state == RECORD_RUNNING && init_lives(&record));
}

static int recover_one(const char *name, enum record_transaction transaction, void *data)
{
	_cleanup_op_context_ struct op_context ctx = OP_CONTEXT_INIT;
	struct recover_walk *walk = data;
	struct err e = ERR_INIT;
	int r;

	/* Held: its owner is at work, nothing is lost. */
	if (!needs_recovery(walk->settings, name, transaction) ||
	    lock_machine(walk->settings, name, LOCK_TRY, &ctx.machine_lock, NULL) < 0)
		return 0;
	r = walk_host(walk, &e);
	if (r == 0) {
		ctx.settings = walk->settings;
		ctx.host = &walk->host;
		r = recover_locked(name, &ctx, &e);
	}
	if (r < 0 && walk->first == 0) {
		walk->first = r;
		walk->err = e;
	}
	return 0;
}

int machine_recover_all(const struct settings *s, struct err *e)
{
	struct recover_walk walk = {.settings = s};
	int r = journal_foreach(s, recover_one, &walk, e);

	if (r == 0 && walk.first < 0 && e)
		*e = walk.err;
	return r < 0 ? r : walk.first;
}
