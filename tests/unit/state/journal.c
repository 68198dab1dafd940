/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/state/instance.h"

#include "config/record_json.h"
#include "state/journal.h"

static struct record record_make(const char *name, enum record_state state)
{
	struct record r = {.state = state, .transaction = RECORD_START, .init_pid = 77};

	(void)strcpy(r.name, name);
	PLAN_ADD(&r.undo, OP_STAGE_HOST, OP_LEDGER_ENTER, .subject = name);
	return r;
}

static void test_write_read_remove(void **state)
{
	struct settings s = instance_make(*state);
	_cleanup_record_ struct record a = record_make("web", RECORD_INTENT), b = RECORD_INIT;
	struct err e = ERR_INIT;

	assert_int_equal(journal_read(&s, "web", RECORD_START, &b, &e), -ENOENT);
	assert_int_equal(journal_write(&s, &a, &e), 0);
	a.state = RECORD_RUNNING;
	assert_int_equal(journal_write(&s, &a, &e), 0);
	assert_int_equal(journal_read(&s, "web", RECORD_START, &b, &e), 0);
	assert_int_equal(b.state, RECORD_RUNNING);
	assert_int_equal(b.init_pid, 77);
	assert_int_equal(b.undo.count, 1);
	assert_int_equal(journal_read(&s, "web", RECORD_CREATE, &b, &e), -ENOENT);
	assert_int_equal(journal_remove(&s, "web", RECORD_START, &e), 0);
	assert_int_equal(journal_remove(&s, "web", RECORD_START, &e), 0);
	assert_int_equal(rmdir("run/journal"), 0); /* nothing was left in it */
}

static void test_damaged_records(void **state)
{
	struct settings s = instance_make(*state);
	_cleanup_record_ struct record a = record_make("web", RECORD_RUNNING);
	struct record b = RECORD_INIT;
	struct err e = ERR_INIT;

	assert_int_equal(journal_write(&s, &a, &e), 0);
	assert_int_equal(truncate("run/journal/web.start", 100), 0);
	assert_int_equal(journal_read(&s, "web", RECORD_START, &b, &e), -EBADMSG);
	assert_non_null(strstr(e.message, "journal/web.start"));
	assert_int_equal(truncate("run/journal/web.start", 0), 0);
	assert_int_equal(journal_read(&s, "web", RECORD_START, &b, &e), -EBADMSG);
	assert_int_equal(journal_write(&s, &a, &e), 0);
	assert_int_equal(rename("run/journal/web.start", "run/journal/db.start"), 0);
	assert_int_equal(journal_read(&s, "db", RECORD_START, &b, &e), -EBADMSG);
	assert_non_null(strstr(e.message, "another machine"));
}

static int collect(const char *name, enum record_transaction transaction, void *data)
{
	char *list = data;

	(void)sprintf(list + strlen(list), "%s.%d ", name, (int)transaction);
	return 0;
}

static int stop_at_first(const char *name, enum record_transaction transaction, void *data)
{
	(void)name;
	(void)transaction;
	++*(int *)data;
	return 42;
}

static void test_foreign_files_are_ignored(void **state)
{
	static const char *const foreign[] = {
		"web",	     "web.",	 "web.starts", "web.start.new", ".web.start.new",
		"Web.start", "-a.start", "we b.start", ".start",	"a.create.start"};
	struct settings s = instance_make(*state);
	char list[256] = "", path[128];
	struct err e = ERR_INIT;
	int calls = 0;

	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++) {
		(void)snprintf(path, sizeof(path), "run/journal/%s", foreign[i]);
		file_make(path, "x");
	}
	assert_int_equal(journal_foreach(&s, collect, list, &e), 0);
	assert_string_equal(list, "");
	file_make("run/journal/web.delete", "x");
	assert_int_equal(journal_foreach(&s, collect, list, &e), 0);
	assert_string_equal(list, "web.3 ");
	file_make("run/journal/a-0.create", "x");
	assert_int_equal(journal_foreach(&s, stop_at_first, &calls, &e), 42);
	assert_int_equal(calls, 1);
}

static void test_no_directory_is_an_empty_journal(void **state)
{
	struct settings s = instance_make(*state);
	char list[8] = "";

	assert_int_equal(rmdir("run/journal"), 0);
	assert_int_equal(journal_foreach(&s, collect, list, NULL), 0);
}

/* What a writer that was killed between linkat and rename leaves goes with the record. */
static void test_temporaries_go_with_the_record(void **state)
{
	struct settings s = instance_make(*state);
	_cleanup_record_ struct record a = record_make("web", RECORD_INTENT);
	struct err e = ERR_INIT;

	file_make("run/journal/.web.start.new", "half");
	assert_int_equal(journal_write(&s, &a, &e), 0);
	assert_int_equal(journal_write(&s, &a, &e), 0);
	assert_int_equal(access("run/journal/.web.start.new", F_OK), -1);
	file_make("run/journal/.web.start.new", "half");
	assert_int_equal(journal_remove(&s, "web", RECORD_START, &e), 0);
	assert_int_equal(rmdir("run/journal"), 0);
}

static int full_disk(const char *scratch)
{
	struct settings s = instance_make(scratch);
	struct record a = record_make("web", RECORD_INTENT), b = RECORD_INIT;
	struct err e = ERR_INIT;
	int r = mount_small_disk("run/journal", "size=64k");

	CHILD_CHECK(r, r == 0);
	CHILD_CHECK(1, journal_write(&s, &a, &e) == 0);
	while (a.undo.count < 500)
		PLAN_ADD(&a.undo, OP_STAGE_HOST, OP_CGROUP_MAKE,
			 .subject = "a subject that is long enough to fill a small disk, it seems",
			 .value = "and a value that is long enough to fill a small disk, it seems");
	CHILD_CHECK(2, journal_write(&s, &a, &e) == -ENOSPC);
	CHILD_CHECK(3, strstr(e.message, "web.start") && e.kind == ERR_HOST);
	CHILD_CHECK(4, journal_read(&s, "web", RECORD_START, &b, &e) == 0);
	CHILD_CHECK(5, b.undo.count == 1);
	CHILD_CHECK(6, access("run/journal/.web.start.new", F_OK) < 0);
	CHILD_CHECK(7, journal_remove(&s, "web", RECORD_START, &e) == 0);
	record_done(&a);
	record_done(&b);
	return 0;
}

static void test_full_disk_leaves_the_old_record(void **state)
{
	in_child(full_disk, *state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_write_read_remove),
		TEST(test_damaged_records),
		TEST(test_foreign_files_are_ignored),
		TEST(test_no_directory_is_an_empty_journal),
		TEST(test_temporaries_go_with_the_record),
		TEST(test_full_disk_leaves_the_old_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
