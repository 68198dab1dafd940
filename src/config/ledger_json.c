/* SPDX-License-Identifier: Apache-2.0 */
#include "config/record_json.h"

#include "config/json_fields.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LEDGER_BYTES_MAX (8 * 1024 * 1024)
#define FORMAT_VERSION 1

static const char *const quality_names[GRANT_QUALITY_MAX] = {
	[GRANT_KEPT] = "kept",
	[GRANT_BEST_EFFORT] = "best-effort",
	[GRANT_UNSUPPORTED] = "unsupported",
};

static const char *quality_name(uint64_t value)
{
	return value < GRANT_QUALITY_MAX ? quality_names[value] : NULL;
}

static uint64_t quality_find(const char *name)
{
	for (uint64_t i = 1; i < GRANT_QUALITY_MAX; i++) {
		if (strcmp(quality_names[i], name) == 0)
			return i;
	}
	return 0;
}

#define U64(key_, member, fallback_)                                                             \
	{                                                                                        \
		.key = (key_), .type = JSON_FIELD_U64, .offset = offsetof(struct grant, member), \
		.fallback = (fallback_)                                                          \
	}
#define PROMISE(key_, member)                                                             \
	{.key = key_ "_quality",                                                          \
	 .type = JSON_FIELD_ENUM,                                                         \
	 .offset = offsetof(struct grant, member.quality),                                \
	 .fallback = GRANT_KEPT,                                                          \
	 .name = quality_name,                                                            \
	 .find = quality_find},                                                           \
	{                                                                                 \
		.key = key_ "_reason", .type = JSON_FIELD_TEXT,                           \
		.offset = offsetof(struct grant, member.reason), .size = GRANT_REASON_MAX \
	}

static const struct json_field grant_fields[] = {
	{.key = "name",
	 .type = JSON_FIELD_TEXT,
	 .offset = offsetof(struct grant, name),
	 .is_required = true,
	 .size = NAME_LENGTH_MAX + 1},
	U64("cpu_reserve", cpu.reserve, 0),
	U64("cpu_share", cpu.share_milli, 1000),
	U64("cpu_limit", cpu.limit, UINT64_MAX),
	U64("cpu_burst_usec", cpu_burst_usec, 0),
	{.key = "cpu_pinned",
	 .type = JSON_FIELD_BOOL,
	 .offset = offsetof(struct grant, cpu_pinned)},
	{.key = "cpus", .type = JSON_FIELD_CPUS, .offset = offsetof(struct grant, cpus)},
	U64("memory_reserve", memory_reserve_bytes, 0),
	U64("memory_limit", memory_limit_bytes, UINT64_MAX),
	U64("memory_swap", memory_swap_bytes, UINT64_MAX),
	U64("pids", pids, UINT64_MAX),
	PROMISE("cpu", cpu_promise),
	PROMISE("memory", memory_promise),
	PROMISE("pids", pids_promise),
	{.key = NULL},
};

void ledger_json_print(const struct ledger *ledger, struct strbuf *out)
{
	strbuf_printf(out, "{\"version\":%d,\"grants\":[", FORMAT_VERSION);
	for (size_t i = 0; i < ledger->count; i++) {
		strbuf_append(out, i ? ",\n" : "\n");
		json_fields_print(grant_fields, &ledger->entries[i], out);
	}
	strbuf_append(out, "]}\n");
}

static int grants_parse(const json_t *json, struct ledger *ledger, struct arena *scratch,
			const char **ret_problem)
{
	size_t count = json_array_size(json);

	*ret_problem = "'grants' is not a list of at most 4096 promises";
	if (!json_is_array(json) || count > LEDGER_ENTRIES_MAX)
		return -EBADMSG;
	ledger->entries = calloc(count + 1, sizeof(*ledger->entries));
	if (!ledger->entries)
		abort();
	for (size_t i = 0; i < count; i++) {
		struct grant *grant = &ledger->entries[i];
		int r = json_fields_parse(grant_fields, json_array_get(json, i), grant, scratch,
					  ret_problem);

		if (r < 0)
			return r;
		*ret_problem = "its machines are not in order, or a name is not valid";
		if (!name_is_valid(grant->name) ||
		    (i > 0 && strcmp(grant[-1].name, grant->name) >= 0))
			return -EBADMSG;
	}
	ledger->count = count;
	return 0;
}

int ledger_json_parse(const char *file, const char *text, size_t bytes, struct ledger *ret_ledger,
		      struct err *e)
{
	const struct json_document document = {file,	       text, bytes, LEDGER_BYTES_MAX,
					       FORMAT_VERSION, 2};
	_cleanup_arena_ struct arena scratch = ARENA_INIT;
	_cleanup_json_ json_t *json = NULL;
	struct ledger ledger = {.entries = NULL};
	const char *problem = NULL;
	int r = json_document_load(&document, &json, e);

	if (r < 0)
		return r;
	if (grants_parse(json_object_get(json, "grants"), &ledger, &scratch, &problem) < 0) {
		free(ledger.entries);
		return json_document_damaged(file, problem, e);
	}
	*ret_ledger = ledger;
	return 0;
}
