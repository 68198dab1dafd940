/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel_test.h"

#include "base/cleanup.h"
#include "kernel/path.h"

#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

/* TOP/root is the hostile root; TOP/outside must stay as it is. */
static char top[64];
static int root_fd = -EBADF;

static void at(char path[static 256], const char *name)
{
	(void)snprintf(path, 256, "%s/%s", top, name);
}

static void put_file(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	at(path, name);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void put_link(const char *target, const char *name)
{
	char path[256];

	at(path, name);
	assert_int_equal(symlink(target, path), 0);
}

static void put_directory(const char *name)
{
	char path[256];

	at(path, name);
	assert_int_equal(mkdir(path, 0755), 0);
}

static int setup(void **state)
{
	char path[256];

	(void)state;
	(void)snprintf(top, sizeof(top), "/tmp/bulkhead-test-path-XXXXXX");
	assert_non_null(mkdtemp(top));
	put_directory("root");
	put_directory("outside");
	put_directory("root/etc");
	put_file("root/etc/passwd", "inside");
	put_file("outside/passwd", "outside");
	at(path, "root");
	root_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(root_fd >= 0);
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

static int teardown(void **state)
{
	(void)state;
	root_fd = fd_close(root_fd);
	return nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static bool outside_is_whole(void)
{
	char path[256];
	struct stat st;

	at(path, "outside");
	/* One file, no directory below. */
	return stat(path, &st) == 0 && st.st_nlink == 2;
}

static void assert_reads(const char *path, const char *text)
{
	_cleanup_fd_ int fd = path_open(root_fd, path, O_RDONLY, 0);
	char buffer[32] = "";

	assert_true(fd >= 0);
	assert_true(read(fd, buffer, sizeof(buffer) - 1) > 0);
	assert_string_equal(buffer, text);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
}

static void test_open_stays_below(void **state)
{
	char up[300];

	(void)state;
	assert_reads("etc/passwd", "inside");
	assert_reads("/etc/passwd", "inside");
	assert_reads("../../../../../../etc/passwd", "inside");
	put_link("/", "root/slash");
	assert_reads("slash/etc/passwd", "inside");
	put_link("../../../..", "root/up");
	assert_reads("up/etc/passwd", "inside");
	put_link("/etc/passwd", "root/absolute");
	assert_reads("absolute", "inside");
	(void)snprintf(up, sizeof(up), "../..%s/outside/passwd", top);
	put_link(up, "root/escape");
	assert_int_equal(path_open(root_fd, "escape", O_RDONLY, 0), -ENOENT);
	put_link("loop", "root/loop");
	assert_int_equal(path_open(root_fd, "loop/x", O_RDONLY, 0), -ELOOP);
}

static void test_magic_links(void **state)
{
	_cleanup_fd_ int host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char path[64];
	int fd;

	(void)state;
	/* The host's root taken as the hostile one: it has a /proc whose links jump. */
	(void)snprintf(path, sizeof(path), "proc/%d/root/etc", (int)getpid());
	fd = path_open(host, path, O_PATH, 0);
	assert_int_equal(fd, -ELOOP);
	assert_int_equal(path_open(host, "proc/thread-self/cwd", O_PATH | O_DIRECTORY, 0), -ELOOP);
}

static void test_make_directories(void **state)
{
	_cleanup_fd_ int fd = -EBADF;
	char path[256], target[300];
	struct stat a, b;

	(void)state;
	fd = path_open_directory_make(root_fd, "/a/b//c/./d/", 0755);
	assert_true(fd >= 0);
	at(path, "root/a/b/c/d");
	assert_int_equal(stat(path, &a), 0);
	assert_int_equal(fstat(fd, &b), 0);
	assert_int_equal(a.st_ino, b.st_ino);

	/* A link to the outside by its absolute path, on the way: made below the root. */
	at(target, "outside");
	put_link(target, "root/out");
	assert_int_equal(path_open_directory_make(root_fd, "out/evil", 0755), -ENOENT);
	put_link("../../outside", "root/etc/out");
	assert_int_equal(path_open_directory_make(root_fd, "etc/out/evil", 0755), -ENOENT);
	(void)fd_close(fd);
	fd = path_open_directory_make(root_fd, "../../../x/../y/z", 0755);
	assert_true(fd >= 0);
	at(path, "root/y/z");
	assert_int_equal(stat(path, &a), 0);
	assert_int_equal(path_open_directory_make(root_fd, "etc/passwd/x", 0755), -ENOTDIR);
	assert_int_equal(path_open_directory_make(root_fd, "etc/passwd", 0755), -ENOTDIR);
	assert_true(outside_is_whole());
	/* The root itself is there. */
	(void)fd_close(fd);
	fd = path_open_directory_make(root_fd, "/", 0755);
	assert_true(fd >= 0);
}

static void test_make_through_inner_link(void **state)
{
	_cleanup_fd_ int fd = -EBADF;
	char path[256];
	struct stat st;

	(void)state;
	put_directory("root/run");
	put_directory("root/var");
	put_link("/run", "root/var/run");
	fd = path_open_directory_make(root_fd, "/var/run/lock/x", 0700);
	assert_true(fd >= 0);
	at(path, "root/run/lock/x");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void test_make_files(void **state)
{
	_cleanup_fd_ int fd = -EBADF;
	_cleanup_fd_ int again = -EBADF;
	char path[256], target[300];
	struct stat a, b;

	(void)state;
	fd = path_open_file_make(root_fd, "/dev/sub/null", 0644);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &a), 0);
	assert_true(S_ISREG(a.st_mode));
	again = path_open_file_make(root_fd, "dev/sub/null", 0600);
	assert_int_equal(fstat(again, &b), 0);
	assert_int_equal(a.st_ino, b.st_ino);
	assert_int_equal(b.st_mode & 07777, 0644);

	/* What was there keeps its text. */
	(void)fd_close(fd);
	fd = path_open_file_make(root_fd, "etc/passwd", 0600);
	assert_true(fd >= 0);
	assert_reads("etc/passwd", "inside");

	/* A dangling link at the end is not followed to the outside. */
	at(target, "outside/new");
	put_link(target, "root/dangling");
	assert_int_equal(path_open_file_make(root_fd, "dangling", 0644), -ENOENT);
	at(path, "outside/new");
	assert_int_equal(stat(path, &a), -1);
	assert_int_equal(path_open_file_make(root_fd, "dir/", 0644), -EINVAL);
}

static void test_parent(void **state)
{
	_cleanup_fd_ int fd = -EBADF;
	const char *name = NULL;

	(void)state;
	fd = path_open_parent(root_fd, "etc/passwd", &name);
	assert_true(fd >= 0);
	assert_string_equal(name, "passwd");
	(void)fd_close(fd);
	fd = path_open_parent(root_fd, "plain", &name);
	assert_true(fd >= 0);
	assert_string_equal(name, "plain");
	assert_int_equal(path_open_parent(root_fd, "/", &name), -EINVAL);
	assert_int_equal(path_open_parent(root_fd, "", &name), -EINVAL);
	assert_int_equal(path_open_parent(root_fd, "etc/..", &name), -EINVAL);
	assert_int_equal(path_open_parent(root_fd, "etc/.", &name), -EINVAL);
	assert_int_equal(path_open_parent(root_fd, "none/x", &name), -ENOENT);
}

static void test_too_long(void **state)
{
	char path[5000];

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(path_open(root_fd, path, O_PATH, 0), -ENAMETOOLONG);
	assert_int_equal(path_open_directory_make(root_fd, path, 0755), -ENAMETOOLONG);
	assert_int_equal(path_open_file_make(root_fd, path, 0644), -ENAMETOOLONG);
}

static volatile bool racing;

/* Turns root/swap from a directory into a link to the outside and back, as fast as it can. */
static void *swap_link(void *data)
{
	char link[256], directory[256];

	(void)data;
	at(link, "root/swap-link");
	at(directory, "root/swap");
	while (racing)
		if (renameat2(AT_FDCWD, link, AT_FDCWD, directory, RENAME_EXCHANGE) < 0)
			return (void *)1;
	return NULL;
}

static void test_race(void **state)
{
	pthread_t thread;
	char target[300];
	void *failed = NULL;

	(void)state;
	at(target, "outside");
	put_directory("root/swap");
	put_link(target, "root/swap-link");
	racing = true;
	assert_int_equal(pthread_create(&thread, NULL, swap_link, NULL), 0);
	for (int i = 0; i < 3000; i++) {
		char path[64];
		int fd;

		(void)snprintf(path, sizeof(path), "swap/../swap/d%d/x", i);
		fd = path_open_directory_make(root_fd, path, 0755);
		(void)fd_close(fd);
		fd = path_open(root_fd, "swap/passwd", O_RDONLY, 0);
		if (fd >= 0) {
			racing = false;
			(void)pthread_join(thread, NULL);
			fail_msg("left the root at round %d", i);
		}
	}
	racing = false;
	assert_int_equal(pthread_join(thread, &failed), 0);
	assert_null(failed);
	assert_true(outside_is_whole());
}

static void test_path_of_fd(void **state)
{
	char buffer[PATH_FD_MAX];

	(void)state;
	assert_string_equal(path_of_fd(2147483647, buffer), "/proc/self/fd/2147483647");
}

#define WITH_ROOT(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ROOT(test_open_stays_below),  WITH_ROOT(test_magic_links),
		WITH_ROOT(test_make_directories),  WITH_ROOT(test_make_through_inner_link),
		WITH_ROOT(test_make_files),	   WITH_ROOT(test_parent),
		WITH_ROOT(test_too_long),	   WITH_ROOT(test_race),
		cmocka_unit_test(test_path_of_fd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
