/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/state/instance.h"

#include "base/cleanup.h"
#include "state/event.h"

#include <jansson.h>

/* Reads a file of events; every line is one whole object. Returns how many. */
static int events_count(const char *path)
{
	_cleanup_free_ char *text = NULL;
	char *rest, *line;
	int count = 0;

	if (access(path, F_OK) < 0)
		return 0;
	assert_int_equal(io_read_file(AT_FDCWD, path, 8 << 20, &text, NULL, NULL), 0);
	for (rest = text; (line = strsep(&rest, "\n")) && *line; count++) {
		json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

		if (!json)
			fail_msg("not an object: %s", line);
		assert_true(json_real_value(json_object_get(json, "time")) > 1e9);
		assert_non_null(json_string_value(json_object_get(json, "event")));
		json_decref(json);
	}
	return count;
}

static void test_fields(void **state)
{
	struct settings s = instance_make(*state);
	_cleanup_free_ char *text = NULL;
	char big[5000];

	event_append(&s, "web", "start", NULL);
	assert_int_equal(io_read_file(AT_FDCWD, "run/events", 4096, &text, NULL, NULL), 0);
	assert_non_null(strstr(text, ",\"machine\":\"web\",\"event\":\"start\"}\n"));
	event_append(&s, NULL, "capacity", "quote \" newline \n byte \xff");
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	event_append(&s, "web", "odd", big);
	assert_int_equal(events_count("run/events"), 3);
}

static void test_no_directory_stops_nothing(void **state)
{
	struct settings s = instance_make(*state);

	(void)strcat(s.run, "/none");
	event_append(&s, "web", "start", NULL);
	assert_int_equal(access("run/none", F_OK), -1);
}

/* Eight writers over the limit: no line is torn, none is lost but what rotation drops. */
static void test_rotation_under_many_writers(void **state)
{
	struct settings s = instance_make(*state);
	char detail[900];
	struct stat st;
	pid_t pids[8];

	memset(detail, 'd', sizeof(detail));
	detail[sizeof(detail) - 1] = '\0';
	for (int i = 0; i < 8; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		for (int n = 0; pids[i] == 0; n++) {
			if (n == 200)
				_exit(0);
			event_append(&s, "web", "tick", detail);
		}
	}
	for (int i = 0; i < 8; i++) {
		int status = 0;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	/* 1600 lines of about 950 bytes: one rotation. */
	assert_int_equal(events_count("run/events") + events_count("run/events.1"), 1600);
	assert_int_equal(stat("run/events.1", &st), 0);
	assert_true(st.st_size >= 1 << 20);
	assert_true(st.st_size < (1 << 20) + 20000);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fields),
		TEST(test_no_directory_stops_nothing),
		TEST(test_rotation_under_many_writers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
