/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `set`: the running machine, the ledger and the definition change together, or none of them.
 */
#include "base/cleanup.h"
#include "base/io.h"
#include "config/machine_ini.h"
#include "config/record_json.h"
#include "engine/apply.h"
#include "engine/operation.h"
#include "guarantee/admission.h"
#include "host/facts.h"
#include "machine/lifecycle.h"
#include "machine/rebalance.h"
#include "machine/recover.h"
#include "model/paths.h"
#include "resource/cgroup.h"
#include "state/event.h"
#include "state/ledger.h"
#include "state/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static int assign(struct spec *spec, struct arena *a, const char *assignment, struct err *e)
{
	const char *equals = strchr(assignment, '=');

	if (!equals)
		return err_set(e, ERR_INPUT, -EINVAL,
			       "'%s' is not KEY=VALUE, as in cpu.reserve=0.75", assignment);
	return machine_key_change(spec, a,
				  arena_strndup(a, assignment, (size_t)(equals - assignment)),
				  equals + 1, e);
}

static int assign_all(struct spec *spec, struct arena *a, const char *const *assignments,
		      struct err *e)
{
	int r = 0;

	for (; r == 0 && *assignments; assignments++)
		r = assign(spec, a, *assignments, e);
	return r == 0 ? spec_check_relations(spec, e) : r;
}

static int write_definition(const struct settings *s, const struct spec *spec, struct err *e)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	char path[PATHS_MAX];

	machine_ini_print(spec, &text);
	return io_replace_file(AT_FDCWD, paths_machine(s, spec->name, "machine.ini", path), 0600,
			       IO_DURABLE, strbuf_text(&text), text.length, e);
}

static int change_cgroups(const struct grant *from, const struct grant *to, struct op_context *ctx,
			  struct err *e)
{
	_cleanup_plan_ struct plan plan = PLAN_INIT;
	int r = cgroup_plan_update(from, to, ctx->host, ctx->settings, &plan, e);

	for (size_t i = 0; r == 0 && i < plan.count; i++)
		r = operation_get(plan.ops[i].kind)->apply(&plan.ops[i], ctx, e);
	return r;
}

/* Kernel first, since it may refuse (a limit below what is in use); what follows is files. */
static int change_running(const struct grant *from, const struct spec *spec, struct op_context *ctx,
			  struct err *e)
{
	_cleanup_ledger_ struct ledger ledger = {.count = 0};
	struct grant to;
	int r = ledger_load(ctx->settings, &ledger, e);

	if (r == 0)
		r = admission_decide(spec, ctx->host, &ledger, &to, e);
	if (r < 0)
		return r;
	r = change_cgroups(from, &to, ctx, e);
	if (r == 0)
		r = ledger_put(ctx->settings, &to, e);
	if (r == 0)
		r = write_definition(ctx->settings, spec, e);
	if (r < 0) {
		(void)ledger_put(ctx->settings, from, NULL);
		(void)change_cgroups(&to, from, ctx, NULL);
	}
	return r;
}

static int change(const struct spec *spec, struct op_context *ctx, struct err *e)
{
	_cleanup_ledger_ struct ledger ledger = {.count = 0};
	const struct grant *granted;
	int r = lock_ledger(ctx->settings, &ctx->ledger_lock, e);

	if (r == 0)
		r = ledger_load(ctx->settings, &ledger, e);
	if (r < 0)
		return r;
	granted = ledger_find(&ledger, spec->name);
	return granted ? change_running(granted, spec, ctx, e)
		       : write_definition(ctx->settings, spec, e);
}

int machine_set(const struct settings *s, const char *name, const char *const *assignments,
		struct err *e)
{
	_cleanup_op_context_ struct op_context ctx = OP_CONTEXT_INIT;
	_cleanup_arena_ struct arena a = ARENA_INIT;
	struct spec spec;
	struct host host;
	int r = host_facts_get(s, &host, e);

	if (r == 0)
		r = machine_begin(s, &host, name, &ctx, e);
	if (r == 0)
		r = machine_load(s, name, &a, &spec, e);
	if (r == 0)
		r = assign_all(&spec, &a, assignments, e);
	if (r == 0)
		r = change(&spec, &ctx, e);
	if (r < 0)
		return r;
	event_append(s, name, "set", NULL);
	ctx.ledger_lock = fd_close(ctx.ledger_lock);
	machine_rebalance(s, &host);
	return 0;
}
