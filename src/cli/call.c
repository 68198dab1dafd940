/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verb.h"

#include "host/facts.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool table_has(const struct option_row *table, const char *name)
{
	for (const struct option_row *row = table; row && row->name; row++) {
		if (strcmp(row->name, name) == 0)
			return true;
	}
	return false;
}

static void check_known(const struct call *c, const char *name)
{
	assert(c->verb);
	assert(table_has(c->verb->options, name) || table_has(c->verb->shared, name));
}

bool call_has(const struct call *c, const char *name)
{
	return call_value(c, name) != NULL;
}

const char *call_value(const struct call *c, const char *name)
{
	const char *value = NULL;
	size_t cursor = 0;

	for (const char *v = call_next(c, name, &cursor); v; v = call_next(c, name, &cursor))
		value = v;
	return value;
}

const char *call_next(const struct call *c, const char *name, size_t *cursor)
{
	check_known(c, name);
	while (*cursor < c->value_count) {
		const struct option_value *v = &c->values[(*cursor)++];

		if (strcmp(v->row->name, name) == 0)
			return v->value;
	}
	return NULL;
}

static int parse_bool(const char *text)
{
	static const struct {
		const char *text;
		int value;
	} words[] = {{"yes", 1}, {"true", 1},  {"on", 1},  {"1", 1},
		     {"no", 0},	 {"false", 0}, {"off", 0}, {"0", 0}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(text, words[i].text) == 0)
			return words[i].value;
	}
	return -EINVAL;
}

int call_bool(const struct call *c, const char *name, bool otherwise, bool *ret, struct err *e)
{
	const char *text = call_value(c, name);
	int value = text ? parse_bool(text) : otherwise;

	if (value < 0)
		return err_set(e, ERR_INPUT, -EINVAL, "--%s=%.40s: neither yes nor no", name, text);
	*ret = value;
	return 0;
}

int call_number(const struct call *c, const char *name, long min, long max, long *ret_or_default,
		struct err *e)
{
	const char *text = call_value(c, name);
	char *end;
	long value;

	if (!text)
		return 0;
	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || *end || end == text || value < min || value > max)
		return err_set(e, ERR_INPUT, -EINVAL, "--%s %.40s: not a number from %ld to %ld",
			       name, text, min, max);
	*ret_or_default = value;
	return 0;
}

int call_host(struct call *c, const struct host **ret, struct err *e)
{
	int r;

	if (!c->host_known) {
		r = host_facts_get(&c->settings, &c->host, e);
		if (r < 0)
			return r;
		c->host_known = true;
	}
	*ret = &c->host;
	return 0;
}
