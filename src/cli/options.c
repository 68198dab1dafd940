/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include "cli/suggest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TABLES 3

struct parser {
	struct call *c;
	const char *const *argv;
	size_t at;
	const struct option_row *tables[TABLES];
};

static void parser_init(struct parser *p, struct call *c, const char *const *argv)
{
	*p = (struct parser){.c = c, .argv = argv};
	if (c->verb) {
		p->tables[0] = c->verb->options;
		p->tables[1] = c->verb->shared;
	}
	p->tables[2] = global_options;
}

static const char *help_hint(const struct parser *p)
{
	return arena_printf(&p->c->arena, "'bulkhead %s%s--help' lists them",
			    p->c->verb ? p->c->verb->name : "", p->c->verb ? " " : "");
}

static const struct option_row *find_letter(const struct parser *p, char letter)
{
	for (size_t t = 0; t < TABLES; t++) {
		for (const struct option_row *row = p->tables[t]; row && row->name; row++) {
			if (row->letter && row->letter == letter)
				return row;
		}
	}
	return NULL;
}

/* Exact, or the only one that begins so. *ret_count: how many began so. */
static const struct option_row *find_name(const struct parser *p, const char *name, size_t length,
					  int *ret_count)
{
	const struct option_row *found = NULL;

	*ret_count = 0;
	for (size_t t = 0; t < TABLES; t++) {
		for (const struct option_row *row = p->tables[t]; row && row->name; row++) {
			if (strncmp(row->name, name, length) != 0)
				continue;
			if (row->name[length] == '\0') {
				*ret_count = 1;
				return row;
			}
			found = row;
			(*ret_count)++;
		}
	}
	return *ret_count == 1 ? found : NULL;
}

static int unknown_long(const struct parser *p, const char *word, size_t length, int count,
			struct err *e)
{
	struct suggestion s = suggestion_start(arena_strndup(&p->c->arena, word, length));

	if (count > 1)
		return err_set(e, ERR_INPUT, -EINVAL, "option '--%.*s' is ambiguous; %s",
			       (int)length, word, help_hint(p));
	for (size_t t = 0; t < TABLES; t++) {
		for (const struct option_row *row = p->tables[t]; row && row->name; row++)
			suggestion_offer(&s, row->name);
	}
	if (s.best)
		return err_set(e, ERR_INPUT, -EINVAL,
			       "unknown option '--%.*s'; did you mean '--%s'? %s", (int)length,
			       word, s.best, help_hint(p));
	return err_set(e, ERR_INPUT, -EINVAL, "unknown option '--%.*s'; %s", (int)length, word,
		       help_hint(p));
}

static int keep(struct parser *p, const struct option_row *row, const char *value, struct err *e)
{
	struct call *c = p->c;

	if (c->value_count == CALL_VALUES_MAX)
		return err_set(e, ERR_INPUT, -E2BIG, "more than %d options", CALL_VALUES_MAX);
	/* Grown by doubling: the capacity is the power of two above the count. */
	if ((c->value_count & (c->value_count - 1)) == 0) {
		size_t capacity = c->value_count ? 2 * c->value_count : 8;
		struct option_value *grown = ARENA_ARRAY(&c->arena, struct option_value, capacity);

		if (c->value_count)
			memcpy(grown, c->values, c->value_count * sizeof(*grown));
		c->values = grown;
	}
	c->values[c->value_count++] = (struct option_value){.row = row, .value = value};
	return 0;
}

static int need_value(struct parser *p, const struct option_row *row, const char **ret_value,
		      struct err *e)
{
	const char *next = p->argv[p->at];

	if (!next)
		return err_set(e, ERR_INPUT, -EINVAL, "option '--%s' needs a value: --%s %s",
			       row->name, row->name, row->argument);
	p->at++;
	*ret_value = next;
	return 0;
}

static int parse_long(struct parser *p, const char *word, struct err *e)
{
	const char *equals = strchr(word, '=');
	size_t length = equals ? (size_t)(equals - word) : strlen(word);
	const struct option_row *row;
	const char *value = "";
	int count;
	int r;

	row = find_name(p, word, length, &count);
	if (!row)
		return unknown_long(p, word, length, count, e);
	if (row->takes == OPTION_FLAG && equals)
		return err_set(e, ERR_INPUT, -EINVAL, "option '--%s' takes no value", row->name);
	if (equals) {
		value = equals + 1;
	} else if (row->takes == OPTION_BOOL) {
		value = "yes";
	} else if (row->takes == OPTION_VALUE) {
		r = need_value(p, row, &value, e);
		if (r < 0)
			return r;
	}
	return keep(p, row, value, e);
}

static int parse_letters(struct parser *p, const char *letters, struct err *e)
{
	for (; *letters; letters++) {
		const struct option_row *row = find_letter(p, *letters);
		const char *value = "";
		int r;

		if (!row)
			return err_set(e, ERR_INPUT, -EINVAL, "unknown option '-%c'; %s", *letters,
				       help_hint(p));
		if (row->takes == OPTION_VALUE) {
			value = letters + 1;
			r = *value ? 0 : need_value(p, row, &value, e);
			return r < 0 ? r : keep(p, row, value, e);
		}
		if (row->takes == OPTION_BOOL && letters[1] == '=')
			return keep(p, row, letters + 2, e);
		r = keep(p, row, row->takes == OPTION_BOOL ? "yes" : "", e);
		if (r < 0)
			return r;
	}
	return 0;
}

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0';
}

int options_parse(struct call *c, const struct options_input *input, size_t *ret_used,
		  struct err *e)
{
	const char **words = NULL;
	struct parser p;
	int r;

	parser_init(&p, c, input->argv);
	while (p.argv[p.at]) {
		const char *word = p.argv[p.at];

		if (strcmp(word, "--") == 0) {
			p.at++;
			break;
		}
		if (!is_option(word)) {
			if (input->stop_at_word)
				break;
			words = arena_strv_push(&c->arena, words, word);
			p.at++;
			continue;
		}
		p.at++;
		r = word[1] == '-' ? parse_long(&p, word + 2, e) : parse_letters(&p, word + 1, e);
		if (r < 0)
			return r;
	}
	if (ret_used)
		*ret_used = p.at;
	for (; p.argv[p.at]; p.at++)
		words = arena_strv_push(&c->arena, words, p.argv[p.at]);
	c->words = words ? words : (const char *const *)arena_strv_dup(&c->arena, NULL);
	for (c->word_count = 0; c->words[c->word_count];)
		c->word_count++;
	return 0;
}

static void table_foreach(const struct option_row *table, bool global,
			  void (*each)(const struct option_row *row, bool global, void *data),
			  void *data)
{
	for (const struct option_row *row = table; row && row->name; row++)
		each(row, global, data);
}

void options_foreach(const struct verb *verb,
		     void (*each)(const struct option_row *row, bool global, void *data),
		     void *data)
{
	if (verb) {
		table_foreach(verb->options, false, each, data);
		table_foreach(verb->shared, false, each, data);
	}
	table_foreach(global_options, true, each, data);
}
