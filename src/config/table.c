/* SPDX-License-Identifier: Apache-2.0 */
/* What every table of keys can do: look up, suggest, set defaults, print, read a file. */
#include "config/ini_text.h"
#include "config/keys.h"
#include "config/nearest.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#define KEYS_MAX 64 /* bits of `seen` */

static const struct config_key *find(const struct config_table *t, const char *section,
				     const char *name)
{
	for (size_t i = 0; i < t->count; i++) {
		if (strcmp(t->keys[i].section, section) == 0 && strcmp(t->keys[i].name, name) == 0)
			return &t->keys[i];
	}
	return NULL;
}

static bool has_section(const struct config_table *t, const char *section)
{
	for (size_t i = 0; i < t->count; i++) {
		if (strcmp(t->keys[i].section, section) == 0)
			return true;
	}
	return false;
}

/* The nearest key of the section; else one of that very name in another section; else NULL. */
static const struct config_key *nearest_key(const struct config_table *t, const char *section,
					    const char *name)
{
	const struct config_key *best = NULL, *elsewhere = NULL;
	size_t distance = nearest_limit(name) + 1;

	for (size_t i = 0; i < t->count; i++) {
		const struct config_key *k = &t->keys[i];
		size_t d = nearest_distance(name, k->name);

		if (strcmp(k->section, section) == 0 && d < distance) {
			best = k;
			distance = d;
		} else if (d == 0 && !elsewhere) {
			elsewhere = k;
		}
	}
	return best ? best : elsewhere;
}

/* "reserve, share, limit": the names in a section, or all sections when it is NULL. */
static void list_names(const struct config_table *t, const char *section, struct strbuf *out)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct config_key *k = &t->keys[i];
		bool repeated = i > 0 && strcmp(t->keys[i - 1].section, k->section) == 0;

		if (section ? strcmp(k->section, section) != 0 : repeated)
			continue;
		strbuf_printf(out, "%s%s", out->length ? ", " : "", section ? k->name : k->section);
	}
}

int config_table_check_section(const struct config_table *t, const char *section, struct err *e)
{
	_cleanup_strbuf_ struct strbuf valid = STRBUF_INIT;
	const char *best = NULL;
	size_t distance = nearest_limit(section) + 1;

	if (has_section(t, section))
		return 0;
	for (size_t i = 0; i < t->count; i++) {
		size_t d = nearest_distance(section, t->keys[i].section);

		if (d < distance) {
			best = t->keys[i].section;
			distance = d;
		}
	}
	list_names(t, NULL, &valid);
	return err_set(e, ERR_INPUT, -EINVAL, "unknown section [%.40s]%s%s%s; valid are %s",
		       section, best ? ", did you mean [" : "", best ? best : "", best ? "]" : "",
		       strbuf_text(&valid));
}

int config_table_find(const struct config_table *t, const char *section, const char *name,
		      const struct config_key **ret_key, struct err *e)
{
	_cleanup_strbuf_ struct strbuf valid = STRBUF_INIT;
	const struct config_key *key = find(t, section, name), *best;
	int r = 0;

	if (key) {
		*ret_key = key;
		return 0;
	}
	r = config_table_check_section(t, section, e);
	if (r < 0)
		return r;
	best = nearest_key(t, section, name);
	list_names(t, section, &valid);
	return err_set(e, ERR_INPUT, -EINVAL, "unknown key '%.40s' in [%s]%s%s%s; valid are %s",
		       name, section, best ? ", did you mean '" : "", best ? best->full : "",
		       best ? "'" : "", strbuf_text(&valid));
}

void config_table_set_defaults(const struct config_table *t, void *object, struct arena *a)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct config_key *k = &t->keys[i];
		int r = k->type->parse(k, k->fallback, object, a, NULL);

		assert(r == 0);
		(void)r;
	}
}

static size_t lines_of(const struct config_key *key, const void *object)
{
	return key->type->count ? key->type->count(key, object) : 1;
}

/* One line per value; `prefix` is "name = " or "". */
static void print_key(const struct config_key *key, const void *object, struct strbuf *out)
{
	size_t n = lines_of(key, object);

	for (size_t i = 0; i < n; i++) {
		strbuf_printf(out, "%s = ", key->name);
		key->type->print(key, object, i, out);
		strbuf_append(out, "\n");
	}
}

bool config_key_differs(const struct config_key *key, const void *a, const void *b)
{
	_cleanup_strbuf_ struct strbuf text_a = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf text_b = STRBUF_INIT;

	print_key(key, a, &text_a);
	print_key(key, b, &text_b);
	return strcmp(strbuf_text(&text_a), strbuf_text(&text_b)) != 0;
}

void config_table_print(const struct config_table *t, const void *object, const void *defaults,
			struct strbuf *out)
{
	const char *section = "";

	for (size_t i = 0; i < t->count; i++) {
		const struct config_key *k = &t->keys[i];

		if (!config_key_differs(k, object, defaults))
			continue;
		if (strcmp(section, k->section) != 0)
			strbuf_printf(out, "%s[%s]\n", out->length ? "\n" : "", k->section);
		section = k->section;
		print_key(k, object, out);
	}
}

struct reading {
	const struct config_table *t;
	void *object;
	struct arena *a;
	uint64_t seen;
};

static int read_key(struct reading *reading, const struct ini_line *line, struct err *e)
{
	const struct config_key *key;
	uint64_t bit;
	int r = config_table_find(reading->t, line->section, line->key, &key, e);

	if (r < 0)
		return r;
	bit = UINT64_C(1) << (key - reading->t->keys);
	if (reading->seen & bit && !key->is_list)
		return err_set(e, ERR_INPUT, -EEXIST, "%s is there twice: keep one of the lines",
			       key->full);
	reading->seen |= bit;
	if (line->value[0] == '\0' && !key->is_list)
		return err_set(e, ERR_INPUT, -EINVAL,
			       "%s has no value: %s; without the line it is %s", key->full,
			       key->valid, key->fallback[0] ? key->fallback : "unset");
	return key->type->parse(key, line->value, reading->object, reading->a, e);
}

static int read_line(const struct ini_line *line, void *data, struct err *e)
{
	struct reading *reading = data;
	int r;

	if (line->key)
		r = read_key(reading, line, e);
	else
		r = config_table_check_section(reading->t, line->section, e);
	return r < 0 && e ? err_wrap(e, "%s:%u", line->file, line->number) : r;
}

int config_table_parse(const struct config_table *t, const struct config_source *source,
		       void *object, struct arena *a, struct err *e)
{
	struct reading reading = {.t = t, .object = object, .a = a};
	const struct ini_text text = {
		.file = source->file,
		.text = source->text,
		.bytes = source->bytes,
		.each = read_line,
		.data = &reading,
	};

	assert(t->count <= KEYS_MAX);
	return ini_text_parse(&text, e);
}
