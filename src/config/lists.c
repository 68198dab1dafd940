/* SPDX-License-Identifier: Apache-2.0 */
/* Values that are vectors of strings: the command, its arguments, the environment. */
#include "config/values.h"
#include "config/words.h"

#include <errno.h>
#include <string.h>

#define COMMAND_LINE_WIDTH 80

static const char *const *vector_get(const struct config_key *key, const void *object)
{
	const char *const *v = *(const char *const *const *)((const char *)object + key->offset);
	static const char *const empty[] = {NULL};

	return v ? v : empty;
}

static void vector_set(const struct config_key *key, void *object, const char *const *v)
{
	*(const char *const **)((char *)object + key->offset) = v;
}

static size_t vector_length(const char *const *v)
{
	size_t n = 0;

	while (v[n])
		n++;
	return n;
}

/* A new vector of the first `keep` strings and one more (NULL: none). */
static const char *const *vector_with(const char *const *v, size_t keep, const char *more,
				      struct arena *a)
{
	const char **copy = ARENA_ARRAY(a, const char *, keep + 2);

	memcpy(copy, v, keep * sizeof(*v));
	copy[keep] = more;
	copy[keep + 1] = NULL;
	return copy;
}

static int command_parse(const struct config_key *key, const char *text, void *object,
			 struct arena *a, struct err *e)
{
	const char *const *words;
	int r = words_split(key->full, text, a, &words, e);

	if (r < 0)
		return r;
	if (words[0] && words[0][0] == '\0')
		return err_set(e, ERR_INPUT, -EINVAL, "%s: the first word, the program, is empty",
			       key->full);
	vector_set(key, object, words);
	return 0;
}

/* On one line when nothing needs quotes; else the program alone, and arguments line by line. */
static bool fits_one_line(const char *const *argv)
{
	size_t width = 0;

	for (size_t i = 0; argv[i]; i++) {
		width += strlen(argv[i]) + 1;
		if (!words_is_plain(argv[i]) || width > COMMAND_LINE_WIDTH)
			return false;
	}
	return true;
}

static void command_print(const struct config_key *key, const void *object, size_t index,
			  struct strbuf *out)
{
	const char *const *argv = vector_get(key, object);
	size_t n = fits_one_line(argv) ? vector_length(argv) : 1;

	(void)index;
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			strbuf_append(out, " ");
		words_quote(argv[i], out);
	}
}

const struct config_type config_command = {.parse = command_parse, .print = command_print};

static int argument_parse(const struct config_key *key, const char *text, void *object,
			  struct arena *a, struct err *e)
{
	const char *const *argv = vector_get(key, object);
	size_t n = vector_length(argv);
	const char *argument;
	int r;

	if (text[0] == '\0') {
		vector_set(key, object, vector_with(argv, n ? 1 : 0, NULL, a));
		return 0;
	}
	if (n == 0)
		return err_set(e, ERR_INPUT, -EINVAL,
			       "%s: there is no command yet: give 'command' before its arguments",
			       key->full);
	if (n >= WORDS_MAX)
		return err_set(e, ERR_INPUT, -E2BIG, "%s: at most %d arguments", key->full,
			       WORDS_MAX);
	r = words_unquote(key->full, text, a, &argument, e);
	if (r < 0)
		return r;
	vector_set(key, object, vector_with(argv, n, argument, a));
	return 0;
}

static size_t argument_count(const struct config_key *key, const void *object)
{
	const char *const *argv = vector_get(key, object);

	return fits_one_line(argv) ? 0 : vector_length(argv) - 1;
}

static void argument_print(const struct config_key *key, const void *object, size_t index,
			   struct strbuf *out)
{
	words_quote_value(vector_get(key, object)[index + 1], out);
}

const struct config_type config_argument = {
	.parse = argument_parse, .print = argument_print, .count = argument_count};

int config_check_variable(const char *what, const char *variable, struct err *e)
{
	size_t name = strcspn(variable, "=");

	if (name == 0 || variable[name] == '\0')
		return err_set(e, ERR_INPUT, -EINVAL, "%s: '%.40s' is not KEY=VALUE", what,
			       variable);
	for (size_t i = 0; i < name; i++) {
		if ((unsigned char)variable[i] <= ' ' || variable[i] == 0x7f)
			return err_set(e, ERR_INPUT, -EINVAL,
				       "%s: the name of a variable has no blanks or control "
				       "characters",
				       what);
	}
	return 0;
}

/* A variable given again replaces the earlier one, in its place. */
static int environment_parse(const struct config_key *key, const char *text, void *object,
			     struct arena *a, struct err *e)
{
	const char *const *env = vector_get(key, object);
	size_t n = vector_length(env);
	const char *variable;
	const char **copy;
	size_t i = 0, name;
	int r;

	if (text[0] == '\0') {
		vector_set(key, object, vector_with(env, 0, NULL, a));
		return 0;
	}
	r = words_unquote(key->full, text, a, &variable, e);
	if (r == 0)
		r = config_check_variable(key->full, variable, e);
	if (r < 0)
		return r;
	name = strcspn(variable, "=") + 1;
	while (i < n && strncmp(env[i], variable, name) != 0)
		i++;
	if (i >= WORDS_MAX)
		return err_set(e, ERR_INPUT, -E2BIG, "%s: at most %d variables", key->full,
			       WORDS_MAX);
	copy = ARENA_ARRAY(a, const char *, n + 2);
	memcpy(copy, env, n * sizeof(*env));
	copy[i] = variable;
	vector_set(key, object, copy);
	return 0;
}

static size_t environment_count(const struct config_key *key, const void *object)
{
	return vector_length(vector_get(key, object));
}

static void environment_print(const struct config_key *key, const void *object, size_t index,
			      struct strbuf *out)
{
	words_quote_value(vector_get(key, object)[index], out);
}

const struct config_type config_environment = {
	.parse = environment_parse, .print = environment_print, .count = environment_count};
