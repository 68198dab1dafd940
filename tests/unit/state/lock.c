/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/state/instance.h"

#include "base/cleanup.h"
#include "state/lock.h"

#include <signal.h>

static void test_exclusive(void **state)
{
	struct settings s = instance_make(*state);
	_cleanup_fd_ int a = -EBADF, b = -EBADF, c = -EBADF, d = -EBADF, f = -EBADF;
	struct err e = ERR_INIT;

	assert_int_equal(lock_machine(&s, "web", LOCK_TRY, &a, &e), 0);
	assert_int_equal(lock_machine(&s, "web", LOCK_TRY, &b, &e), -EWOULDBLOCK);
	assert_int_equal(b, -EBADF);
	assert_non_null(strstr(e.message, "web"));
	/* Machines with the names of other locks are no obstacle. */
	assert_int_equal(lock_machine(&s, "ledger", LOCK_TRY, &b, &e), 0);
	assert_int_equal(lock_ledger(&s, &c, &e), 0);
	assert_int_equal(lock_idrange(&s, &d, &e), 0);
	assert_true(fcntl(a, F_GETFD) & FD_CLOEXEC);
	a = fd_close(a);
	assert_int_equal(lock_machine(&s, "web", LOCK_TRY, &f, &e), 0);
}

static void test_released_when_the_holder_dies(void **state)
{
	struct settings s = instance_make(*state);
	_cleanup_fd_ int fd = -EBADF;
	int ready[2], status;
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int held;

		_exit(lock_machine(&s, "web", LOCK_WAIT, &held, NULL) == 0 &&
				      write(ready[1], "x", 1) == 1
			      ? pause()
			      : 1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(lock_machine(&s, "web", LOCK_TRY, &fd, NULL), -EWOULDBLOCK);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(lock_machine(&s, "web", LOCK_TRY, &fd, NULL), 0);
	(void)close(ready[0]);
	(void)close(ready[1]);
}

/* Each takes the lock, finds itself alone, and removes the lock's file before it lets go. */
static int remove_in_turn(const struct settings *s)
{
	for (int i = 0; i < 50; i++) {
		int fd, alone;

		if (lock_machine(s, "web", LOCK_WAIT, &fd, NULL) < 0)
			return 1;
		alone = open("alone", O_CREAT | O_EXCL | O_RDWR, 0600);
		if (alone < 0)
			return 2;
		(void)close(alone);
		if (unlink("alone") < 0 || (i % 2 && lock_machine_remove(s, "web", NULL) < 0))
			return 3;
		(void)close(fd);
	}
	return 0;
}

static void test_removal_keeps_it_exclusive(void **state)
{
	struct settings s = instance_make(*state);
	pid_t pids[8];

	for (int i = 0; i < 8; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			_exit(remove_in_turn(&s));
	}
	for (int i = 0; i < 8; i++) {
		int status = 0;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(lock_machine_remove(&s, "web", NULL), 0);
	assert_int_equal(lock_machine_remove(&s, "web", NULL), 0);
	assert_int_equal(rmdir("run/locks"), 0);
}

static void test_no_directory(void **state)
{
	struct settings s = instance_make(*state);
	struct err e = ERR_INIT;
	int fd;

	(void)strcat(s.run, "/none");
	assert_int_equal(lock_ledger(&s, &fd, &e), -ENOENT);
	assert_non_null(strstr(e.message, "run/none/locks/ledger"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_exclusive),
		TEST(test_released_when_the_holder_dies),
		TEST(test_removal_keeps_it_exclusive),
		TEST(test_no_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
