/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/format.h"
#include "cli/json.h"
#include "cli/table.h"
#include "cli/view.h"

#include <stdio.h>
#include <time.h>

static const struct table_column columns[] = {
	{"NAME", false},       {"STATE", false}, {"IMAGE", false}, {"CPU R/S/L", false},
	{"MEMORY R/L", false}, {"PIDS", true},	 {"PID", true},	   {"SINCE", false},
};

static uint64_t now_usec(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

/* "5min 2s" while it runs, how it ended afterwards. */
static const char *since(struct arena *a, const struct view *v)
{
	uint64_t now = now_usec(), started = v->machine.record.started_usec;
	char text[FORMAT_MAX];

	if (view_is_up(v))
		return arena_strdup(a, format_duration(now > started ? now - started : 0, text));
	return arena_strdup(a, format_exit(&v->machine.exit, text));
}

static void add_row(struct call *c, struct table *t, const struct view *v)
{
	const struct machine_view *m = &v->machine;

	table_add(t, v->name);
	table_add(t, machine_state_name(m->state));
	if (m->state == MACHINE_BROKEN) {
		for (int i = 0; i < 5; i++)
			table_add(t, NULL);
		table_add(t, m->detail);
		return;
	}
	table_add(t, m->spec.image);
	table_add(t, view_claim(&c->arena, m->granted ? &m->grant.cpu : &m->spec.cpu.claim));
	table_add(t, view_memory(&c->arena, &m->spec.memory));
	if (m->used)
		table_printf(t, "%llu", (unsigned long long)m->usage.pids);
	else
		table_add(t, NULL);
	if (view_is_up(v))
		table_printf(t, "%d", (int)m->record.init_pid);
	else
		table_add(t, NULL);
	table_add(t, since(&c->arena, v));
}

static void print_text(struct call *c, const struct view_list *list)
{
	struct table t;

	table_init(&t, &c->arena, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < list->count; i++)
		add_row(c, &t, &list->views[i]);
	table_print(&t, stdout);
}

static void keep_running(struct view_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (view_is_up(&list->views[i]))
			list->views[kept++] = list->views[i];
	}
	list->count = kept;
}

int verb_list(struct call *c, struct err *e)
{
	struct view_list list;
	int r = view_list_load(c, &c->arena, c->words, &list, e);

	if (r < 0)
		return r;
	if (call_has(c, "running"))
		keep_running(&list);
	if (c->json) {
		json_t *machines = json_array();

		for (size_t i = 0; i < list.count; i++) {
			view_resolve(c, &list.views[i]);
			(void)json_array_append_new(machines, json_machine(&list.views[i]));
		}
		json_print_wrapped("machines", machines);
	} else if (c->quiet) {
		for (size_t i = 0; i < list.count; i++)
			(void)printf("%s\n", list.views[i].name);
	} else {
		print_text(c, &list);
	}
	return 0;
}
