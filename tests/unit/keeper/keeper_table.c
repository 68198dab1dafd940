/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keeper/holdings.h"
#include "keeper/table.h"

static const struct settings settings = {.root = "/r", .run = "/u"};

static void test_names_are_found_by_a_successor(void **state)
{
	static struct table_index x, successor;
	struct table *t, *again;
	struct stat st;
	char name[32];
	int fd;

	(void)state;
	assert_int_equal(table_new(&settings, &fd, &t, NULL), 0);
	for (uint32_t i = 0; i < TABLE_SLOTS; i++) {
		(void)snprintf(name, sizeof(name), "m%u", i);
		assert_int_equal(table_take(&x, t, name), i);
	}
	assert_int_equal(table_take(&x, t, "one-too-many"), TABLE_NONE);
	table_free(&x, t, 7);
	assert_int_equal(table_find(&x, t, "m7"), TABLE_NONE);
	assert_int_equal(table_find(&x, t, "m8"), 8);
	assert_int_equal(table_take(&x, t, "new"), 7);

	assert_int_equal(table_map(fd, &again, NULL), 0);
	table_index_build(&successor, again);
	assert_int_equal(table_find(&successor, again, "new"), 7);
	assert_int_equal(table_find(&successor, again, "m4095"), 4095);
	assert_int_equal(table_find(&successor, again, "m7"), TABLE_NONE);
	assert_string_equal(again->header.settings.root, "/r");
	assert_int_equal(fstat(fd, &st), 0);
	(void)munmap(t, sizeof(*t));
	(void)munmap(again, sizeof(*again));
	(void)close(fd);
}

static void test_unused_slots_cost_nothing(void **state)
{
	static struct table_index x;
	struct table *t;
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(table_new(&settings, &fd, &t, NULL), 0);
	(void)table_take(&x, t, "only");
	assert_int_equal(fstat(fd, &st), 0);
	assert_true(st.st_blocks * 512 <= 16384);
	(void)munmap(t, sizeof(*t));
	(void)close(fd);
}

static void test_another_version_is_refused(void **state)
{
	struct table *t;
	uint32_t magic = 1;
	int fd;

	(void)state;
	assert_int_equal(table_new(&settings, &fd, &t, NULL), 0);
	(void)munmap(t, sizeof(*t));
	assert_int_equal(pwrite(fd, &magic, sizeof(magic), 0), sizeof(magic));
	assert_int_equal(table_map(fd, &t, NULL), -EPROTO);
	(void)close(fd);
}

static void test_rebirth_is_slowed_only_after_many(void **state)
{
	struct rebirth b = {.hasty = 0};
	uint64_t now = 10000000;

	(void)state;
	for (uint32_t i = 0; i <= REBIRTH_HASTY; i++)
		assert_true(rebirth_is_due(&b, now += 1000) || i == REBIRTH_HASTY);
	assert_false(rebirth_is_due(&b, now += 1000));
	assert_true(rebirth_is_due(&b, now += REBIRTH_USEC));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_found_by_a_successor),
		cmocka_unit_test(test_unused_slots_cost_nothing),
		cmocka_unit_test(test_another_version_is_refused),
		cmocka_unit_test(test_rebirth_is_slowed_only_after_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
