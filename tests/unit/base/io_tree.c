/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/helper.h"

#include "base/cleanup.h"

#include <sys/resource.h>

static void file_make(const char *path)
{
	_cleanup_fd_ int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
}

static void remove_all(const char *path)
{
	struct err e = ERR_INIT;
	struct stat st;

	if (io_remove_tree(AT_FDCWD, path, &e) < 0)
		fail_msg("%s", e.message);
	assert_int_equal(lstat(path, &st), -1);
	assert_int_equal(errno, ENOENT);
}

static void test_what_is_not_a_tree(void **state)
{
	(void)state;
	remove_all("nothing");
	file_make("f");
	remove_all("f");
	assert_int_equal(mkfifo("pipe", 0600), 0);
	remove_all("pipe");
	assert_int_equal(mkdir("empty", 0), 0);
	remove_all("empty");
}

static void test_links_are_not_followed(void **state)
{
	(void)state;
	assert_int_equal(mkdir("keep", 0700), 0);
	file_make("keep/f");
	assert_int_equal(mkdir("t", 0700), 0);
	assert_int_equal(symlink("../keep", "t/link"), 0);
	assert_int_equal(symlink("/", "t/slash"), 0);
	assert_int_equal(symlink("nowhere", "t/dangling"), 0);
	remove_all("t");
	assert_int_equal(symlink("keep", "top"), 0);
	remove_all("top");
	assert_int_equal(access("keep/f", F_OK), 0);
}

static void test_many_entries(void **state)
{
	char path[64];

	(void)state;
	assert_int_equal(mkdir("t", 0700), 0);
	for (int i = 0; i < 3000; i++) {
		(void)snprintf(path, sizeof(path), "t/a-file-with-a-rather-long-name-%d", i);
		file_make(path);
	}
	for (int i = 0; i < 200; i++) {
		(void)snprintf(path, sizeof(path), "t/d%d", i);
		assert_int_equal(mkdir(path, 0700), 0);
		(void)strcat(path, "/f");
		file_make(path);
	}
	remove_all("t");
}

/* 3000 levels with an entry in each, with few descriptors and a small stack. */
static int deep(const char *scratch)
{
	const struct rlimit files = {64, 64};
	struct err e = ERR_INIT;

	CHILD_CHECK(1, mkdir("t", 0700) == 0 && chdir("t") == 0);
	/* A name that the removal would use is met, too. */
	CHILD_CHECK(2, mkdir(".bulkhead-removed-0", 0700) == 0);
	for (int i = 0; i < 3000; i++) {
		CHILD_CHECK(3, mkdir("e", 0700) == 0 && mkdir("d", 0700) == 0 && chdir("d") == 0);
	}
	CHILD_CHECK(4, chdir(scratch) == 0);
	CHILD_CHECK(5, setrlimit(RLIMIT_NOFILE, &files) == 0);
	if (io_remove_tree(AT_FDCWD, "t", &e) < 0) {
		(void)dprintf(STDERR_FILENO, "%s\n", e.message);
		return 6;
	}
	CHILD_CHECK(7, access("t", F_OK) < 0);
	return 0;
}

static void test_depth_is_no_limit(void **state)
{
	in_child(deep, *state);
}

static int foreign(const char *scratch)
{
	struct err e = ERR_INIT;

	(void)scratch;
	if (geteuid() != 0)
		return 77;
	CHILD_CHECK(1, mkdir("t", 0700) == 0 && mkdir("t/d", 01777) == 0);
	for (uid_t i = 0; i < 3; i++) {
		char path[32];

		(void)snprintf(path, sizeof(path), "t/d/%u", i);
		CHILD_CHECK(2, mkdir(path, 0) == 0 && chown(path, 0x10000000 + i, i) == 0);
		(void)strcat(path, "/f");
		CHILD_CHECK(3, close(creat(path, 0)) == 0 && chown(path, 0x10000000 + i, i) == 0);
	}
	CHILD_CHECK(4, io_remove_tree(AT_FDCWD, "t", &e) == 0);
	return access("t", F_OK) < 0 ? 0 : 5;
}

static void test_files_of_foreign_ids(void **state)
{
	in_child(foreign, *state);
}

static int mounted(const char *scratch)
{
	struct err e = ERR_INIT;
	int r;

	(void)scratch;
	CHILD_CHECK(1,
		    mkdir("t", 0700) == 0 && mkdir("t/a", 0700) == 0 && mkdir("keep", 0700) == 0);
	CHILD_CHECK(2, mkdir("t/a/mnt", 0700) == 0 && mkdir("t/a/bind", 0700) == 0);
	r = mount_small_disk("t/a/mnt", "size=64k");
	CHILD_CHECK(r, r == 0);
	CHILD_CHECK(3, close(creat("t/a/mnt/f", 0600)) == 0 && close(creat("keep/f", 0600)) == 0);
	CHILD_CHECK(4, mount("keep", "t/a/bind", NULL, MS_BIND, NULL) == 0);
	r = io_remove_tree(AT_FDCWD, "t", &e);
	CHILD_CHECK(5, (r == -EXDEV || r == -EBUSY) && strstr(e.message, "mount point"));
	CHILD_CHECK(6, access("t/a/mnt/f", F_OK) == 0 && access("keep/f", F_OK) == 0);
	CHILD_CHECK(7, umount("t/a/mnt") == 0);
	/* A bind mount of the same file system is a mount all the same. */
	r = io_remove_tree(AT_FDCWD, "t", &e);
	CHILD_CHECK(8, (r == -EXDEV || r == -EBUSY) && strstr(e.message, "bind"));
	CHILD_CHECK(9, access("keep/f", F_OK) == 0);
	r = io_remove_tree(AT_FDCWD, "t/a/bind", &e);
	CHILD_CHECK(10, r == -EXDEV || r == -EBUSY);
	CHILD_CHECK(11, access("keep/f", F_OK) == 0);
	CHILD_CHECK(12, umount("t/a/bind") == 0 && io_remove_tree(AT_FDCWD, "t", &e) == 0);
	return access("t", F_OK) < 0 ? 0 : 13;
}

static void test_mounts_are_not_crossed(void **state)
{
	in_child(mounted, *state);
}

/* Somebody makes files while they are removed: removal ends, one way or the other. */
static void test_a_tree_that_grows(void **state)
{
	struct err e = ERR_INIT;
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(mkdir("t", 0700), 0);
	pid = fork();
	assert_true(pid >= 0);
	for (int i = 0; i < 5000 && pid == 0; i++) {
		char path[32];

		(void)snprintf(path, sizeof(path), "t/%d", i % 100);
		(void)mkdir("t", 0700);
		(void)mkdir(path, 0700);
	}
	if (pid == 0)
		_exit(0);
	for (int i = 0; i < 50; i++)
		(void)io_remove_tree(AT_FDCWD, "t", &e);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	remove_all("t");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_not_a_tree),	 TEST(test_links_are_not_followed),
		TEST(test_many_entries),	 TEST(test_depth_is_no_limit),
		TEST(test_files_of_foreign_ids), TEST(test_mounts_are_not_crossed),
		TEST(test_a_tree_that_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
