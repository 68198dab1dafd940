/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/top.h"

#include "base/units.h"
#include "cli/format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct table_column columns[] = {
	{"NAME", false},  {"STATE", false},   {"RESERVE", true}, {"SHARE", true},
	{"LIMIT", true},  {"ENTITLED", true}, {"CPU", true},	 {"KEPT", true},
	{"MEMORY", true}, {"RESERVE", true},  {"LIMIT", true},	 {"PIDS", true},
	{"LIMIT", true},
};

int top_sort_parse(const char *text, enum top_sort *ret, struct err *e)
{
	static const char *const names[TOP_SORT_MAX] = {
		[TOP_BY_CPU] = "cpu",
		[TOP_BY_MEMORY] = "memory",
		[TOP_BY_PIDS] = "pids",
		[TOP_BY_NAME] = "name",
	};

	for (int i = 0; i < TOP_SORT_MAX; i++) {
		if (strcmp(text, names[i]) == 0) {
			*ret = (enum top_sort)i;
			return 0;
		}
	}
	return err_set(e, ERR_INPUT, -EINVAL, "--sort '%.40s': none of cpu, memory, pids, name",
		       text);
}

static const struct top_row *find_before(const struct top_sample *before, const struct view *v)
{
	for (size_t i = 0; i < before->count; i++) {
		const struct view *old = before->rows[i].view;

		if (strcmp(old->name, v->name) == 0 &&
		    old->machine.record.init_pid == v->machine.record.init_pid)
			return &before->rows[i];
	}
	return NULL;
}

static void measure(const struct top_sample *before, struct top_row *row)
{
	const struct top_row *old = find_before(before, row->view);
	const struct usage *now = &row->view->machine.usage;
	const struct usage *then;

	if (!old || !old->view->machine.used || !row->view->machine.used)
		return;
	then = &old->view->machine.usage;
	if (now->when_usec <= then->when_usec || now->cpu_usec < then->cpu_usec)
		return;
	row->measured = true;
	row->delivered_milli =
		(now->cpu_usec - then->cpu_usec) * 1000 / (now->when_usec - then->when_usec);
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? 1 : a > b ? -1 : 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct top_row *)a)->view->name,
		      ((const struct top_row *)b)->view->name);
}

static int compare_cpu(const void *a, const void *b)
{
	int order = compare_numbers(((const struct top_row *)a)->delivered_milli,
				    ((const struct top_row *)b)->delivered_milli);

	return order ? order : compare_names(a, b);
}

static int compare_memory(const void *a, const void *b)
{
	int order = compare_numbers(((const struct top_row *)a)->view->machine.usage.memory_bytes,
				    ((const struct top_row *)b)->view->machine.usage.memory_bytes);

	return order ? order : compare_names(a, b);
}

static int compare_pids(const void *a, const void *b)
{
	int order = compare_numbers(((const struct top_row *)a)->view->machine.usage.pids,
				    ((const struct top_row *)b)->view->machine.usage.pids);

	return order ? order : compare_names(a, b);
}

void top_sort_rows(struct top_sample *s, enum top_sort sort)
{
	static int (*const compare[TOP_SORT_MAX])(const void *a, const void *b) = {
		[TOP_BY_CPU] = compare_cpu,
		[TOP_BY_MEMORY] = compare_memory,
		[TOP_BY_PIDS] = compare_pids,
		[TOP_BY_NAME] = compare_names,
	};

	if (s->count)
		qsort(s->rows, s->count, sizeof(*s->rows), compare[sort]);
}

int top_sample_take(struct call *c, const struct top_sample *before, enum top_sort sort,
		    struct top_sample *ret, struct err *e)
{
	struct top_sample s = TOP_SAMPLE_INIT;
	int r = view_list_load(c, &s.arena, c->words, &s.list, e);

	if (r < 0) {
		top_sample_done(&s);
		return r;
	}
	s.rows = ARENA_ARRAY(&s.arena, struct top_row, s.list.count);
	for (size_t i = 0; i < s.list.count; i++) {
		if (!view_is_up(&s.list.views[i]))
			continue;
		s.rows[s.count].view = &s.list.views[i];
		measure(before, &s.rows[s.count++]);
	}
	top_sort_rows(&s, sort);
	*ret = s;
	return 0;
}

void top_sample_done(struct top_sample *s)
{
	arena_done(&s->arena);
	*s = TOP_SAMPLE_INIT;
}

static void add_quantity(struct table *t, enum unit unit, uint64_t value)
{
	char text[UNIT_TEXT_MAX];

	table_add(t, value == UNIT_NONE ? NULL : unit_print(unit, value, text));
}

static void add_cpu(struct table *t, const struct top_row *row)
{
	const struct view *v = row->view;
	const struct claim *claim =
		v->machine.granted ? &v->machine.grant.cpu : &v->machine.spec.cpu.claim;
	char text[FORMAT_MAX];

	add_quantity(t, UNIT_CPU, claim->reserve);
	add_quantity(t, UNIT_SHARE, claim->share_milli);
	add_quantity(t, UNIT_CPU, claim->limit);
	table_add(t, v->accounted ? format_cpus(v->account.entitled_milli, text) : NULL);
	table_add(t, row->measured ? format_cpus(row->delivered_milli, text) : NULL);
	if (v->accounted && v->account.periods)
		table_printf(t, "%.1f%%",
			     100.0 * (double)v->account.kept / (double)v->account.periods);
	else
		table_add(t, NULL);
}

static void add_rest(struct table *t, const struct machine_view *m)
{
	char text[FORMAT_MAX];

	table_add(t, m->used ? format_bytes(m->usage.memory_bytes, text) : NULL);
	add_quantity(t, UNIT_BYTES, m->spec.memory.reserve_bytes);
	add_quantity(t, UNIT_BYTES, m->spec.memory.limit_bytes);
	if (m->used)
		table_printf(t, "%llu", (unsigned long long)m->usage.pids);
	else
		table_add(t, NULL);
	add_quantity(t, UNIT_COUNT, m->spec.counts.pids);
}

void top_table(struct top_sample *s, struct table *ret)
{
	table_init(ret, &s->arena, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < s->count; i++) {
		table_add(ret, s->rows[i].view->name);
		table_add(ret, machine_state_name(s->rows[i].view->machine.state));
		add_cpu(ret, &s->rows[i]);
		add_rest(ret, &s->rows[i].view->machine);
	}
}

const char *top_summary(struct call *c, struct top_sample *s)
{
	const struct host_capacity *h = &c->host.capacity;
	uint64_t delivered = 0, promised = 0, memory = 0, memory_promised = 0;
	char texts[6][FORMAT_MAX];

	for (size_t i = 0; i < s->count; i++) {
		const struct machine_view *m = &s->rows[i].view->machine;

		delivered += s->rows[i].delivered_milli;
		promised += m->granted ? m->grant.cpu.reserve : 0;
		memory += m->used ? m->usage.memory_bytes : 0;
		memory_promised += m->granted ? m->grant.memory_reserve_bytes : 0;
	}
	return arena_printf(&s->arena,
			    "%zu up   CPU %s delivered, %s promised of %s   "
			    "memory %s used, %s promised of %s",
			    s->count, format_cpus(delivered, texts[0]),
			    format_cpus(promised, texts[1]),
			    format_cpus(h->cpu_millicpus - h->cpu_reserved, texts[2]),
			    format_bytes(memory, texts[3]), format_bytes(memory_promised, texts[4]),
			    format_bytes(h->memory_bytes - h->memory_reserved, texts[5]));
}
