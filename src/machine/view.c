/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `list`, `show` and `top` know of one machine.
 */
#include "base/cleanup.h"
#include "config/record_json.h"
#include "engine/kind.h"
#include "kernel/process.h"
#include "machine/lifecycle.h"
#include "resource/cgroup.h"
#include "state/exit.h"
#include "state/journal.h"
#include "state/ledger.h"

#include <assert.h>
#include <errno.h>

const char *machine_state_name(enum machine_state state)
{
	static const char *const names[MACHINE_STATE_MAX] = {
		[MACHINE_STOPPED] = "stopped",
		[MACHINE_RUNNING] = "running",
		[MACHINE_PAUSED] = "paused",
		[MACHINE_BROKEN] = "broken",
	};

	assert(state > MACHINE_UNSET && state < MACHINE_STATE_MAX);
	return names[state];
}

static void view_running(const struct host *host, const struct record *record,
			 struct machine_view *view)
{
	bool frozen = false;

	(void)cgroup_frozen(record->tree_cgroup, host, &frozen, NULL);
	view->state = frozen ? MACHINE_PAUSED : MACHINE_RUNNING;
	view->record.init_pid = record->init_pid;
	view->record.started_usec = record->started_usec;
	view->used = kind_get(SPEC_KIND_CONTAINER)->usage(record, host, &view->usage, NULL) == 0;
}

/* What is promised to it now; the definition may ask for something else at the next start. */
static void view_grant(const struct settings *s, const char *name, struct machine_view *view)
{
	_cleanup_ledger_ struct ledger ledger = {.count = 0};
	const struct grant *grant = NULL;

	if (ledger_load(s, &ledger, NULL) == 0)
		grant = ledger_find(&ledger, name);
	view->granted = grant != NULL;
	if (grant)
		view->grant = *grant;
}

static void view_record(const struct settings *s, const struct host *host, struct arena *a,
			struct machine_view *view)
{
	_cleanup_record_ struct record record = RECORD_INIT;
	_cleanup_fd_ int pidfd = -EBADF;
	struct err broken = ERR_INIT;
	int r = journal_read(s, view->spec.name, RECORD_START, &record, &broken);

	/* It may run: nobody can tell. */
	if (r < 0 && r != -ENOENT) {
		view->state = MACHINE_BROKEN;
		view->detail = arena_strdup(a, broken.message);
		return;
	}
	view->state = MACHINE_STOPPED;
	if (r == 0 && record.state == RECORD_RUNNING &&
	    process_open_same(record.init_pid, record.init_start_ticks, &pidfd, NULL) == 0)
		view_running(host, &record, view);
}

int machine_view(const struct settings *s, const struct host *host, const char *name,
		 struct arena *a, struct machine_view *ret, struct err *e)
{
	struct machine_view view = {.state = MACHINE_BROKEN, .detail = ""};
	struct err broken = ERR_INIT;
	int r = machine_load(s, name, a, &view.spec, &broken);

	if (r == -ENOENT) {
		if (e)
			*e = broken;
		return r;
	}
	if (r < 0) {
		view.spec.name = arena_strdup(a, name);
		view.detail = arena_strdup(a, broken.message);
	} else {
		view_record(s, host, a, &view);
		view_grant(s, name, &view);
	}
	(void)exit_read(s, name, &view.exit, NULL);
	*ret = view;
	return 0;
}
