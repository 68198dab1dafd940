/* SPDX-License-Identifier: Apache-2.0 */
/* What is printed for people, and small parsers: formats, tables, signals, moments. */
#include "tests/unit/helper.h"

#include "base/units.h"
#include "cli/format.h"
#include "cli/moment.h"
#include "cli/signals.h"
#include "cli/suggest.h"
#include "cli/table.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void test_quantities(void **state)
{
	char text[FORMAT_MAX];

	(void)state;
	assert_string_equal(format_bytes(0, text), "0");
	assert_string_equal(format_bytes(1023, text), "1023");
	assert_string_equal(format_bytes(1024, text), "1.0K");
	assert_string_equal(format_bytes(1536ull * 1024 * 1024, text), "1.5G");
	assert_string_equal(format_bytes(UINT64_MAX - 1, text), "16.0E");
	assert_string_equal(format_bytes(UNIT_NONE, text), "none");
	assert_string_equal(format_cpus(625, text), "0.62");
	assert_string_equal(format_duration(59 * 1000000ull, text), "59s");
	assert_string_equal(format_duration(3600 * 1000000ull, text), "1h 0min");
	assert_string_equal(format_duration(100000 * 1000000ull, text), "1d 3h");
}

static void test_exits(void **state)
{
	char text[FORMAT_MAX];

	(void)state;
	assert_string_equal(
		format_exit(&(struct exit_status){.knowledge = EXIT_CODE, .value = 3}, text),
		"code 3");
	assert_string_equal(
		format_exit(&(struct exit_status){.knowledge = EXIT_SIGNAL, .value = 9}, text),
		"signal 9 (KILL)");
	assert_string_equal(format_exit(&(struct exit_status){.knowledge = EXIT_UNKNOWN}, text),
			    "unknown");
	assert_string_equal(format_exit(&(struct exit_status){.knowledge = EXIT_UNSET}, text), "");
}

/* What a machine calls itself must not drive the terminal. */
static void test_hostile_text(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;

	(void)state;
	assert_string_equal(format_safe(&a, "\033[2Jx\ty\n"), "?[2Jx?y?");
	assert_string_equal(format_safe(&a, "gr\303\274n \342\202\254"),
			    "gr\303\274n \342\202\254");
	assert_string_equal(format_safe(&a, "\302\233 31m"), "?? 31m");
	assert_string_equal(format_safe(&a, "\377\200\303"), "???");
	assert_string_equal(format_safe(&a, "\342\202"), "??");
	assert_string_equal(format_safe(&a, NULL), "");
}

static void test_commands(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	const char *const argv[] = {"sh", "-c", "echo it's", "", NULL};

	(void)state;
	assert_string_equal(format_command(&a, argv), "sh -c 'echo it'\\''s' ''");
	assert_string_equal(format_command(&a, NULL), "");
}

static void test_table(void **state)
{
	static const struct table_column columns[] = {
		{"NAME", false}, {"N", true}, {"LAST", false}};
	_cleanup_arena_ struct arena a = ARENA_INIT;
	struct table t;

	(void)state;
	table_init(&t, &a, columns, 3);
	table_add(&t, "gr\303\274n");
	table_printf(&t, "%d", 7);
	table_add(&t, NULL);
	table_add(&t, "a");
	table_printf(&t, "%d", 100);
	table_add(&t, "x\ny");
	assert_int_equal(table_lines(&t), 3);
	assert_string_equal(table_line(&t, 0), "NAME    N  LAST");
	assert_string_equal(table_line(&t, 1), "gr\303\274n    7  -");
	assert_string_equal(table_line(&t, 2), "a     100  x?y");
}

static void test_signals(void **state)
{
	static const struct {
		const char *text;
		int number; /* 0: refused */
	} rows[] = {
		{"9", 9},	 {"KILL", SIGKILL}, {"sigterm", SIGTERM},
		{"HUP", SIGHUP}, {"0", 0},	    {"-1", 0},
		{"65", 0},	 {"", 0},	    {"KILLER", 0},
		{"9x", 0},	 {"SIG", 0},	    {"RTMIN+x", 0},
		{"RTMIN+99", 0},
	};
	struct err e = ERR_INIT;
	int number;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int r = signal_parse(rows[i].text, &number, &e);

		assert_int_equal(r, rows[i].number ? 0 : -EINVAL);
		if (rows[i].number)
			assert_int_equal(number, rows[i].number);
	}
	assert_int_equal(signal_parse("SIGRTMIN+3", &number, &e), 0);
	assert_int_equal(number, SIGRTMIN + 3);
	assert_int_equal(signal_parse("RTMAX-1", &number, &e), 0);
	assert_int_equal(number, SIGRTMAX - 1);
}

static void test_moments(void **state)
{
	struct err e = ERR_INIT;
	uint64_t now = (uint64_t)time(NULL) * 1000000u;
	uint64_t usec;

	(void)state;
	assert_int_equal(setenv("TZ", "UTC", 1), 0);
	tzset();
	assert_int_equal(moment_parse("since", "2026-11-21 09:30:05", &usec, &e), 0);
	assert_int_equal(usec, 1795253405ull * 1000000u);
	assert_int_equal(moment_parse("since", "2026-11-21", &usec, &e), 0);
	assert_int_equal(usec, 1795219200ull * 1000000u);
	assert_int_equal(moment_parse("since", "90s", &usec, &e), 0);
	assert_in_range(usec, now - 90000000u, now - 80000000u);
	assert_int_equal(moment_parse("since", "yesterday", &usec, &e), -EINVAL);
	assert_int_equal(moment_parse("since", "", &usec, &e), -EINVAL);
	assert_int_equal(moment_parse("since", "09:30junk", &usec, &e), -EINVAL);
}

static void test_suggestions(void **state)
{
	struct suggestion s = suggestion_start("strat");

	(void)state;
	suggestion_offer(&s, "delete");
	assert_null(s.best);
	suggestion_offer(&s, "start");
	assert_string_equal(s.best, "start");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quantities),   cmocka_unit_test(test_exits),
		cmocka_unit_test(test_hostile_text), cmocka_unit_test(test_commands),
		cmocka_unit_test(test_table),	     cmocka_unit_test(test_signals),
		cmocka_unit_test(test_moments),	     cmocka_unit_test(test_suggestions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
