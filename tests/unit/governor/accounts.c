/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "governor/accounts.h"
#include "governor/capacity.h"
#include "governor/governor.h"

static struct settings settings;

static int setup(void **state)
{
	char template[] = "/tmp/bulkhead-accounts-XXXXXX";

	(void)state;
	if (!mkdtemp(template))
		return -1;
	(void)snprintf(settings.run, sizeof(settings.run), "%s", template);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return io_remove_tree(AT_FDCWD, settings.run, NULL);
}

static bool keep_b(const char *name, void *data)
{
	(void)data;
	return strcmp(name, "b") == 0;
}

static void test_records_live_over_a_death(void **state)
{
	struct accounts a = ACCOUNTS_INIT;
	struct account read;
	struct stat st;
	char path[HOST_PATH_MAX + 16];

	(void)state;
	assert_int_equal(accounts_open(&settings, &a, NULL), 0);
	account_add(accounts_get(&a, "a"), 500, 500);
	account_add(accounts_get(&a, "b"), 500, 400);
	accounts_close(&a);

	assert_int_equal(accounts_open(&settings, &a, NULL), 0);
	account_add(accounts_get(&a, "b"), 500, 500);
	assert_int_equal(accounts_read(&settings, "b", &read, NULL), 0);
	assert_int_equal(read.periods, 2);
	assert_int_equal(read.kept, 1);
	assert_int_equal(read.worst_permille, 800);
	assert_int_equal(read.histogram[16], 1);
	assert_int_equal(read.histogram[20], 1);

	accounts_keep(&a, keep_b, NULL);
	assert_int_equal(accounts_read(&settings, "a", &read, NULL), -ENOENT);
	/* The room of one that left is taken by the next. */
	assert_non_null(accounts_get(&a, "c"));
	(void)snprintf(path, sizeof(path), "%s/accounts", settings.run);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 2 * sizeof(struct account));
	accounts_close(&a);
}

static void test_nothing_wanted_is_not_counted(void **state)
{
	struct account a = {.worst_permille = 1000};

	(void)state;
	account_add(&a, 0, 0);
	assert_int_equal(a.periods, 0);
	account_add(&a, 100, 95);
	assert_int_equal(a.kept, 1);
	account_add(&a, 100, 94);
	assert_int_equal(a.kept, 1);
	assert_int_equal(a.periods, 2);
}

static void test_capacity_never_below_what_was_promised(void **state)
{
	struct capacity c;

	(void)state;
	assert_int_equal(capacity_open(2000, &c, NULL), 0);
	assert_int_equal(capacity_milli(&c, 0), 2000);
	c.lost_milli = 1500;
	assert_int_equal(capacity_milli(&c, 0), 500);
	assert_int_equal(capacity_milli(&c, 1800), 1800);
	c.lost_milli = 5000;
	assert_int_equal(capacity_milli(&c, 100), 100);
	capacity_close(&c);
}

static void test_while_somebody_is_hungry_it_is_what_was_had(void **state)
{
	struct capacity_sample s = {.now_usec = 1000000,
				    .elapsed_usec = 100000,
				    .machines_usec = 120000,
				    .is_hungry = true};
	struct capacity c;

	(void)state;
	assert_int_equal(capacity_open(2000, &c, NULL), 0);
	for (int i = 0; i < 20; i++)
		capacity_update(&c, &s);
	assert_in_range(capacity_milli(&c, 0), 1190, 1210);
	s.is_hungry = false;
	s.machines_usec = 0;
	capacity_update(&c, &s);
	assert_in_range(capacity_milli(&c, 0), 2000 - c.lost_milli, 2000);
	capacity_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records_live_over_a_death),
		cmocka_unit_test(test_nothing_wanted_is_not_counted),
		cmocka_unit_test(test_capacity_never_below_what_was_promised),
		cmocka_unit_test(test_while_somebody_is_hungry_it_is_what_was_had),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
