/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/helper.h"

#include "config/cpu_list.h"
#include "config/nearest.h"
#include "config/words.h"

static void join(const char *const *words, struct strbuf *out)
{
	for (size_t i = 0; words[i]; i++)
		strbuf_printf(out, "<%s>", words[i]);
}

static const struct {
	const char *text, *words;
} splits[] = {
	{"", ""},
	{"  \t ", ""},
	{"a b  c", "<a><b><c>"},
	{"a 'b c' \"d e\"", "<a><b c><d e>"},
	{"a'b c'd", "<ab cd>"},
	{"''", "<>"},
	{"a \"\" b", "<a><><b>"},
	{"a\\ b", "<a b>"},
	{"a\\\\b", "<a\\b>"},
	{"'\\n'", "<\\n>"},
	{"\"\\n\\t\\r\\\"\\\\\\x41\"", "<\n\t\r\"\\A>"},
	{"\"\\xC3\\xa4\"", "<\xc3\xa4>"},
	{"$HOME * ;", "<$HOME><*><;>"},
	{"trailing\\", "<trailing\\>"},
};

static void test_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(splits) / sizeof(*splits); i++) {
		_cleanup_arena_ struct arena a = ARENA_INIT;
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
		struct err e = ERR_INIT;
		const char *const *words;

		if (words_split("k", splits[i].text, &a, &words, &e) < 0)
			fail_msg("%s: %s", splits[i].text, e.message);
		join(words, &out);
		assert_string_equal(strbuf_text(&out), splits[i].words);
	}
}

static const struct {
	const char *text;
	int code;
	const char *message;
} bad_splits[] = {
	{"\"a", -EINVAL, "k: a '\"' is not closed"},
	{"'a", -EINVAL, "k: a \"'\" is not closed"},
	{"\"a\\", -EINVAL, "is no escape"},
	{"\"\\q\"", -EINVAL, "k: '\\q' is no escape"},
	{"\"\\x00\"", -EINVAL, "k: '\\x' is no escape"},
	{"\"\\x4\"", -EINVAL, "k: '\\x' is no escape"},
	{"\"\\xff\"", -EILSEQ, "k: is not UTF-8"},
	{"a \xc3", -EILSEQ, "k: is not UTF-8"},
};

static void test_split_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_splits) / sizeof(*bad_splits); i++) {
		_cleanup_arena_ struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		const char *const *words = NULL;

		assert_int_equal(words_split("k", bad_splits[i].text, &a, &words, &e),
				 bad_splits[i].code);
		if (!strstr(e.message, bad_splits[i].message))
			fail_msg("'%s' is not in '%s'", bad_splits[i].message, e.message);
		assert_null(words);
	}
}

static void test_split_limit(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct err e = ERR_INIT;
	const char *const *words;

	(void)state;
	for (int i = 0; i < WORDS_MAX; i++)
		strbuf_append(&text, "x ");
	assert_int_equal(words_split("k", strbuf_text(&text), &a, &words, &e), 0);
	assert_string_equal(words[WORDS_MAX - 1], "x");
	assert_null(words[WORDS_MAX]);
	strbuf_append(&text, "x");
	assert_int_equal(words_split("k", strbuf_text(&text), &a, &words, &e), -E2BIG);
	assert_string_equal(e.message, "k: at most 1024 words");
}

static void test_unquote(void **state)
{
	static const struct {
		const char *text, *value;
	} rows[] = {
		{"a \"b\"", "a \"b\""}, {"\" a \"", " a "}, {"\"\"", ""},
		{"'x'", "'x'"},		{"a\\n", "a\\n"},   {"\"a\\n\"", "a\n"},
	};
	static const char *const bad[] = {"\"a", "\"a\" b", "\"\\y\"", "\"\\xfe\"", "\xfe"};
	_cleanup_arena_ struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	const char *value = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(words_unquote("k", rows[i].text, &a, &value, &e), 0);
		assert_string_equal(value, rows[i].value);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		e = ERR_INIT;
		assert_true(words_unquote("k", bad[i], &a, &value, &e) < 0);
		assert_int_equal(e.kind, ERR_INPUT);
	}
}

/* Every text of bytes that are UTF-8 comes back from both kinds of quotes. */
static void test_quote_round_trip(void **state)
{
	static const char *const pieces[] = {
		"a", " ",	 "\"", "\\",   "\n", "\t", "'",	   "=",
		"#", "\xc3\xa4", ";",  "\x01", "[",  "\r", "\x7f", "\xf0\x9f\x9a\xa2"};
	uint64_t seed = 42;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		_cleanup_arena_ struct arena a = ARENA_INIT;
		_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
		_cleanup_strbuf_ struct strbuf word = STRBUF_INIT;
		_cleanup_strbuf_ struct strbuf value = STRBUF_INIT;
		uint64_t n = random_next(&seed) % 8;
		const char *const *words;
		const char *back;

		for (uint64_t i = 0; i < n; i++)
			strbuf_append(&text, pieces[random_next(&seed) % 16]);
		words_quote(strbuf_text(&text), &word);
		words_quote_value(strbuf_text(&text), &value);
		assert_int_equal(words_split("k", strbuf_text(&word), &a, &words, NULL), 0);
		assert_string_equal(words[0], strbuf_text(&text));
		assert_null(words[1]);
		assert_int_equal(words_unquote("k", strbuf_text(&value), &a, &back, NULL), 0);
		assert_string_equal(back, strbuf_text(&text));
		assert_null(strchr(strbuf_text(&value), '\n'));
	}
}

static void test_utf8(void **state)
{
	static const char *const good[] = {"",
					   "abc",
					   "\xc2\x80",
					   "\xdf\xbf",
					   "\xe0\xa0\x80",
					   "\xed\x9f\xbf",
					   "\xee\x80\x80",
					   "\xf0\x90\x80\x80",
					   "\xf4\x8f\xbf\xbf"};
	static const char *const bad[] = {"\x80",
					  "\xc1\xbf",
					  "\xc3",
					  "\xe0\x9f\xbf",
					  "\xed\xa0\x80",
					  "\xf0\x8f\xbf\xbf",
					  "\xf4\x90\x80\x80",
					  "\xf8\x88\x80\x80\x80",
					  "\xff",
					  "a\xe2\x82"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_true(words_is_utf8(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(words_is_utf8(bad[i]));
}

static void test_nearest(void **state)
{
	char longest[80];

	(void)state;
	assert_int_equal(nearest_distance("reserve", "reserve"), 0);
	assert_int_equal(nearest_distance("Reserve", "reserve"), 0);
	assert_int_equal(nearest_distance("reserv", "reserve"), 1);
	assert_int_equal(nearest_distance("rseerve", "reserve"), 1);
	assert_int_equal(nearest_distance("", "abc"), 3);
	assert_int_equal(nearest_distance("kitten", "sitting"), 3);
	memset(longest, 'x', sizeof(longest));
	longest[79] = '\0';
	assert_true(nearest_distance(longest, "x") == (size_t)-1);
	assert_true(nearest_distance("x", longest) == (size_t)-1);
	longest[63] = '\0';
	assert_int_equal(nearest_distance(longest, "x"), 62);
	assert_int_equal(nearest_limit("ab"), 1);
	assert_int_equal(nearest_limit("reserve"), 2);
}

static void test_cpu_list(void **state)
{
	static const struct {
		const char *text, *printed;
	} rows[] = {{"0", "0"},		{"0-3", "0-3"},	  {"0,1,2", "0-2"},    {"3,1", "1,3"},
		    {"0-1,1-5", "0-5"}, {"1023", "1023"}, {"0-1023", "0-1023"}};
	static const struct {
		const char *text;
		int code;
	} bad[] = {{"", -EINVAL},     {"-1", -EINVAL}, {"1-", -EINVAL},	  {"3-1", -EINVAL},
		   {"1,,2", -EINVAL}, {"1,", -EINVAL}, {"1024", -ERANGE}, {"0-9999999999", -ERANGE},
		   {"a", -EINVAL},    {"1 ", -EINVAL}};
	cpu_set_t set;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

		assert_int_equal(cpu_list_parse(rows[i].text, &set), 0);
		cpu_list_print(&set, &out);
		assert_string_equal(strbuf_text(&out), rows[i].printed);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(cpu_list_parse(bad[i].text, &set), bad[i].code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_split_errors),
		cmocka_unit_test(test_split_limit),
		cmocka_unit_test(test_unquote),
		cmocka_unit_test(test_quote_round_trip),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_cpu_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
