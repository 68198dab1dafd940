/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/helper.h"

#include "storage/entry_name.h"

static const struct {
	const char *name, *clean; /* NULL: refused */
} rows[] = {
	{".", ""},
	{"./", ""},
	{"././/", ""},
	{"etc/passwd", "etc/passwd"},
	{"./etc//./passwd", "etc/passwd"},
	{"etc/", "etc"},
	{"...", "..."},
	{"..data/a", "..data/a"},
	{"a/..b", "a/..b"},
	{"a\nb", "a\nb"},
	{"", NULL},
	{NULL, NULL},
	{"/etc/passwd", NULL},
	{"//", NULL},
	{"..", NULL},
	{"../etc", NULL},
	{"a/../../b", NULL},
	{"a/..", NULL},
	{"./../b", NULL},
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char path[ENTRY_PATH_MAX] = "untouched";
		const char *reason = NULL;
		int r = entry_name_clean(rows[i].name, path, &reason);

		assert_int_equal(r, rows[i].clean ? 0 : -EINVAL);
		assert_string_equal(path, rows[i].clean ? rows[i].clean : "untouched");
		assert_true((reason == NULL) == (r == 0));
	}
}

/* `count` components of `length` letters. */
static int clean_made(size_t count, size_t length, char path[static ENTRY_PATH_MAX])
{
	char name[16384];
	const char *reason;
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			name[used++] = '/';
		memset(name + used, 'x', length);
		used += length;
	}
	name[used] = '\0';
	return entry_name_clean(name, path, &reason);
}

static void test_limits(void **state)
{
	char path[ENTRY_PATH_MAX];

	(void)state;
	assert_int_equal(clean_made(1, 255, path), 0);
	assert_int_equal(clean_made(1, 256, path), -EINVAL);
	assert_int_equal(clean_made(128, 1, path), 0);
	assert_int_equal(clean_made(129, 1, path), -EINVAL);
	/* 16 * 255 + 15 is 4095, the longest. */
	assert_int_equal(clean_made(16, 255, path), 0);
	assert_int_equal(strlen(path), 4095);
	assert_int_equal(clean_made(17, 241, path), -EINVAL);
}

static void test_show(void **state)
{
	char shown[ENTRY_SHOWN_MAX], name[300];

	(void)state;
	assert_string_equal(entry_name_show("a\x1b[2Jb\n\xc3", shown), "a?[2Jb??");
	assert_string_equal(entry_name_show(NULL, shown), "(unnamed)");
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(strlen(entry_name_show(name, shown)), ENTRY_SHOWN_MAX - 1);
	assert_string_equal(shown + ENTRY_SHOWN_MAX - 4, "...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_show),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
