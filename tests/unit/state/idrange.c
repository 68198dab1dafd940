/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/state/instance.h"

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "state/idrange.h"

#define FIRST 0x10000000u
#define LAST 0x7fff0000u

static const struct idrange_sources sources = {"subuid", "subgid"};

static uint32_t choose(const struct settings *s)
{
	struct err e = ERR_INIT;
	uint32_t base = 0;

	if (idrange_choose_beside(s, &sources, &base, &e) < 0)
		fail_msg("%s", e.message);
	return base;
}

static void test_choose_take_release(void **state)
{
	struct settings s = instance_make(*state);
	struct err e = ERR_INIT;
	uint32_t base = 0;

	assert_int_equal(choose(&s), FIRST);
	assert_int_equal(choose(&s), FIRST); /* nothing was written */
	assert_int_equal(idrange_find(&s, "web", &base, &e), -ENOENT);
	assert_int_equal(idrange_take(&s, "web", FIRST, &e), 0);
	assert_int_equal(idrange_take(&s, "web", FIRST, &e), 0);
	assert_int_equal(choose(&s), FIRST + IDRANGE_COUNT);
	assert_int_equal(idrange_take(&s, "db", FIRST, &e), -EEXIST);
	assert_non_null(strstr(e.message, "web"));
	assert_int_equal(idrange_take(&s, "web", FIRST + IDRANGE_COUNT, &e), -EEXIST);
	assert_int_equal(idrange_take(&s, "db", LAST, &e), 0);
	assert_int_equal(idrange_find(&s, "db", &base, &e), 0);
	assert_int_equal(base, LAST);
	assert_int_equal(idrange_release(&s, "web", &e), 0);
	assert_int_equal(idrange_release(&s, "web", &e), 0);
	assert_int_equal(choose(&s), FIRST);
	assert_int_equal(idrange_find(&s, "db", &base, &e), 0);
}

static void test_bases_that_are_no_bases(void **state)
{
	static const uint32_t bases[] = {0,	     65536, FIRST + 1, FIRST - 65536, LAST + 65536,
					 0xffff0000u};
	struct settings s = instance_make(*state);

	for (size_t i = 0; i < sizeof(bases) / sizeof(*bases); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(idrange_take(&s, "web", bases[i], &e), -EINVAL);
		assert_int_equal(e.kind, ERR_INPUT);
	}
	assert_int_equal(access("root/ids", F_OK), -1);
}

static void test_others_ranges_are_kept_clear(void **state)
{
	struct settings s = instance_make(*state);

	/* One id of the first, all of the second by another's uid, the third by the other file. */
	file_make("subuid", "user:268500991:1\n1000:268500992:65536\nnonsense\nx:y:z\n:::\n");
	file_make("subgid", "root:100000:65536\nuser:268566528:1\n");
	assert_int_equal(choose(&s), FIRST + 3 * IDRANGE_COUNT);
	file_make("subuid", "whole:1:4294967294\n");
	assert_int_equal(idrange_choose_beside(&s, &sources, &(uint32_t){0}, NULL), -ENOSPC);
}

static void test_own_lines_confine(void **state)
{
	struct settings s = instance_make(*state);
	struct err e = ERR_INIT;
	uint32_t base;

	/* In both files only ids from 0x20000000 + 65536 for two ranges. */
	file_make("subuid", "bulkhead:536870912:196608\nuser:100000:65536\n");
	file_make("subgid", "user:100000:65536\nbulkhead:536936448:655360\n");
	assert_int_equal(choose(&s), 0x20010000u);
	assert_int_equal(idrange_take(&s, "a", 0x20010000u, &e), 0);
	assert_int_equal(choose(&s), 0x20020000u);
	assert_int_equal(idrange_take(&s, "b", 0x20020000u, &e), 0);
	assert_int_equal(idrange_choose_beside(&s, &sources, &base, &e), -ENOSPC);
	assert_non_null(strstr(e.message, "bulkhead's lines of both subuid and subgid"));
	assert_int_equal(idrange_release(&s, "a", &e), 0);
	/* Another's line inside ours is not ours. */
	file_make("subgid", "bulkhead:536936448:655360\nuser:536936449:1\n");
	assert_int_equal(idrange_choose_beside(&s, &sources, &base, &e), -ENOSPC);
	/* A line in one file only is none. */
	file_make("subgid", "");
	assert_int_equal(idrange_choose_beside(&s, &sources, &base, &e), -ENOSPC);
}

static void test_damaged_registry_names_the_line(void **state)
{
	static const char *const texts[] = {
		"268435456 web\nx\n",
		"268435456 web\n\n268500992 db\n",
		"268435456 web\n268500992 db",
		"268435456 web\n268500993 db\n",
		"268435456 web\n0268500992 db\n",
		"268435456 web\n268500992 DB\n",
		"268435456 web\n268500992  db\n",
		"268435456 web\n268500992 db \n",
		"268435456 web\n268435456 db\n",
		"268435456 web\n268500992 web\n",
		"268435456 web\n4563402752 db\n",
		"268435456 web\n-1 db\n",
	};
	struct settings s = instance_make(*state);

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct err e = ERR_INIT;
		uint32_t base = 42;

		file_make("root/ids", texts[i]);
		if (idrange_choose_beside(&s, &sources, &base, &e) != -EBADMSG)
			fail_msg("taken: %s", texts[i]);
		assert_int_equal(base, 42);
		assert_non_null(strstr(e.message, "root/ids line 2"));
		assert_int_equal(idrange_take(&s, "new", LAST, &e), -EBADMSG);
		assert_int_equal(idrange_release(&s, "web", &e), -EBADMSG);
		assert_int_equal(idrange_find(&s, "web", &base, &e), -EBADMSG);
	}
}

/* The registry lost the machine, its files remain: the range stays taken. */
static void test_files_that_remain_keep_their_range(void **state)
{
	struct settings s = instance_make(*state);

	if (geteuid() != 0) {
		print_message("[  SKIP  ] needs root to give files away\n");
		skip();
	}
	assert_int_equal(mkdir("root/machines/gone", 0711), 0);
	assert_int_equal(mkdir("root/machines/gone/upper", 0755), 0);
	assert_int_equal(chown("root/machines/gone/upper", FIRST, FIRST), 0);
	assert_int_equal(mkdir("root/machines/.removed", 0711), 0);
	assert_int_equal(mkdir("root/machines/.removed/upper", 0755), 0);
	assert_int_equal(chown("root/machines/.removed/upper", FIRST + IDRANGE_COUNT + 5, 0), 0);
	assert_int_equal(mkdir("root/machines/new", 0711), 0);
	file_make("root/machines/file", "");
	assert_int_equal(choose(&s), FIRST + 2 * IDRANGE_COUNT);
}

static void test_exhaustion(void **state)
{
	struct settings s = instance_make(*state);
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct err e = ERR_INIT;
	uint32_t base = 42;

	strbuf_printf(&text, "a:%u:%u\n", FIRST, LAST - FIRST);
	file_make("subuid", text.text);
	assert_int_equal(choose(&s), LAST);
	assert_int_equal(idrange_take(&s, "last", LAST, &e), 0);
	assert_int_equal(idrange_choose_beside(&s, &sources, &base, &e), -ENOSPC);
	assert_int_equal(base, 42);
	assert_non_null(strstr(e.message, "delete a machine"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_choose_take_release),
		TEST(test_bases_that_are_no_bases),
		TEST(test_others_ranges_are_kept_clear),
		TEST(test_own_lines_confine),
		TEST(test_damaged_registry_names_the_line),
		TEST(test_files_that_remain_keep_their_range),
		TEST(test_exhaustion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
