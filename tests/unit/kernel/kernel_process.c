/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel_test.h"

#include "base/cleanup.h"
#include "kernel/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>

static void test_clone_is_like_fork(void **state)
{
	_cleanup_fd_ int pidfd = -EBADF;
	struct err e = ERR_INIT;
	volatile int here = 1;
	int status = -1;
	pid_t self = getpid(), pid;

	(void)state;
	pid = process_clone(0, -EBADF, &pidfd);
	if (pid == 0) {
		here = 2;
		_exit(getpid() != self && getppid() == self ? 7 : 1);
	}
	assert_true(pid > 0);
	assert_int_equal(fcntl(pidfd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(process_wait_end(pidfd, 5000000, &e), 0);
	assert_int_equal(process_exit_status(pidfd, pid, &status, &e), 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
	assert_int_equal(here, 1);
}

static void test_clone_refused(void **state)
{
	int pidfd = 12345;

	(void)state;
	/* CLONE_FS with a user namespace is refused by every kernel. */
	assert_int_equal(process_clone(CLONE_FS | CLONE_NEWUSER, -EBADF, &pidfd), -EINVAL);
	assert_int_equal(pidfd, 12345);
}

static void test_signal_of_child(void **state)
{
	_cleanup_fd_ int pidfd = -EBADF;
	struct err e = ERR_INIT;
	int status = -1;
	pid_t pid = process_clone(0, -EBADF, &pidfd);

	(void)state;
	if (pid == 0)
		for (;;)
			pause();
	assert_true(pid > 0);
	assert_int_equal(process_exit_status(pidfd, pid, &status, &e), -EAGAIN);
	assert_int_equal(process_wait_end(pidfd, 20000, &e), -ETIMEDOUT);
	assert_int_equal(process_signal(pidfd, SIGKILL, &e), 0);
	assert_int_equal(process_wait_end(pidfd, UINT64_MAX, &e), 0);
	assert_int_equal(process_exit_status(pidfd, pid, &status, &e), 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	assert_int_equal(process_signal(pidfd, 0, &e), -ESRCH);
}

static void test_open_same(void **state)
{
	_cleanup_fd_ int pidfd = -EBADF;
	struct err e = ERR_INIT;
	uint64_t ticks = 0;

	(void)state;
	/* A name that would confuse a parser of stat. */
	assert_int_equal(prctl(PR_SET_NAME, "a) Z 1 (b"), 0);
	assert_int_equal(process_start_ticks(getpid(), &ticks, &e), 0);
	assert_true(ticks > 0);
	assert_int_equal(process_open_same(getpid(), ticks + 1, &pidfd, &e), -ESRCH);
	assert_int_equal(pidfd, -EBADF);
	assert_int_equal(process_open_same(getpid(), ticks, &pidfd, &e), 0);
	assert_true(pidfd >= 0);
}

static void test_no_such_process(void **state)
{
	struct err e = ERR_INIT;
	uint64_t ticks;
	int pidfd = -1;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(process_start_ticks(pid, &ticks, &e), -ESRCH);
	assert_int_equal(process_open(pid, &pidfd, &e), -ESRCH);
	assert_int_equal(pidfd, -1);
	assert_non_null(strstr(e.message, "process "));
}

/*
 * A grandchild: not ours to wait for. Its parent tells its pid, keeps it a zombie until it is told
 * to reap it, and ends.
 */
struct stranger {
	pid_t parent, pid;
	int pidfd;
	int end;  /* write: the stranger ends */
	int reap; /* write: its parent reaps it */
	int told; /* read: the pid, then that it was reaped */
};

static void stranger_parent(int end, int reap, int told, int how)
{
	char byte;
	pid_t pid = fork();

	if (pid == 0) {
		(void)!read(end, &byte, 1);
		if (how < 0)
			(void)kill(getpid(), -how);
		_exit(how);
	}
	(void)!write(told, &pid, sizeof(pid));
	(void)!read(reap, &byte, 1);
	(void)waitpid(pid, NULL, 0);
	(void)!write(told, &byte, 1);
	_exit(0);
}

static struct stranger stranger_make(int how)
{
	struct stranger s = {.pidfd = -EBADF};
	int end[2], reap[2], told[2];

	assert_int_equal(pipe2(end, O_CLOEXEC) | pipe2(reap, O_CLOEXEC) | pipe2(told, O_CLOEXEC),
			 0);
	s.parent = fork();
	if (s.parent == 0) {
		/* When the test dies the stranger and its parent end as well. */
		(void)close(end[1]);
		(void)close(reap[1]);
		stranger_parent(end[0], reap[0], told[1], how);
	}
	(void)close(end[0]);
	(void)close(reap[0]);
	(void)close(told[1]);
	s.end = end[1];
	s.reap = reap[1];
	s.told = told[0];
	assert_int_equal(read(s.told, &s.pid, sizeof(s.pid)), sizeof(s.pid));
	assert_int_equal(process_open(s.pid, &s.pidfd, NULL), 0);
	return s;
}

static void stranger_reap(struct stranger *s)
{
	char byte;

	assert_int_equal(write(s->reap, "", 1), 1);
	assert_int_equal(read(s->told, &byte, 1), 1);
	assert_int_equal(waitpid(s->parent, NULL, 0), s->parent);
}

static void stranger_done(struct stranger *s)
{
	(void)close(s->end);
	(void)close(s->reap);
	(void)close(s->told);
	(void)close(s->pidfd);
}

/* What how the stranger ended looks like while it is a zombie, and after it was reaped. */
static void check_stranger(int how, int expected)
{
	struct stranger s = stranger_make(how);
	struct err e = ERR_INIT;
	int status = -1;

	assert_int_equal(process_exit_status(s.pidfd, s.pid, &status, &e), -EAGAIN);
	assert_int_equal(write(s.end, "", 1), 1);
	assert_int_equal(process_wait_end(s.pidfd, 5000000, &e), 0);
	assert_int_equal(process_exit_status(s.pidfd, s.pid, &status, &e), 0);
	assert_int_equal(status, expected);
	stranger_reap(&s);
	status = -1;
	if (process_exit_status(s.pidfd, s.pid, &status, &e) == -ENODATA) {
		assert_int_equal(status, -1);
		assert_non_null(strstr(e.message, "6.15"));
		print_message("this kernel does not tell how a reaped process ended\n");
	} else {
		assert_int_equal(status, expected);
	}
	stranger_done(&s);
}

static void test_stranger_exits(void **state)
{
	(void)state;
	check_stranger(42, 42 << 8);
}

static void test_stranger_is_killed(void **state)
{
	(void)state;
	check_stranger(-SIGTERM, SIGTERM);
}

static uid_t stranger_uid;

/* Without the right to trace, a zombie's exit code reads as 0: it must not be believed. */
static void unprivileged_look(void)
{
	struct stranger s = stranger_make(9);
	int status = -1, r;

	CHILD_CHECK(setresuid(stranger_uid, stranger_uid, stranger_uid) == 0);
	CHILD_CHECK(write(s.end, "", 1) == 1);
	CHILD_CHECK(process_wait_end(s.pidfd, 5000000, NULL) == 0);
	r = process_exit_status(s.pidfd, s.pid, &status, NULL);
	CHILD_CHECK(r == -ENODATA);
	CHILD_CHECK(status == -1);
}

static void test_never_guesses(void **state)
{
	(void)state;
	SKIP_UNLESS_ROOT();
	stranger_uid = 65534;
	assert_int_equal(run_in_child(unprivileged_look), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clone_is_like_fork), cmocka_unit_test(test_clone_refused),
		cmocka_unit_test(test_signal_of_child),	   cmocka_unit_test(test_open_same),
		cmocka_unit_test(test_no_such_process),	   cmocka_unit_test(test_stranger_exits),
		cmocka_unit_test(test_stranger_is_killed), cmocka_unit_test(test_never_guesses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
