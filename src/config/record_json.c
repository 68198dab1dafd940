/* SPDX-License-Identifier: Apache-2.0 */
#include "config/record_json.h"

#include "config/json_fields.h"
#include "model/spec.h"

#include <errno.h>
#include <string.h>

/* A definition is an operation's value: its 64 KiB may be escaped to six times as many. */
#define RECORD_BYTES_MAX (1024 * 1024)
#define RECORD_OPS_MAX 512
#define STRING_BYTES_MAX (64 * 1024 + 1)

#define FORMAT_VERSION 1

static const char *const state_names[RECORD_MAX] = {
	[RECORD_INTENT] = "intent",
	[RECORD_RUNNING] = "running",
};

static const char *const transaction_names[RECORD_TRANSACTION_MAX] = {
	[RECORD_CREATE] = "create",
	[RECORD_START] = "start",
	[RECORD_DELETE] = "delete",
};

static const char *name_of(const char *const *names, uint64_t max, uint64_t value)
{
	return value < max ? names[value] : NULL;
}

static uint64_t find_in(const char *const *names, uint64_t max, const char *name)
{
	for (uint64_t i = 1; i < max; i++) {
		if (strcmp(names[i], name) == 0)
			return i;
	}
	return 0;
}

static const char *state_name(uint64_t value)
{
	return name_of(state_names, RECORD_MAX, value);
}

static uint64_t state_find(const char *name)
{
	return find_in(state_names, RECORD_MAX, name);
}

const char *record_transaction_name(enum record_transaction transaction)
{
	return name_of(transaction_names, RECORD_TRANSACTION_MAX, (uint64_t)transaction);
}

enum record_transaction record_transaction_find(const char *name)
{
	return (enum record_transaction)find_in(transaction_names, RECORD_TRANSACTION_MAX, name);
}

static const char *transaction_name(uint64_t value)
{
	return name_of(transaction_names, RECORD_TRANSACTION_MAX, value);
}

static uint64_t transaction_find(const char *name)
{
	return find_in(transaction_names, RECORD_TRANSACTION_MAX, name);
}

static const char *kind_name(uint64_t value)
{
	return op_kind_name((enum op_kind)value);
}

static uint64_t kind_find(const char *name)
{
	return (uint64_t)op_kind_find(name);
}

static const char *stage_name(uint64_t value)
{
	return op_stage_name((enum op_stage)value);
}

static uint64_t stage_find(const char *name)
{
	return (uint64_t)op_stage_find(name);
}

#define AT(member) .offset = offsetof(struct record, member)

static const struct json_field record_fields[] = {
	{"name", JSON_FIELD_TEXT, AT(name), .is_required = true, .size = NAME_LENGTH_MAX + 1},
	{"state", JSON_FIELD_ENUM, AT(state), .is_required = true, .name = state_name,
	 .find = state_find},
	{"transaction", JSON_FIELD_ENUM, AT(transaction), .is_required = true,
	 .name = transaction_name, .find = transaction_find},
	{"init_pid", JSON_FIELD_U32, AT(init_pid), .max = INT32_MAX},
	{"init_start_ticks", JSON_FIELD_U64, AT(init_start_ticks)},
	{"started_usec", JSON_FIELD_U64, AT(started_usec)},
	{"idmap_base", JSON_FIELD_U32, AT(idmap_base)},
	{"init_kind", JSON_FIELD_U32, AT(init_kind), .max = SPEC_INIT_MAX - 1},
	{"stop_timeout_usec", JSON_FIELD_U64, AT(stop_timeout_usec)},
	{"ephemeral", JSON_FIELD_BOOL, AT(ephemeral)},
	{"tree_cgroup", JSON_FIELD_TEXT, AT(tree_cgroup),
	 .size = sizeof(((struct record *)NULL)->tree_cgroup)},
	{.key = NULL},
};

#undef AT
#define AT(member) .offset = offsetof(struct op, member)

static const struct json_field op_fields[] = {
	{"kind", JSON_FIELD_ENUM, AT(kind), .is_required = true, .name = kind_name,
	 .find = kind_find},
	{"stage", JSON_FIELD_ENUM, AT(stage), .is_required = true, .name = stage_name,
	 .find = stage_find},
	{"subject", JSON_FIELD_STRING, AT(subject), .size = STRING_BYTES_MAX},
	{"source", JSON_FIELD_STRING, AT(source), .size = STRING_BYTES_MAX},
	{"name", JSON_FIELD_STRING, AT(name), .size = STRING_BYTES_MAX},
	{"value", JSON_FIELD_STRING, AT(value), .size = STRING_BYTES_MAX},
	{"number", JSON_FIELD_U64, AT(number)},
	{"flags", JSON_FIELD_U64, AT(flags)},
	{.key = NULL},
};

#undef AT

void record_json_print(const struct record *record, struct strbuf *out)
{
	strbuf_printf(out, "{\"version\":%d,\"record\":", FORMAT_VERSION);
	json_fields_print(record_fields, record, out);
	strbuf_append(out, ",\"undo\":[");
	for (size_t i = 0; i < record->undo.count; i++) {
		strbuf_append(out, i ? ",\n" : "\n");
		json_fields_print(op_fields, &record->undo.ops[i], out);
	}
	strbuf_append(out, "]}\n");
}

static int undo_parse(const json_t *json, struct record *record, struct arena *scratch,
		      const char **ret_problem)
{
	size_t count = json_array_size(json);

	if (!json_is_array(json) || count > RECORD_OPS_MAX) {
		*ret_problem = "'undo' is not a list of at most 512 operations";
		return -EBADMSG;
	}
	for (size_t i = 0; i < count; i++) {
		struct op op;
		int r = json_fields_parse(op_fields, json_array_get(json, i), &op, scratch,
					  ret_problem);

		if (r < 0)
			return r;
		plan_add(&record->undo, &op);
	}
	return 0;
}

int record_json_parse(const char *file, const char *text, size_t bytes, struct record *ret_record,
		      struct err *e)
{
	const struct json_document document = {file,	       text, bytes, RECORD_BYTES_MAX,
					       FORMAT_VERSION, 3};
	_cleanup_record_ struct record record = RECORD_INIT;
	_cleanup_arena_ struct arena scratch = ARENA_INIT;
	_cleanup_json_ json_t *json = NULL;
	const char *problem = NULL;
	int r = json_document_load(&document, &json, e);

	if (r < 0)
		return r;
	r = json_fields_parse(record_fields, json_object_get(json, "record"), &record, &scratch,
			      &problem);
	if (r == 0 && !name_is_valid(record.name)) {
		problem = "'name' is not a machine's name";
		r = -EBADMSG;
	}
	if (r == 0)
		r = undo_parse(json_object_get(json, "undo"), &record, &scratch, &problem);
	if (r < 0)
		return json_document_damaged(file, problem, e);
	*ret_record = record;
	record = RECORD_INIT;
	return 0;
}

void record_done(struct record *record)
{
	plan_done(&record->undo);
	*record = RECORD_INIT;
}
