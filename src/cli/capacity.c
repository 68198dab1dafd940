/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/units.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/table.h"
#include "config/host_json.h"
#include "guarantee/admission.h"
#include "model/paths.h"
#include "state/ledger.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define CAPACITY_INI_MAX 65536

static const struct table_column columns[] = {
	{"RESOURCE", false}, {"TOTAL", true}, {"HOST", true}, {"PROMISED", true}, {"LEFT", true},
};

static const struct table_column machine_columns[] = {
	{"MACHINE", false},
	{"CPU", true},
	{"MEMORY", true},
};

struct capacity {
	const struct host *host;
	struct ledger ledger;
	struct admission_room cpu, memory;
};

static json_t *room_json(const struct admission_room *room, uint64_t host_part,
			 json_t *(*print)(uint64_t))
{
	return json_pack("{s:o, s:o, s:o, s:o}", "total", print(room->total + host_part), "host",
			 print(host_part), "promised", print(room->promised), "left",
			 print(room->left));
}

static void print_json(const struct call *c, const struct capacity *cap)
{
	const struct host_capacity *h = &cap->host->capacity;
	json_t *machines = json_array();

	for (size_t i = 0; i < cap->ledger.count; i++) {
		const struct grant *g = &cap->ledger.entries[i];

		(void)json_array_append_new(
			machines, json_pack("{s:s, s:{s:o}, s:{s:o}}", "name", g->name, "cpu",
					    "reserve", json_cpus(g->cpu.reserve), "memory",
					    "reserve", json_amount(g->memory_reserve_bytes)));
	}
	json_print(json_pack("{s:s, s:o, s:o, s:o, s:o}", "cgroup", c->settings.cgroup, "cpu",
			     room_json(&cap->cpu, h->cpu_reserved, json_cpus), "memory",
			     room_json(&cap->memory, h->memory_reserved, json_amount), "cpus",
			     json_cpu_list(&h->cpus), "machines", machines));
}

static void add_room(struct table *t, enum unit unit, const struct admission_room *room,
		     uint64_t host_part)
{
	const uint64_t amounts[] = {room->total + host_part, host_part, room->promised, room->left};

	table_add(t, unit == UNIT_CPU ? "cpu" : "memory");
	for (size_t i = 0; i < 4; i++) {
		char text[FORMAT_MAX];

		table_add(t, unit == UNIT_CPU ? format_cpus(amounts[i], text)
					      : format_bytes(amounts[i], text));
	}
}

static void print_text(struct call *c, const struct capacity *cap)
{
	const struct host_capacity *h = &cap->host->capacity;
	struct table t;

	table_init(&t, &c->arena, columns, 5);
	add_room(&t, UNIT_CPU, &cap->cpu, h->cpu_reserved);
	add_room(&t, UNIT_BYTES, &cap->memory, h->memory_reserved);
	table_print(&t, stdout);
	if (cap->ledger.count == 0)
		return;
	table_init(&t, &c->arena, machine_columns, 3);
	for (size_t i = 0; i < cap->ledger.count; i++) {
		const struct grant *g = &cap->ledger.entries[i];
		char cpu[FORMAT_MAX], memory[FORMAT_MAX];

		table_add(&t, g->name);
		table_add(&t, format_cpus(g->cpu.reserve, cpu));
		table_add(&t, format_bytes(g->memory_reserve_bytes, memory));
	}
	(void)putchar('\n');
	table_print(&t, stdout);
}

int verb_capacity(struct call *c, struct err *e)
{
	struct capacity cap = {.host = NULL};
	int r = call_host(c, &cap.host, e);

	if (r < 0)
		return r;
	if (call_has(c, "facts")) {
		_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

		host_json_print(cap.host, &text);
		(void)fputs(strbuf_text(&text), stdout);
		return 0;
	}
	r = ledger_load(&c->settings, &cap.ledger, e);
	if (r < 0)
		return r;
	admission_cpu_room(cap.host, &cap.ledger, &cap.cpu);
	admission_memory_room(cap.host, &cap.ledger, &cap.memory);
	if (c->json)
		print_json(c, &cap);
	else
		print_text(c, &cap);
	ledger_done(&cap.ledger);
	return 0;
}

/* Every line of the file but that of `key`, then "key = value". */
static void replace_line(struct strbuf *out, const char *text, const char *key, size_t key_length)
{
	while (*text) {
		const char *end = strchrnul(text, '\n');
		const char *word = text + strspn(text, " \t");
		size_t length = strcspn(word, " \t=\n");

		if (length != key_length || strncmp(word, key, length) != 0) {
			strbuf_append_bytes(out, text, (size_t)(end - text));
			strbuf_append(out, "\n");
		}
		text = *end ? end + 1 : end;
	}
}

static int change(const struct call *c, struct strbuf *text, struct err *e)
{
	for (size_t i = 0; i < c->word_count; i++) {
		const char *word = c->words[i];
		const char *equals = strchr(word, '=');
		struct strbuf next = STRBUF_INIT;

		if (!equals || equals == word)
			return err_set(e, ERR_INPUT, -EINVAL,
				       "'%.60s' is not KEY=VALUE, as in host-cpu=0.2", word);
		if (strpbrk(word, "\n\r[]#;"))
			return err_set(e, ERR_INPUT, -EINVAL, "'%.60s' is no value", word);
		replace_line(&next, strbuf_text(text), word, (size_t)(equals - word));
		/* "" is the default: measured. */
		if (equals[1])
			strbuf_printf(&next, "%.*s = %s\n", (int)(equals - word), word, equals + 1);
		strbuf_done(text);
		*text = next;
	}
	return 0;
}

int verb_capacity_set(struct call *c, struct err *e)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	_cleanup_free_ char *old = NULL;
	struct host_capacity trial;
	const struct host *host;
	char path[PATHS_MAX];
	int r;

	(void)paths_root(&c->settings, "capacity.ini", path);
	r = io_read_file(AT_FDCWD, path, CAPACITY_INI_MAX, &old, NULL, NULL);
	if (r < 0 && r != -ENOENT)
		return err_sys(e, r, "cannot read %s", path);
	strbuf_append(&text, old ? old : "[capacity]\n");
	r = change(c, &text, e);
	if (r == 0)
		r = call_host(c, &host, e);
	if (r < 0)
		return r;
	trial = host->capacity;
	r = capacity_ini_apply("capacity set", strbuf_text(&text), text.length, &trial, e);
	if (r < 0)
		return r;
	return io_replace_file(AT_FDCWD, path, 0644, IO_DURABLE, text.text, text.length, e);
}
