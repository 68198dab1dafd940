/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "base/io.h"
#include "cli/format.h"
#include "cli/json.h"
#include "config/host_json.h"
#include "config/machine_ini.h"
#include "engine/operation.h"
#include "engine/print.h"
#include "machine/lifecycle.h"
#include "state/idrange.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define FACTS_MAX_BYTES 65536

static int read_facts(struct call *c, struct host *ret, struct err *e)
{
	const char *file = call_value(c, "facts");
	_cleanup_free_ char *text = NULL;
	const struct host *host;
	size_t bytes;
	int r;

	if (!file) {
		r = call_host(c, &host, e);
		if (r == 0)
			*ret = *host;
		return r;
	}
	r = io_read_file(AT_FDCWD, file, FACTS_MAX_BYTES, &text, &bytes, e);
	return r < 0 ? r : host_json_parse(file, text, bytes, ret, e);
}

/* What `create` would choose on an empty host. */
#define EXPLAIN_IDMAP_BASE 0x10000000u

/* A definition that is no machine yet is called by the word given, else "machine". */
static int read_definition(struct call *c, struct spec *ret, struct err *e)
{
	const char *file = call_value(c, "file");
	_cleanup_free_ char *text = NULL;
	size_t bytes;
	int r;

	if (!file)
		return machine_load(&c->settings, c->words[0], &c->arena, ret, e);
	r = io_read_file(AT_FDCWD, file, MACHINE_INI_MAX_BYTES, &text, &bytes, e);
	if (r == 0)
		r = machine_ini_parse(file, text, bytes, &c->arena, ret, e);
	if (r == 0 && c->words[0])
		r = name_check("machine", c->words[0], e);
	if (r < 0)
		return r;
	ret->name = c->words[0] ? c->words[0] : "machine";
	if (ret->idmap.count == 0)
		ret->idmap = (struct spec_idmap){EXPLAIN_IDMAP_BASE, IDRANGE_COUNT};
	return 0;
}

struct labelled {
	const char *label;
	const char *text; /* NULL: a number */
	uint64_t number;
};

#define LABELLED_MAX 6

/* The fields that mean something for this kind of operation, in the order of its row. */
static size_t op_fields(const struct op *op, struct labelled ret[static LABELLED_MAX])
{
	const struct operation *row = operation_get(op->kind);
	const struct labelled all[LABELLED_MAX] = {
		{row->subject, op->subject ? op->subject : "", 0},
		{row->source, op->source ? op->source : "", 0},
		{row->field, op->name ? op->name : "", 0},
		{row->value, op->value ? op->value : "", 0},
		{row->number, NULL, op->number},
		{row->flags, NULL, op->flags},
	};
	size_t count = 0;

	for (size_t i = 0; i < LABELLED_MAX; i++) {
		if (all[i].label)
			ret[count++] = all[i];
	}
	return count;
}

static json_t *op_json(const struct op *op)
{
	struct labelled fields[LABELLED_MAX];
	size_t count = op_fields(op, fields);
	json_t *o =
		json_pack("{s:s, s:s, s:b}", "stage", op_stage_name(op->stage), "operation",
			  op_kind_name(op->kind), "undo", operation_get(op->kind)->undo != NULL);

	for (size_t i = 0; i < count; i++)
		(void)json_object_set_new(o, fields[i].label,
					  fields[i].text ? json_text(fields[i].text)
							 : json_amount(fields[i].number));
	return o;
}

int verb_explain(struct call *c, struct err *e)
{
	_cleanup_plan_ struct plan plan = PLAN_INIT;
	struct spec spec;
	struct host host;
	int r;

	if (c->word_count == 0 && !call_has(c, "file"))
		return err_set(e, ERR_INPUT, -EINVAL, "needs a machine's NAME or --file FILE");
	r = read_definition(c, &spec, e);
	if (r == 0)
		r = read_facts(c, &host, e);
	if (r == 0)
		r = machine_explain(&c->settings, &spec, &host, &plan, e);
	if (r < 0)
		return r;
	if (c->json) {
		json_t *operations = json_array();

		for (size_t i = 0; i < plan.count; i++)
			(void)json_array_append_new(operations, op_json(&plan.ops[i]));
		json_print(json_pack("{s:s, s:o}", "name", spec.name, "operations", operations));
	} else {
		_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

		plan_print(&plan, &text);
		(void)fputs(strbuf_text(&text), stdout);
	}
	return 0;
}
