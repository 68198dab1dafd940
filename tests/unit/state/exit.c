/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/state/instance.h"

#include "state/exit.h"

static void test_round_trip(void **state)
{
	static const struct exit_status all[] = {
		{EXIT_CODE, 0, UINT64_C(1732147200123456)},
		{EXIT_CODE, 255, 1},
		{EXIT_SIGNAL, 9, UINT64_MAX},
		{EXIT_UNKNOWN, 0, 5},
	};
	struct settings s = instance_make(*state);
	struct exit_status back;
	struct err e = ERR_INIT;

	assert_int_equal(exit_read(&s, "web", &back, &e), -ENOENT);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(exit_write(&s, "web", &all[i], &e), 0);
		assert_int_equal(exit_read(&s, "web", &back, &e), 0);
		assert_int_equal(back.knowledge, all[i].knowledge);
		assert_int_equal(back.value, all[i].value);
		assert_true(back.ended_usec == all[i].ended_usec);
	}
	assert_int_equal(exit_remove(&s, "web", &e), 0);
	assert_int_equal(exit_remove(&s, "web", &e), 0);
	assert_int_equal(exit_read(&s, "web", &back, &e), -ENOENT);
	assert_int_equal(access("run/machines/web", F_OK), -1);
}

static void test_damaged(void **state)
{
	static const char *const texts[] = {
		"",
		"code",
		"code 1",
		"code 1 2 3",
		"code 01 2",
		"signal 9 -1",
		"unknown",
		"killed 9 1",
		"code 1 2\n\n",
		" code 1 2",
		"code 1 2x",
		"unknown 1 and a text that is far too long for this file and goes on"};
	struct settings s = instance_make(*state);
	struct exit_status back = {.value = 42};

	assert_int_equal(mkdir("run/machines/web", 0700), 0);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct err e = ERR_INIT;

		file_make("run/machines/web/exit", texts[i]);
		if (exit_read(&s, "web", &back, &e) != -EBADMSG)
			fail_msg("taken: '%s'", texts[i]);
		assert_int_equal(back.value, 42);
		assert_non_null(strstr(e.message, "web/exit"));
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_round_trip),
		TEST(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
