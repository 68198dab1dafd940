/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/helper.h"

#include "base/strbuf.h"
#include "config/ini_text.h"

static int collect(const struct ini_line *line, void *data, struct err *e)
{
	if (line->key && strcmp(line->key, "stop") == 0)
		return err_set(e, ERR_INPUT, -ECANCELED, "stopped at %u", line->number);
	if (line->key)
		strbuf_printf(data, "%u:%s.%s=<%s>\n", line->number, line->section, line->key,
			      line->value);
	else
		strbuf_printf(data, "%u:[%s]\n", line->number, line->section);
	return 0;
}

static int read_text(const char *text, size_t bytes, struct strbuf *out, struct err *e)
{
	const struct ini_text t = {
		.file = "f.ini",
		.text = text,
		.bytes = bytes,
		.each = collect,
		.data = out,
	};

	return ini_text_parse(&t, e);
}

static const struct {
	const char *text, *seen;
} good[] = {
	{"", ""},
	{"\n\n  \n", ""},
	{"[a]\nk=v", "1:[a]\n2:a.k=<v>\n"},
	{"[a]\r\nk = v \r\n", "1:[a]\n2:a.k=<v>\n"},
	{"# c\n; d\n  # e\n[a]\nk=v\n", "4:[a]\n5:a.k=<v>\n"},
	{"[a]\nk = v ; w # x\n", "1:[a]\n2:a.k=<v ; w # x>\n"},
	{"[a]\nk = a=b:c\n", "1:[a]\n2:a.k=<a=b:c>\n"},
	{"[a]\nk =\n", "1:[a]\n2:a.k=<>\n"},
	{"[a]\nk = 1\n  l = 2\n", "1:[a]\n2:a.k=<1>\n3:a.l=<2>\n"},
	{"[a]\n[b]\n\n[a]\nk=1\n", "1:[a]\n2:[b]\n4:[a]\n5:a.k=<1>\n"},
	{"\xef\xbb\xbf[a]\nk=1\n", "2:a.k=<1>\n"},
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
		struct err e = ERR_INIT;

		if (read_text(good[i].text, strlen(good[i].text), &out, &e) < 0)
			fail_msg("%zu: %s", i, e.message);
		assert_string_equal(strbuf_text(&out), good[i].seen);
	}
}

static const struct {
	const char *text;
	size_t bytes; /* 0: strlen */
	int code;
	const char *message;
} bad[] = {
	{"[a\nk=v", 0, -EINVAL, "f.ini:1: neither '[section]' nor 'key = value'"},
	{"[a]\nk\n", 0, -EINVAL, "f.ini:2: neither '[section]' nor 'key = value'"},
	{"[a] k=v\n", 0, -EINVAL, "f.ini:1: nothing may follow the ']' of a section"},
	{"\nk=v\n", 0, -EINVAL, "f.ini:2: key 'k' stands before the first [section]"},
	{"[a]\nk=v\nstop=1\n", 0, -ECANCELED, "stopped at 3"},
	{"[a]\nk=v\0w\n", 10, -EINVAL, "f.ini is not a text: it has a NUL byte"},
};

static void test_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
		struct err e = ERR_INIT;
		size_t bytes = bad[i].bytes ? bad[i].bytes : strlen(bad[i].text);

		assert_int_equal(read_text(bad[i].text, bytes, &out, &e), bad[i].code);
		assert_int_equal(e.code, bad[i].code);
		assert_int_equal(e.kind, ERR_INPUT);
		if (!strstr(e.message, bad[i].message))
			fail_msg("'%s' is not in '%s'", bad[i].message, e.message);
		assert_int_equal(read_text(bad[i].text, bytes, &out, NULL), bad[i].code);
	}
}

/* inih as Debian builds it would cut a line at 200 bytes and take the rest for another line. */
static void test_long_lines(void **state)
{
	static char text[INI_TEXT_MAX_BYTES + 1];
	static const size_t lengths[] = {190, 198, 199, 200, 201, 1000, INI_TEXT_MAX_BYTES};
	static const char head[] = "[a]\nk=";

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
		struct err e = ERR_INIT;

		memset(text, 'x', sizeof(text));
		memcpy(text, head, sizeof(head) - 1);
		if (read_text(text, lengths[i], &out, &e) < 0)
			fail_msg("%s", e.message);
		assert_int_equal(out.length,
				 strlen("1:[a]\n2:a.k=<>\n") + lengths[i] - strlen(head));
	}
}

static void test_too_long(void **state)
{
	static char text[INI_TEXT_MAX_BYTES + 1];
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct err e = ERR_INIT;

	(void)state;
	memset(text, '\n', sizeof(text));
	assert_int_equal(read_text(text, sizeof(text), &out, &e), -EFBIG);
	assert_string_equal(e.message, "f.ini has 65537 bytes: at most 65536 are read");
	assert_int_equal(read_text(text, sizeof(text) - 1, &out, &e), 0);
}

/* inih keeps 49 bytes of a section: a longer one must not become another. */
static void test_long_section(void **state)
{
	static const char text[] =
		"[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab]\n";
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(read_text(text, sizeof(text) - 1, &out, &e), 0);
	assert_int_equal(out.length, strlen("1:") + sizeof(text) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),	     cmocka_unit_test(test_errors),
		cmocka_unit_test(test_long_lines),   cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_long_section),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
