/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spec -> grant -> plan -> intent recorded -> applied -> committed, for one machine.
 */
#include "base/cleanup.h"
#include "config/record_json.h"
#include "engine/apply.h"
#include "engine/kind.h"
#include "engine/resolve.h"
#include "engine/transaction.h"
#include "guarantee/admission.h"
#include "host/facts.h"
#include "kernel/process.h"
#include "machine/lifecycle.h"
#include "machine/rebalance.h"
#include "machine/recover.h"
#include "resource/cgroup.h"
#include "state/event.h"
#include "state/exit.h"
#include "state/idrange.h"
#include "state/ledger.h"
#include "state/lock.h"
#include "storage/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef int start_commit_fn(const struct machine_started *started, void *data, struct err *e);

/* A start on its way; owner of everything that its plan points to. */
struct start {
	struct arena arena;
	struct spec spec;
	struct host host;
	struct grant grant;
	struct plan plan;
	struct record record;
	struct op_context ctx;
};

static void start_done(struct start *start)
{
	op_context_done(&start->ctx);
	record_done(&start->record);
	plan_done(&start->plan);
	arena_done(&start->arena);
}

static uint64_t now_usec(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

int machine_resolve(const struct settings *s, const char *name, struct arena *a,
		    struct spec *ret_spec, struct err *e)
{
	struct image image;
	struct spec spec;
	int r = machine_load(s, name, a, &spec, e);

	if (r == 0)
		r = image_load(s, spec.image, a, &image, e);
	if (r == 0)
		r = spec_resolve(&spec, &image, a, e);
	if (r == 0)
		*ret_spec = spec;
	return r;
}

static int make_plan(const struct settings *s, const struct ledger *ledger, struct start *start,
		     struct err *e)
{
	struct plan_request request = {
		.spec = &start->spec,
		.grant = &start->grant,
		.host = &start->host,
		.settings = s,
		.weight_ppm = machine_static_weight(&start->host, ledger, &start->grant),
	};

	return kind_get(start->spec.kind)->plan(&request, &start->plan, e);
}

/* The ledger's lock is held from the decision until LEDGER_ENTER has been applied. */
static int admit_and_plan(const struct settings *s, struct start *start, struct err *e)
{
	_cleanup_ledger_ struct ledger ledger = {.count = 0};
	int r = lock_ledger(s, &start->ctx.ledger_lock, e);

	if (r == 0)
		r = ledger_load(s, &ledger, e);
	if (r == 0)
		r = admission_decide(&start->spec, &start->host, &ledger, &start->grant, e);
	return r < 0 ? r : make_plan(s, &ledger, start, e);
}

static void fill_record(const struct settings *s, struct start *start)
{
	struct record *record = &start->record;

	record->transaction = RECORD_START;
	memcpy(record->name, start->grant.name, sizeof(record->name));
	record->started_usec = now_usec();
	record->idmap_base = start->spec.idmap.base;
	record->init_kind = start->spec.init;
	record->stop_timeout_usec = start->spec.stop_timeout_usec;
	record->ephemeral = start->spec.ephemeral;
	(void)cgroup_path(s, &start->host, record->name, record->tree_cgroup);
}

static int commit(struct start *start, start_commit_fn *commit_fn, void *data, struct err *e)
{
	struct record *record = &start->record;
	struct machine_started started = {
		.init_pid = start->ctx.child_pid,
		.init_pidfd = start->ctx.child_pidfd,
		.console_master = start->ctx.console_master,
		.restart = start->spec.restart,
		.ephemeral = start->spec.ephemeral,
	};
	int r = process_start_ticks(started.init_pid, &started.init_start_ticks, e);

	record->init_pid = started.init_pid;
	record->init_start_ticks = started.init_start_ticks;
	/* The record first: whoever takes the machine over finds it committed. */
	if (r == 0)
		r = transaction_commit(record, &start->ctx, e);
	if (r == 0)
		r = commit_fn(&started, data, e);
	return r == 0 ? plan_release(&start->plan, &start->ctx, e) : r;
}

static int run_transaction(const struct settings *s, struct start *start,
			   start_commit_fn *commit_fn, void *data, struct err *e)
{
	int r;

	fill_record(s, start);
	start->ctx.spec = &start->spec;
	start->ctx.grant = &start->grant;
	start->ctx.plan = &start->plan;
	(void)exit_remove(s, start->record.name, NULL);
	r = transaction_begin(&start->plan, &start->record, &start->ctx, e);
	if (r == 0)
		r = plan_apply(&start->plan, &start->ctx, e);
	if (r == 0)
		r = commit(start, commit_fn, data, e);
	if (r < 0)
		(void)transaction_undo(&start->record, &start->ctx, NULL);
	return r;
}

static int refuse_running(const struct settings *s, const char *name, struct err *e)
{
	_cleanup_record_ struct record record = RECORD_INIT;
	int r = machine_running_record(s, name, &record, NULL);

	if (r == -ENOENT)
		return 0;
	return err_set(e, ERR_INPUT, -EALREADY, "machine %s is running already", name);
}

static void take_stdio(const int *stdio, struct start *start)
{
	start->spec.stdio = stdio ? SPEC_STDIO_INHERIT : SPEC_STDIO_CONSOLE;
	/* The caller's own descriptors never become the machine's controlling terminal. */
	if (stdio)
		start->spec.process.terminal = false;
	for (int i = 0; stdio && i < OP_STDIO_COUNT; i++)
		start->ctx.stdio[i] = stdio[i];
}

int machine_start(const struct settings *s, const char *name, const int *stdio,
		  int (*commit_fn)(const struct machine_started *started, void *data,
				   struct err *e),
		  void *data, struct err *e)
{
	__attribute__((cleanup(start_done))) struct start start = {
		.record = RECORD_INIT, .plan = PLAN_INIT, .ctx = OP_CONTEXT_INIT};
	int r = host_facts_get(s, &start.host, e);

	if (r == 0)
		r = machine_begin(s, &start.host, name, &start.ctx, e);
	if (r == 0)
		r = refuse_running(s, name, e);
	if (r == 0)
		r = machine_resolve(s, name, &start.arena, &start.spec, e);
	if (r < 0)
		return r;
	take_stdio(stdio, &start);
	r = admit_and_plan(s, &start, e);
	if (r == 0)
		r = run_transaction(s, &start, commit_fn, data, e);
	if (r < 0)
		return r;
	event_append(s, name, "start", NULL);
	machine_rebalance(s, &start.host);
	return 0;
}

int machine_explain(const struct settings *s, const struct spec *asked, const struct host *host,
		    struct plan *ret_plan, struct err *e)
{
	_cleanup_ledger_ struct ledger ledger = {.count = 0};
	__attribute__((cleanup(start_done))) struct start start = {
		.record = RECORD_INIT, .plan = PLAN_INIT, .ctx = OP_CONTEXT_INIT};
	struct image image;
	bool known;
	int r;

	start.spec = *asked;
	start.host = *host;
	/* A definition that was never created has no image to ask, and may need none. */
	known = image_load(s, asked->image, &start.arena, &image, NULL) == 0;
	r = spec_resolve(&start.spec, known ? &image : NULL, &start.arena, e);
	if (r == 0 && start.spec.user_namespace && start.spec.idmap.count == 0) {
		start.spec.idmap.count = IDRANGE_COUNT;
		r = idrange_choose(s, &start.spec.idmap.base, e);
	}
	if (r == 0 && start.spec.stdio == SPEC_STDIO_UNSET)
		start.spec.stdio = SPEC_STDIO_CONSOLE;
	if (r == 0)
		r = ledger_load(s, &ledger, e);
	if (r == 0)
		r = admission_decide(&start.spec, &start.host, &ledger, &start.grant, e);
	if (r == 0)
		r = make_plan(s, &ledger, &start, e);
	if (r < 0)
		return r;
	*ret_plan = start.plan;
	start.plan = PLAN_INIT;
	return 0;
}
