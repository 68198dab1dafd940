/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/adopt.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "config/record_json.h"
#include "keeper/console.h"
#include "keeper/keeper.h"
#include "kernel/process.h"
#include "machine/lifecycle.h"
#include "model/keeper_message.h"
#include "state/journal.h"

#include <stdio.h>

#define LOST                                                                                 \
	"\r\nbulkheadd: both of its processes were killed; what this machine writes to its " \
	"console from here on is lost until it is started anew\r\n"

struct adoption {
	struct holdings *h;
	struct table *t;
	struct table_index index;
};

/* What the record does not hold stands in the definition. */
static void policy_load(struct adoption *a, struct table_slot *slot)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct spec spec;

	slot->restart = SPEC_RESTART_NO;
	slot->log_max_bytes = KEEPER_LOG_MAX_BYTES;
	if (machine_load(&a->t->header.settings, slot->name, &arena, &spec, NULL) < 0)
		return;
	slot->restart = (uint32_t)spec.restart;
	slot->console = spec.stdio == SPEC_STDIO_CONSOLE;
}

static void console_mourn(struct adoption *a, uint32_t index)
{
	_cleanup_fd_ int log = -EBADF;
	const struct table_slot *slot = table_slot(a->t, index);

	if (slot->console && console_open_log(&a->t->header.settings, slot->name, &log, NULL) == 0)
		console_note(log, LOST);
}

static void adopt(struct adoption *a, const struct record *record)
{
	uint32_t index = table_take(&a->index, a->t, record->name);
	struct table_slot *slot;
	int pidfd = -EBADF;

	if (index == TABLE_NONE) {
		say("%s is not watched: bulkheadd keeps at most %u machines", record->name,
		    TABLE_SLOTS);
		return;
	}
	slot = table_slot(a->t, index);
	slot->init_pid = record->init_pid;
	slot->init_start_ticks = record->init_start_ticks;
	slot->ephemeral = record->ephemeral;
	slot->started_usec = clock_monotonic_usec();
	policy_load(a, slot);
	if (process_open_same(record->init_pid, record->init_start_ticks, &pidfd, NULL) == 0) {
		a->h->slot[index].pidfd = pidfd;
		slot->state = SLOT_RUNNING;
		console_mourn(a, index);
		return;
	}
	slot->exit = (struct exit_status){.knowledge = EXIT_UNKNOWN,
					  .ended_usec = clock_realtime_usec()};
	slot->state = SLOT_CLEANING;
}

static int adopt_one(const char *name, enum record_transaction transaction, void *data)
{
	struct adoption *a = data;
	struct record record = RECORD_INIT;
	struct err e = ERR_INIT;

	if (transaction != RECORD_START)
		return 0;
	if (journal_read(&a->t->header.settings, name, transaction, &record, &e) < 0) {
		say("%s", e.message);
		return 0;
	}
	if (record.state == RECORD_RUNNING)
		adopt(a, &record);
	record_done(&record);
	return 0;
}

int adopt_machines(struct holdings *h, struct table *t, struct err *e)
{
	static struct adoption a;

	a.h = h;
	a.t = t;
	return journal_foreach(&t->header.settings, adopt_one, &a, e);
}
