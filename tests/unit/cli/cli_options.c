/* SPDX-License-Identifier: Apache-2.0 */
/* argv -> options and words, and that the tables of verbs make sense. */
#include "tests/unit/helper.h"

#include "cli/options.h"
#include "cli/spec_options.h"

#include <errno.h>
#include <string.h>

static int parse(struct call *c, const char *verb, const char *const *argv, struct err *e)
{
	int used;

	*c = (struct call){.verb = verb_find(verb, NULL, &used), .arena = ARENA_INIT};
	assert_non_null(c->verb);
	return options_parse(
		c,
		&(struct options_input){.argv = argv,
					.stop_at_word = (c->verb->flags & VERB_STOP_AT_WORD) != 0},
		NULL, e);
}

static void test_words_and_options_mix(void **state)
{
	const char *const argv[] = {"web", "-f", "db", "--", "-x", NULL};
	struct err e = ERR_INIT;
	struct call c;

	(void)state;
	assert_int_equal(parse(&c, "delete", argv, &e), 0);
	assert_int_equal(c.word_count, 3);
	assert_string_equal(c.words[0], "web");
	assert_string_equal(c.words[2], "-x");
	assert_true(call_has(&c, "force"));
	arena_done(&c.arena);
}

static void test_a_command_keeps_its_options(void **state)
{
	const char *const argv[] = {"-e", "A=1", "--env=B=2", "-it=no", "box",
				    "ls", "-l",	 "--",	      NULL};
	struct err e = ERR_INIT;
	struct call c;
	size_t cursor = 0;
	bool value;

	(void)state;
	assert_int_equal(parse(&c, "run", argv, &e), 0);
	assert_int_equal(c.word_count, 4);
	assert_string_equal(c.words[2], "-l");
	assert_string_equal(c.words[3], "--");
	assert_string_equal(call_next(&c, "env", &cursor), "A=1");
	assert_string_equal(call_next(&c, "env", &cursor), "B=2");
	assert_null(call_next(&c, "env", &cursor));
	assert_int_equal(call_bool(&c, "interactive", false, &value, &e), 0);
	assert_true(value);
	assert_int_equal(call_bool(&c, "tty", true, &value, &e), 0);
	assert_false(value);
	arena_done(&c.arena);
}

static void expect_refused(const char *verb, const char *const *argv, const char *message)
{
	struct err e = ERR_INIT;
	struct call c;

	assert_int_equal(parse(&c, verb, argv, &e), -EINVAL);
	assert_int_equal(e.kind, ERR_INPUT);
	if (!strstr(e.message, message))
		fail_msg("'%s' is not in '%s'", message, e.message);
	arena_done(&c.arena);
}

static void test_errors(void **state)
{
	(void)state;
	expect_refused("logs", (const char *const[]){"--folow", NULL}, "did you mean '--follow'");
	expect_refused("logs", (const char *const[]){"-z", NULL}, "unknown option '-z'");
	expect_refused("logs", (const char *const[]){"-fn", NULL}, "needs a value");
	expect_refused("logs", (const char *const[]){"--follow=1", NULL}, "takes no value");
	expect_refused("run", (const char *const[]){"--cap", "x", NULL}, "ambiguous");
	expect_refused("list", (const char *const[]){"--qqqqqqqq", NULL}, "lists them");
}

static void test_joined_letters_and_attached_values(void **state)
{
	const char *const argv[] = {"-fn5", "web", NULL};
	struct err e = ERR_INIT;
	struct call c;
	long lines = 0;

	(void)state;
	assert_int_equal(parse(&c, "logs", argv, &e), 0);
	assert_true(call_has(&c, "follow"));
	assert_int_equal(call_number(&c, "tail", 0, 10, &lines, &e), 0);
	assert_int_equal(lines, 5);
	assert_int_equal(call_number(&c, "tail", 0, 4, &lines, &e), -EINVAL);
	arena_done(&c.arena);
}

static void test_count_is_limited(void **state)
{
	static const char *argv[CALL_VALUES_MAX + 2];
	struct err e = ERR_INIT;
	struct call c;

	(void)state;
	for (size_t i = 0; i <= CALL_VALUES_MAX; i++)
		argv[i] = "-f";
	assert_int_equal(parse(&c, "logs", argv, &e), -E2BIG);
	arena_done(&c.arena);
}

/* A letter or a name twice within what one verb accepts would hide the second. */
struct seen {
	const struct verb *verb;
	const struct option_row *rows[128];
	size_t count;
};

static void check_row(const struct option_row *row, bool global, void *data)
{
	struct seen *seen = data;

	(void)global;
	for (size_t i = 0; i < seen->count; i++) {
		assert_string_not_equal(seen->rows[i]->name, row->name);
		if (row->letter && seen->rows[i]->letter == row->letter)
			fail_msg("-%c twice in %s", row->letter, seen->verb->name);
	}
	assert_true(row->takes == OPTION_FLAG || row->argument);
	assert_non_null(row->help);
	assert_true(seen->count < 128);
	seen->rows[seen->count++] = row;
}

static void test_tables_are_consistent(void **state)
{
	(void)state;
	for (const struct verb *v = verb_table; v->name; v++) {
		struct seen seen = {.verb = v};

		options_foreach(v, check_row, &seen);
		assert_non_null(v->run);
		assert_true(v->words_max < 0 || v->words_max >= v->words_min);
		assert_true(strlen(v->summary) < 80);
	}
}

static void test_verbs_of_two_words(void **state)
{
	int used;

	(void)state;
	assert_string_equal(verb_find("image", "list", &used)->name, "image list");
	assert_int_equal(used, 2);
	assert_string_equal(verb_find("capacity", "set", &used)->name, "capacity set");
	assert_string_equal(verb_find("capacity", "web", &used)->name, "capacity");
	assert_int_equal(used, 1);
	assert_null(verb_find("image", NULL, &used));
	assert_true(verb_is_group("image"));
	assert_false(verb_is_group("imag"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_and_options_mix),
		cmocka_unit_test(test_a_command_keeps_its_options),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_joined_letters_and_attached_values),
		cmocka_unit_test(test_count_is_limited),
		cmocka_unit_test(test_tables_are_consistent),
		cmocka_unit_test(test_verbs_of_two_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
