/* SPDX-License-Identifier: Apache-2.0 */
#include "base/units.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/table.h"
#include "cli/view.h"
#include "config/oci_json.h"
#include "model/paths.h"

#include <stdio.h>

static const struct table_column columns[] = {
	{"RESOURCE", false}, {"RESERVE", true},	 {"SHARE", true},
	{"LIMIT", true},     {"ENTITLED", true}, {"DELIVERED", true},
	{"PEAK", true},	     {"HITS", true},	 {"PROMISE", false},
};

static const char *unit_text(struct arena *a, enum unit unit, uint64_t value)
{
	char text[UNIT_TEXT_MAX];

	return value == UNIT_NONE ? "-" : arena_strdup(a, unit_print(unit, value, text));
}

static const char *bytes_text(struct arena *a, uint64_t bytes)
{
	char text[FORMAT_MAX];

	return arena_strdup(a, format_bytes(bytes, text));
}

static const char *promise(struct arena *a, const struct view *v, const struct grant_promise *p)
{
	const char *quality = view_quality(v, p);

	return v->machine.granted && p->reason[0] ? arena_printf(a, "%s: %s", quality, p->reason)
						  : quality;
}

static const char *cpus_or_nothing(struct arena *a, bool known, uint64_t millicpus)
{
	char text[FORMAT_MAX];

	return known ? arena_strdup(a, format_cpus(millicpus, text)) : NULL;
}

static const char *count_or_nothing(struct arena *a, bool known, uint64_t count)
{
	return known ? arena_printf(a, "%llu", (unsigned long long)count) : NULL;
}

static void add_cpu(struct arena *a, struct table *t, const struct view *v)
{
	const struct machine_view *m = &v->machine;
	const struct claim *claim = m->granted ? &m->grant.cpu : &m->spec.cpu.claim;

	table_add(t, "cpu");
	table_add(t, unit_text(a, UNIT_CPU, claim->reserve));
	table_add(t, unit_text(a, UNIT_SHARE, claim->share_milli));
	table_add(t, unit_text(a, UNIT_CPU, claim->limit));
	table_add(t, cpus_or_nothing(a, v->accounted, v->account.entitled_milli));
	table_add(t, cpus_or_nothing(a, v->accounted, v->account.delivered_milli));
	table_add(t, NULL);
	table_add(t, count_or_nothing(a, m->used, m->usage.cpu_hits));
	table_add(t, promise(a, v, &m->grant.cpu_promise));
}

static void add_memory(struct arena *a, struct table *t, const struct view *v)
{
	const struct machine_view *m = &v->machine;
	const struct spec_memory *s = &m->spec.memory;

	table_add(t, "memory");
	table_add(t, unit_text(a, UNIT_BYTES,
			       m->granted ? m->grant.memory_reserve_bytes : s->reserve_bytes));
	table_add(t, NULL);
	table_add(t, unit_text(a, UNIT_BYTES,
			       m->granted ? m->grant.memory_limit_bytes : s->limit_bytes));
	table_add(t, NULL);
	table_add(t, m->used ? bytes_text(a, m->usage.memory_bytes) : NULL);
	table_add(t, m->used ? bytes_text(a, m->usage.memory_peak_bytes) : NULL);
	table_add(t, count_or_nothing(a, m->used, m->usage.memory_hits));
	table_add(t, promise(a, v, &m->grant.memory_promise));
}

static void add_pids(struct arena *a, struct table *t, const struct view *v)
{
	const struct machine_view *m = &v->machine;

	table_add(t, "pids");
	table_add(t, NULL);
	table_add(t, NULL);
	table_add(t, unit_text(a, UNIT_COUNT, m->granted ? m->grant.pids : m->spec.counts.pids));
	table_add(t, NULL);
	table_add(t, count_or_nothing(a, m->used, m->usage.pids));
	table_add(t, count_or_nothing(a, m->used, m->usage.pids_peak));
	table_add(t, count_or_nothing(a, m->used, m->usage.pids_hits));
	table_add(t, promise(a, v, &m->grant.pids_promise));
}

static void field(struct call *c, const char *label, const char *text)
{
	if (text && *text)
		(void)printf("  %-14s %s\n", label, format_safe(&c->arena, text));
}

static void print_account(const struct account *account)
{
	if (account->periods == 0)
		return;
	(void)printf(
		"  %-14s in %.1f %% of %llu periods that wanted its reservation, worst %.1f %%\n",
		"kept", 100.0 * (double)account->kept / (double)account->periods,
		(unsigned long long)account->periods, (double)account->worst_permille / 10);
}

static void print_definition(struct call *c, const struct view *v)
{
	const struct spec *spec = &v->machine.spec;
	char text[FORMAT_MAX];

	field(c, "image", spec->image);
	field(c, "command", format_command(&c->arena, spec->process.argv));
	field(c, "init", view_init_name(spec->init));
	field(c, "user", spec->process.user);
	field(c, "directory", spec->process.cwd);
	field(c, "hostname", spec->hostname);
	field(c, "network", view_network_name(spec->network));
	field(c, "restart", view_restart_name(spec->restart));
	field(c, "ids", arena_printf(&c->arena, "%u+%u", spec->idmap.base, spec->idmap.count));
	if (view_is_up(v)) {
		field(c, "pid", arena_printf(&c->arena, "%d", (int)v->machine.record.init_pid));
		field(c, "started", format_time(v->machine.record.started_usec, text));
	} else {
		field(c, "ended", format_exit(&v->machine.exit, text));
	}
}

static void print_machine(struct call *c, const struct view *v)
{
	struct table t;

	(void)printf("%s: %s\n", v->name, machine_state_name(v->machine.state));
	field(c, "detail", v->machine.detail);
	if (v->machine.state == MACHINE_BROKEN)
		return;
	print_definition(c, v);
	if (v->accounted)
		print_account(&v->account);
	table_init(&t, &c->arena, columns, sizeof(columns) / sizeof(columns[0]));
	add_cpu(&c->arena, &t, v);
	add_memory(&c->arena, &t, v);
	add_pids(&c->arena, &t, v);
	for (size_t i = 0; i < table_lines(&t); i++)
		(void)printf("  %s\n", table_line(&t, i));
}

static void print_oci(struct call *c, const struct view *v)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	char rootfs[PATHS_MAX];

	oci_json_print(&v->machine.spec,
		       paths_image(&c->settings, v->machine.spec.image, "rootfs", rootfs), &text);
	(void)fputs(strbuf_text(&text), stdout);
}

int verb_show(struct call *c, struct err *e)
{
	json_t *machines = c->json && !call_has(c, "oci") ? json_array() : NULL;
	struct view_list list;
	int r = view_list_load(c, &c->arena, c->words, &list, e);

	for (size_t i = 0; r == 0 && i < list.count; i++) {
		view_resolve(c, &list.views[i]);
		if (machines) {
			(void)json_array_append_new(machines, json_machine(&list.views[i]));
		} else if (call_has(c, "oci")) {
			print_oci(c, &list.views[i]);
		} else {
			(void)printf("%s", i ? "\n" : "");
			print_machine(c, &list.views[i]);
		}
	}
	if (machines && r == 0)
		json_print_wrapped("machines", machines);
	else
		json_decref(machines);
	return r;
}
