/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/state/instance.h"

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "base/units.h"
#include "guarantee/admission.h"
#include "state/ledger.h"
#include "state/lock.h"

#define RACERS 50

static struct grant grant_make(const char *name, uint64_t cpu)
{
	struct grant g = {
		.cpu = {.reserve = cpu, .share_milli = 1000, .limit = UNIT_NONE},
		.memory_limit_bytes = UNIT_NONE,
		.memory_swap_bytes = UNIT_NONE,
		.pids = UNIT_NONE,
		.cpu_promise.quality = GRANT_KEPT,
		.memory_promise.quality = GRANT_KEPT,
		.pids_promise.quality = GRANT_KEPT,
	};

	(void)snprintf(g.name, sizeof(g.name), "%s", name);
	return g;
}

static void test_put_find_remove(void **state)
{
	static const char *const names[] = {"web", "db", "mail", "a", "zz", "db0"};
	struct settings s = instance_make(*state);
	_cleanup_ledger_ struct ledger ledger = {.entries = NULL};
	struct err e = ERR_INIT;

	assert_int_equal(ledger_load(&s, &ledger, &e), 0);
	assert_int_equal(ledger.count, 0);
	assert_null(ledger_find(&ledger, "web"));
	for (uint64_t i = 0; i < 6; i++) {
		struct grant g = grant_make(names[i], i);

		assert_int_equal(ledger_put(&s, &g, &e), 0);
	}
	assert_int_equal(ledger_load(&s, &ledger, &e), 0);
	assert_int_equal(ledger.count, 6);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(ledger_find(&ledger, names[i])->cpu.reserve, i);
		if (i > 0)
			assert_true(strcmp(ledger.entries[i - 1].name, ledger.entries[i].name) < 0);
	}
	ledger_done(&ledger);
	struct grant changed = grant_make("db", 99);
	assert_int_equal(ledger_put(&s, &changed, &e), 0);
	assert_int_equal(ledger_remove(&s, "web", &e), 0);
	assert_int_equal(ledger_remove(&s, "web", &e), 0);
	assert_int_equal(ledger_remove(&s, "never", &e), 0);
	assert_int_equal(ledger_load(&s, &ledger, &e), 0);
	assert_int_equal(ledger.count, 5);
	assert_int_equal(ledger_find(&ledger, "db")->cpu.reserve, 99);
	assert_null(ledger_find(&ledger, "web"));
	assert_null(ledger_find(&ledger, "mai"));
}

static void test_damaged_ledger_is_an_error(void **state)
{
	struct settings s = instance_make(*state);
	struct ledger ledger = {.entries = NULL};
	struct grant g = grant_make("web", 1);
	struct err e = ERR_INIT;

	file_make("run/ledger", "{\"version\":1,\"grants\":[");
	assert_int_equal(ledger_load(&s, &ledger, &e), -EBADMSG);
	assert_non_null(strstr(e.message, "run/ledger"));
	assert_int_equal(ledger_put(&s, &g, &e), -EBADMSG);
	assert_int_equal(ledger_remove(&s, "web", &e), -EBADMSG);
}

static void test_ledger_has_an_end(void **state)
{
	struct settings s = instance_make(*state);
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct grant g = grant_make("zzz", 1);
	struct err e = ERR_INIT;

	strbuf_append(&text, "{\"version\":1,\"grants\":[");
	for (int i = 0; i < LEDGER_ENTRIES_MAX; i++)
		strbuf_printf(&text, "%s{\"name\":\"m%05d\"}", i ? "," : "", i);
	strbuf_append(&text, "]}\n");
	file_make("run/ledger", text.text);
	assert_int_equal(ledger_put(&s, &g, &e), -ENOSPC);
	assert_int_equal(e.kind, ERR_REFUSED);
	(void)strcpy(g.name, "m00007");
	assert_int_equal(ledger_put(&s, &g, &e), 0);
}

/* What a start does: all under the lock. Exit code 0: admitted, 3: refused, else: broken. */
static int race_one(const struct settings *s, int number)
{
	struct host host = {.capacity = {.cpu_millicpus = 2000, .cpu_reserved = 100}};
	_cleanup_ledger_ struct ledger ledger = {.entries = NULL};
	_cleanup_fd_ int lock = -EBADF;
	char name[16];
	struct spec spec = {.name = name,
			    .cpu.claim = {.reserve = 100, .share_milli = 1, .limit = UNIT_NONE}};
	struct grant grant;
	struct err e = ERR_INIT;
	int r;

	(void)snprintf(name, sizeof(name), "m%d", number);
	if (lock_ledger(s, &lock, &e) < 0 || ledger_load(s, &ledger, &e) < 0)
		return 10;
	r = admission_decide(&spec, &host, &ledger, &grant, &e);
	if (r < 0)
		return r == -ENOSPC ? 3 : 11;
	return ledger_put(s, &grant, &e) < 0 ? 12 : 0;
}

/* A reader without the lock, as long as the racers run: every load is whole and within capacity. */
static void read_meanwhile(const struct settings *s, const char *running)
{
	while (access(running, F_OK) == 0) {
		_cleanup_ledger_ struct ledger ledger = {.entries = NULL};
		struct err e = ERR_INIT;
		uint64_t sum = 0;

		if (ledger_load(s, &ledger, &e) < 0)
			_exit(20);
		for (size_t i = 0; i < ledger.count; i++)
			sum += ledger.entries[i].cpu.reserve;
		if (sum > 1900)
			_exit(21);
	}
	_exit(0);
}

static int exit_code_of(pid_t pid)
{
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_racing_starts_never_exceed_the_capacity(void **state)
{
	struct settings s = instance_make(*state);
	_cleanup_ledger_ struct ledger ledger = {.entries = NULL};
	pid_t racers[RACERS], reader;
	int admitted = 0, refused = 0;

	file_make("running", "");
	reader = fork();
	assert_true(reader >= 0);
	if (reader == 0)
		read_meanwhile(&s, "running");
	for (int i = 0; i < RACERS; i++) {
		racers[i] = fork();
		assert_true(racers[i] >= 0);
		if (racers[i] == 0)
			_exit(race_one(&s, i));
	}
	for (int i = 0; i < RACERS; i++) {
		int code = exit_code_of(racers[i]);

		admitted += code == 0;
		refused += code == 3;
	}
	assert_int_equal(unlink("running"), 0);
	assert_int_equal(exit_code_of(reader), 0);
	assert_int_equal(admitted, 19);
	assert_int_equal(refused, RACERS - 19);
	assert_int_equal(ledger_load(&s, &ledger, NULL), 0);
	assert_int_equal(ledger.count, 19);
}

static int full_disk(const char *scratch)
{
	struct settings s = instance_make(scratch);
	struct ledger ledger = {.entries = NULL};
	struct err e = ERR_INIT;
	int r = mount_small_disk("run", "size=16k,nr_inodes=32"), n = 0;

	CHILD_CHECK(r, r == 0);
	CHILD_CHECK(1, paths_make(&s, &e) == 0);
	do {
		char name[64];
		struct grant g;

		(void)snprintf(name, sizeof(name), "machine-with-a-long-name-%d", 1000 + n);
		g = grant_make(name, 1);
		r = ledger_put(&s, &g, &e);
		n += r == 0;
	} while (r == 0 && n < 1000);
	CHILD_CHECK(2, r == -ENOSPC && n > 10);
	CHILD_CHECK(3, ledger_load(&s, &ledger, &e) == 0);
	CHILD_CHECK(4, ledger.count == (size_t)n);
	CHILD_CHECK(5, access("run/.ledger.new", F_OK) < 0);
	ledger_done(&ledger);
	return 0;
}

static void test_full_disk_leaves_the_old_ledger(void **state)
{
	in_child(full_disk, *state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_put_find_remove),
		TEST(test_damaged_ledger_is_an_error),
		TEST(test_ledger_has_an_end),
		TEST(test_racing_starts_never_exceed_the_capacity),
		TEST(test_full_disk_leaves_the_old_ledger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
