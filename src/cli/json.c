/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/json.h"

#include "base/units.h"
#include "cli/format.h"
#include "model/capability_names.h"

#include <stdio.h>

json_t *json_cpus(uint64_t millicpus)
{
	return millicpus == UNIT_NONE ? json_null() : json_real((double)millicpus / 1000);
}

json_t *json_amount(uint64_t amount)
{
	return amount > INT64_MAX ? json_null() : json_integer((json_int_t)amount);
}

json_t *json_seconds(uint64_t usec)
{
	return json_real((double)usec / 1000000);
}

json_t *json_text(const char *text)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;

	return text ? json_string(format_safe(&a, text)) : json_null();
}

json_t *json_vector(const char *const *v)
{
	json_t *array = json_array();

	for (; v && *v; v++)
		(void)json_array_append_new(array, json_text(*v));
	return array;
}

json_t *json_exit(const struct exit_status *exit)
{
	json_t *code = json_null();
	json_t *signal = json_null();

	if (exit->knowledge == EXIT_UNSET)
		return json_null();
	if (exit->knowledge == EXIT_CODE)
		code = json_integer(exit->value);
	if (exit->knowledge == EXIT_SIGNAL)
		signal = json_integer(exit->value);
	return json_pack("{s:b, s:o, s:o, s:o}", "known", exit->knowledge != EXIT_UNKNOWN, "code",
			 code, "signal", signal, "ended", json_seconds(exit->ended_usec));
}

json_t *json_cpu_list(const cpu_set_t *cpus)
{
	json_t *array = json_array();

	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (CPU_ISSET((size_t)i, cpus))
			(void)json_array_append_new(array, json_integer(i));
	}
	return array;
}

/* What is promised once it is granted, what is asked for until then. */
static struct claim current_cpu(const struct machine_view *m)
{
	return m->granted ? m->grant.cpu : m->spec.cpu.claim;
}

static void add_promise(json_t *object, const struct view *v, const struct grant_promise *promise)
{
	if (!v->machine.granted) {
		(void)json_object_set_new(object, "quality", json_null());
		return;
	}
	(void)json_object_set_new(object, "quality", json_text(view_quality(v, promise)));
	if (promise->reason[0])
		(void)json_object_set_new(object, "reason", json_text(promise->reason));
}

static json_t *periods(const struct account *account)
{
	json_t *histogram;

	if (account->periods == 0)
		return json_null();
	histogram = json_array();
	for (size_t i = 0; i < ACCOUNT_BUCKETS; i++)
		(void)json_array_append_new(histogram, json_amount(account->histogram[i]));
	return json_pack("{s:o, s:o, s:f, s:o}", "total", json_amount(account->periods), "kept",
			 json_amount(account->kept), "worst",
			 (double)account->worst_permille / 1000, "histogram", histogram);
}

static json_t *cpu(const struct view *v)
{
	const struct machine_view *m = &v->machine;
	struct claim claim = current_cpu(m);
	bool account = v->accounted;
	json_t *o = json_pack(
		"{s:o, s:f, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "reserve",
		json_cpus(claim.reserve), "share", (double)claim.share_milli / 1000, "limit",
		json_cpus(claim.limit), "burst", json_seconds(m->spec.cpu.burst_usec), "cpus",
		m->spec.cpu.pinned ? json_cpu_list(&m->spec.cpu.cpus) : json_null(), "entitled",
		account ? json_cpus(v->account.entitled_milli) : json_null(), "delivered",
		account ? json_cpus(v->account.delivered_milli) : json_null(), "used",
		m->used ? json_seconds(m->usage.cpu_usec) : json_null(), "throttled",
		m->used ? json_seconds(m->usage.cpu_throttled_usec) : json_null(), "hits",
		m->used ? json_amount(m->usage.cpu_hits) : json_null());

	(void)json_object_set_new(o, "periods", account ? periods(&v->account) : json_null());
	add_promise(o, v, &m->grant.cpu_promise);
	return o;
}

static json_t *memory(const struct view *v)
{
	const struct machine_view *m = &v->machine;
	const struct usage *u = m->used ? &m->usage : NULL;
	json_t *o = json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "reserve",
		json_amount(m->granted ? m->grant.memory_reserve_bytes
				       : m->spec.memory.reserve_bytes),
		"limit",
		json_amount(m->granted ? m->grant.memory_limit_bytes : m->spec.memory.limit_bytes),
		"swap",
		json_amount(m->granted ? m->grant.memory_swap_bytes : m->spec.memory.swap_bytes),
		"current", u ? json_amount(u->memory_bytes) : json_null(), "maximum",
		u ? json_amount(u->memory_peak_bytes) : json_null(), "swapped",
		u ? json_amount(u->swap_bytes) : json_null(), "hits",
		u ? json_amount(u->memory_hits) : json_null());

	add_promise(o, v, &m->grant.memory_promise);
	return o;
}

static json_t *pids(const struct view *v)
{
	const struct machine_view *m = &v->machine;
	const struct usage *u = m->used ? &m->usage : NULL;
	json_t *o = json_pack("{s:o, s:o, s:o, s:o}", "limit",
			      json_amount(m->granted ? m->grant.pids : m->spec.counts.pids),
			      "current", u ? json_amount(u->pids) : json_null(), "maximum",
			      u ? json_amount(u->pids_peak) : json_null(), "hits",
			      u ? json_amount(u->pids_hits) : json_null());

	add_promise(o, v, &m->grant.pids_promise);
	return o;
}

static json_t *capabilities(uint64_t set)
{
	json_t *array = json_array();

	for (int i = 0; i < CAPABILITY_COUNT; i++) {
		if (set & CAPABILITY_BIT(i))
			(void)json_array_append_new(array, json_text(capability_name(i)));
	}
	return array;
}

static json_t *process(const struct spec_process *p)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:b}", "command",
			 json_vector(p->argv), "environment", json_vector(p->env), "directory",
			 json_text(p->cwd), "user", json_text(p->user), "capabilities",
			 capabilities(p->capabilities), "no-new-privileges", p->no_new_privs,
			 "seccomp", p->seccomp, "terminal", p->terminal);
}

static void add_definition(json_t *o, const struct spec *spec)
{
	(void)json_object_set_new(o, "image", json_text(spec->image));
	(void)json_object_set_new(o, "hostname", json_text(spec->hostname));
	(void)json_object_set_new(o, "init", json_text(view_init_name(spec->init)));
	(void)json_object_set_new(o, "network", json_text(view_network_name(spec->network)));
	(void)json_object_set_new(o, "restart", json_text(view_restart_name(spec->restart)));
	(void)json_object_set_new(o, "stop-timeout", json_seconds(spec->stop_timeout_usec));
	(void)json_object_set_new(o, "ephemeral", json_boolean(spec->ephemeral));
	(void)json_object_set_new(o, "ids",
				  json_pack("{s:I, s:I}", "base", (json_int_t)spec->idmap.base,
					    "count", (json_int_t)spec->idmap.count));
	(void)json_object_set_new(o, "process", process(&spec->process));
}

json_t *json_machine(const struct view *v)
{
	const struct machine_view *m = &v->machine;
	json_t *o = json_pack("{s:s, s:s}", "name", v->name, "state", machine_state_name(m->state));

	if (m->detail && m->detail[0])
		(void)json_object_set_new(o, "detail", json_text(m->detail));
	if (m->state == MACHINE_BROKEN)
		return o;
	(void)json_object_set_new(o, "kind", json_string("container"));
	(void)json_object_set_new(o, "pid",
				  view_is_up(v) ? json_integer(m->record.init_pid) : json_null());
	(void)json_object_set_new(
		o, "started", view_is_up(v) ? json_seconds(m->record.started_usec) : json_null());
	(void)json_object_set_new(o, "exit", json_exit(&m->exit));
	add_definition(o, &m->spec);
	(void)json_object_set_new(o, "cpu", cpu(v));
	(void)json_object_set_new(o, "memory", memory(v));
	(void)json_object_set_new(o, "counts", json_pack("{s:o}", "pids", pids(v)));
	return o;
}

json_t *json_image(const struct image *image)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
			 json_text(image->name), "command", json_vector(image->command),
			 "environment", json_vector(image->env), "user", json_text(image->user),
			 "directory", json_text(image->cwd), "init",
			 json_text(view_init_name(image->init)), "source", json_text(image->source),
			 "created", json_seconds(image->created_usec), "size",
			 json_amount(image->size_bytes));
}

/* 15 digits: the most with which every decimal fraction prints as it was meant. */
void json_print(json_t *value)
{
	(void)json_dumpf(value, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	(void)putchar('\n');
	json_decref(value);
}

void json_print_wrapped(const char *key, json_t *value)
{
	json_print(json_pack("{s:o}", key, value));
}
