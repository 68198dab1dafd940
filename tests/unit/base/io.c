/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/helper.h"

#include "base/cleanup.h"

#include <sys/file.h>

static void test_mkdir(void **state)
{
	struct err e = ERR_INIT;
	struct stat st;

	(void)state;
	assert_int_equal(io_mkdir(AT_FDCWD, "d", 0750, &e), 0);
	assert_int_equal(io_mkdir(AT_FDCWD, "d", 0700, &e), 0);
	assert_int_equal(stat("d", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	assert_int_equal(close(creat("f", 0600)), 0);
	assert_int_equal(io_mkdir(AT_FDCWD, "f", 0700, &e), -ENOTDIR);
	assert_int_equal(io_mkdir(AT_FDCWD, "f/x", 0700, &e), -ENOTDIR);
	assert_int_equal(io_mkdir(AT_FDCWD, "no/x", 0700, &e), -ENOENT);
	assert_int_equal(io_mkdir_parents("p/q//r/", 0700, &e), 0);
	assert_int_equal(io_mkdir_parents("p/q/r", 0700, &e), 0);
	assert_int_equal(access("p/q/r", X_OK), 0);
	assert_int_equal(io_mkdir_parents("/", 0700, &e), 0);
	assert_int_equal(io_mkdir_parents("f/q", 0700, &e), -ENOTDIR);
	assert_int_equal(io_mkdir_parents("", 0700, &e), -ENOENT);
	assert_non_null(strstr(e.message, "make directory"));
}

static void write_file(const char *path, const void *data, size_t bytes)
{
	_cleanup_fd_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(io_write_all(fd, data, bytes), 0);
}

static void test_read_file(void **state)
{
	static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 100000};
	_cleanup_free_ char *data = calloc(1, 100000);
	struct err e = ERR_INIT;

	(void)state;
	memset(data, 'x', 100000);
	for (size_t i = 0; i < 6; i++) {
		_cleanup_free_ char *text = NULL;
		char *none = NULL;
		size_t bytes = 42;

		write_file("f", data, sizes[i]);
		assert_int_equal(io_read_file(AT_FDCWD, "f", sizes[i], &text, &bytes, &e), 0);
		assert_int_equal(bytes, sizes[i]);
		assert_int_equal(strlen(text), sizes[i]);
		if (sizes[i] > 0)
			assert_int_equal(io_read_file(AT_FDCWD, "f", sizes[i] - 1, &none, NULL, &e),
					 -EFBIG);
		assert_null(none);
	}
	assert_int_equal(io_read_file(AT_FDCWD, "none", 9, &data, NULL, &e), -ENOENT);
	assert_int_equal(io_read_file(AT_FDCWD, ".", 9, &data, NULL, &e), -EISDIR);
	assert_int_equal(io_read_file(AT_FDCWD, "none", 9, &data, NULL, NULL), -ENOENT);
}

static void test_read_file_without_a_size(void **state)
{
	_cleanup_free_ char *text = NULL;
	size_t bytes = 0;

	(void)state;
	assert_int_equal(io_read_file(AT_FDCWD, "/proc/self/status", 1 << 20, &text, &bytes, NULL),
			 0);
	assert_true(bytes > 100);
	assert_non_null(strstr(text, "VmRSS"));
}

static void test_read_small(void **state)
{
	char buffer[8] = "before";
	struct err e = ERR_INIT;

	(void)state;
	write_file("f", "1234567", 7);
	assert_int_equal(io_read_small(AT_FDCWD, "f", buffer, 8, &e), 0);
	assert_string_equal(buffer, "1234567");
	write_file("f", "12\n\n", 4);
	assert_int_equal(io_read_small(AT_FDCWD, "f", buffer, 8, &e), 0);
	assert_string_equal(buffer, "12\n");
	write_file("f", "", 0);
	assert_int_equal(io_read_small(AT_FDCWD, "f", buffer, 8, &e), 0);
	assert_string_equal(buffer, "");
	write_file("f", "12345678", 8);
	assert_int_equal(io_read_small(AT_FDCWD, "f", buffer, 8, &e), -EFBIG);
	assert_int_equal(io_read_small(AT_FDCWD, "none", buffer, 8, &e), -ENOENT);
}

static void test_write_kernel(void **state)
{
	char text[16];
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(io_write_kernel(AT_FDCWD, "none", "x", &e), -ENOENT);
	assert_int_equal(access("none", F_OK), -1);
	write_file("f", "abcdef", 6);
	assert_int_equal(io_write_kernel(AT_FDCWD, "f", "12", &e), 0);
	assert_int_equal(io_read_small(AT_FDCWD, "f", text, sizeof(text), &e), 0);
	assert_string_equal(text, "12cdef");
	assert_int_equal(io_write_kernel(AT_FDCWD, "/dev/full", "12", &e), -ENOSPC);
	assert_non_null(strstr(e.message, "write '12' to /dev/full"));
}

static void test_write_all_fails(void **state)
{
	_cleanup_fd_ int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(io_write_all(fd, "x", 1), -ENOSPC);
	assert_int_equal(io_write_all(-EBADF, "x", 1), -EBADF);
	assert_int_equal(io_write_all(-EBADF, "x", 0), 0);
}

static void expect_text(const char *path, const char *expected)
{
	char text[64];

	assert_int_equal(io_read_small(AT_FDCWD, path, text, sizeof(text), NULL), 0);
	assert_string_equal(text, expected);
}

static void test_replace_and_remove(void **state)
{
	struct err e = ERR_INIT;
	struct stat st;

	(void)state;
	assert_int_equal(mkdir("d", 0700), 0);
	for (int i = 0; i < 2; i++) {
		enum io_durability durability = i ? IO_DURABLE : IO_VOLATILE;

		assert_int_equal(io_replace_file(AT_FDCWD, "d/f", 0640, durability, "one", 3, &e),
				 0);
		expect_text("d/f", "one");
		assert_int_equal(io_replace_file(AT_FDCWD, "d/f", 0640, durability, "2", 1, &e), 0);
		expect_text("d/f", "2");
		assert_int_equal(io_replace_file(AT_FDCWD, "here", 0600, durability, "", 0, &e), 0);
		expect_text("here", "");
	}
	assert_int_equal(stat("d/f", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_nlink, 1);
	assert_int_equal(io_remove_file(AT_FDCWD, "d/f", &e), 0);
	assert_int_equal(io_remove_file(AT_FDCWD, "d/f", &e), 0);
	assert_int_equal(rmdir("d"), 0);
	assert_int_equal(io_replace_file(AT_FDCWD, "d/f", 0600, IO_VOLATILE, "x", 1, &e), -ENOENT);
	assert_int_equal(mkdir("d", 0700), 0);
	assert_int_equal(io_replace_file(AT_FDCWD, "d", 0600, IO_VOLATILE, "x", 1, &e), -EISDIR);
	assert_int_equal(access(".d.new", F_OK), -1);
}

static void test_replace_below_a_descriptor(void **state)
{
	struct err e = ERR_INIT;
	_cleanup_fd_ int fd = -EBADF;

	(void)state;
	assert_int_equal(mkdir("d", 0700), 0);
	fd = open("d", O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(io_replace_file(fd, "f", 0600, IO_DURABLE, "one", 3, &e), 0);
	assert_int_equal(io_replace_file(fd, "f", 0600, IO_DURABLE, "two", 3, &e), 0);
	expect_text("d/f", "two");
	assert_int_equal(io_remove_file(fd, "f", &e), 0);
	assert_int_equal(rmdir("d"), 0);
}

/* A link in the place of the file is replaced, never followed. */
static void test_replace_does_not_follow(void **state)
{
	struct err e = ERR_INIT;
	struct stat st;

	(void)state;
	write_file("victim", "safe", 4);
	assert_int_equal(symlink("victim", "f"), 0);
	assert_int_equal(symlink("victim", ".f.new"), 0);
	assert_int_equal(io_replace_file(AT_FDCWD, "f", 0600, IO_VOLATILE, "new", 3, &e), 0);
	expect_text("victim", "safe");
	expect_text("f", "new");
	assert_int_equal(lstat("f", &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(access(".f.new", F_OK), -1);
}

/* Readers see one of the texts whole, without a lock; writers take turns. */
static void test_replace_is_atomic(void **state)
{
	pid_t pids[4];

	(void)state;
	for (int i = 0; i < 4; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		for (int n = 0; pids[i] == 0; n++) {
			char text[5000];

			int lock = open("lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

			if (n == 200)
				_exit(0);
			memset(text, 'a' + i, sizeof(text));
			if (flock(lock, LOCK_EX) < 0)
				_exit(2);
			if (io_replace_file(AT_FDCWD, "f", 0600, IO_VOLATILE, text, sizeof(text),
					    NULL) < 0)
				_exit(1);
			(void)close(lock);
		}
	}
	for (int i = 0; i < 300; i++) {
		_cleanup_free_ char *text = NULL;
		size_t bytes = 0;
		int r = io_read_file(AT_FDCWD, "f", 5000, &text, &bytes, NULL);

		if (r == -ENOENT)
			continue;
		assert_int_equal(r, 0);
		assert_int_equal(bytes, 5000);
		assert_int_equal(text[0], text[4999]);
	}
	for (int i = 0; i < 4; i++) {
		int status = 0;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(io_remove_file(AT_FDCWD, "f", NULL), 0);
}

static int full_disk(const char *scratch)
{
	char *big = calloc(1, 200000), text[8];
	struct err e = ERR_INIT;
	int r = mount_small_disk(scratch, "size=64k");

	CHILD_CHECK(r, r == 0);
	CHILD_CHECK(1, chdir(scratch) == 0);
	CHILD_CHECK(2, io_replace_file(AT_FDCWD, "f", 0600, IO_VOLATILE, "old", 3, &e) == 0);
	CHILD_CHECK(3,
		    io_replace_file(AT_FDCWD, "f", 0600, IO_VOLATILE, big, 200000, &e) == -ENOSPC);
	CHILD_CHECK(4, strstr(e.message, "write f: No space left"));
	CHILD_CHECK(5, io_read_small(AT_FDCWD, "f", text, sizeof(text), &e) == 0);
	CHILD_CHECK(6, strcmp(text, "old") == 0);
	CHILD_CHECK(7, access(".f.new", F_OK) < 0);
	CHILD_CHECK(8, io_replace_file(AT_FDCWD, "f", 0600, IO_VOLATILE, "new", 3, &e) == 0);
	free(big);
	return 0;
}

static void test_full_disk_keeps_the_old_text(void **state)
{
	in_child(full_disk, *state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_mkdir),
		TEST(test_read_file),
		TEST(test_read_file_without_a_size),
		TEST(test_read_small),
		TEST(test_write_kernel),
		TEST(test_write_all_fails),
		TEST(test_replace_and_remove),
		TEST(test_replace_below_a_descriptor),
		TEST(test_replace_does_not_follow),
		TEST(test_replace_is_atomic),
		TEST(test_full_disk_keeps_the_old_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
