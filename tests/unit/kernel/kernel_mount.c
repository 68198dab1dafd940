/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel_test.h"

#include "base/cleanup.h"
#include "kernel/mount.h"
#include "kernel/path.h"
#include "kernel/user_namespace.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>

static const struct mount_option small[] = {{.key = "size", .value = "1M"}};

static int make_tmpfs(void)
{
	int fd = -EBADF;
	int r = mount_make("tmpfs", small, 1, MOUNT_ATTR_NOSUID, &fd, NULL);

	return r < 0 ? r : fd;
}

static void enter_private_mounts(void)
{
	CHILD_CHECK(unshare(CLONE_NEWNS) == 0);
	CHILD_CHECK(mount_set_propagation("/", MS_PRIVATE) == 0);
}

static void test_kernel_message(void **state)
{
	const struct mount_option wrong[] = {{.key = "size", .value = "abc"}};
	const struct mount_option unknown[] = {{.key = "nonsense"}};
	const struct mount_option overlay[] = {{.key = "lowerdir", .value = "/bulkhead-none"}};
	struct err e = ERR_INIT;
	int fd = -1;

	(void)state;
	SKIP_UNLESS_ROOT();
	assert_int_equal(mount_make("tmpfs", wrong, 1, 0, &fd, &e), -EINVAL);
	assert_non_null(strstr(e.message, "tmpfs, option size=abc: "));
	assert_non_null(strstr(e.message, "size"));
	assert_int_equal(mount_make("tmpfs", unknown, 1, 0, &fd, &e), -EINVAL);
	assert_non_null(strstr(e.message, "nonsense"));
	/* -ENOENT or, before 6.5, -EINVAL when the superblock is made. */
	assert_true(mount_make("overlay", overlay, 1, 0, &fd, &e) < 0);
	print_message("%s\n", e.message);
	assert_non_null(strstr(e.message, "mount of overlay"));
	assert_int_equal(mount_make("bulkheadfs", NULL, 0, 0, &fd, &e), -ENODEV);
	assert_non_null(strstr(e.message, "bulkheadfs"));
	assert_int_equal(fd, -1);
}

static void attach_body(void)
{
	char top[] = "/tmp/bulkhead-test-mount-XXXXXX";
	_cleanup_fd_ int fd = make_tmpfs();
	_cleanup_fd_ int root = -EBADF;
	_cleanup_fd_ int copy = -EBADF;
	struct statfs fs;

	CHILD_CHECK(mkdtemp(top));
	enter_private_mounts();
	CHILD_CHECK(fd >= 0);
	CHILD_CHECK(mkdirat(fd, "below", 0755) == 0);
	CHILD_CHECK(mount_attach(fd, AT_FDCWD, top) == 0);
	CHILD_CHECK(statfs(top, &fs) == 0 && fs.f_type == 0x01021994);
	/* By a descriptor of the directory, with a detached read-only clone. */
	root = open(top, O_PATH | O_CLOEXEC);
	CHILD_CHECK(mount_clone(root, "below", AT_SYMLINK_NOFOLLOW, &copy) == 0);
	CHILD_CHECK(mount_set_attributes(copy, MOUNT_ATTR_RDONLY, 0, 1) == 0);
	(void)fd_close(root);
	root = open(top, O_PATH | O_CLOEXEC);
	CHILD_CHECK(mount_attach(copy, root, "") == 0);
	CHILD_CHECK(statfs(top, &fs) == 0 && (fs.f_flags & MS_RDONLY));
	CHILD_CHECK(mkdir(top, 0700) < 0 && errno == EEXIST);
	/* A link at the end is not followed. */
	CHILD_CHECK(umount2(top, MNT_DETACH) == 0);
	CHILD_CHECK(symlinkat("below", fd, "link") == 0);
	(void)fd_close(copy);
	copy = make_tmpfs();
	CHILD_CHECK(mount_attach(copy, fd, "link") < 0);
	CHILD_CHECK(umount2(top, MNT_DETACH) == 0);
	CHILD_CHECK(rmdir(top) == 0);
}

static void test_attach(void **state)
{
	(void)state;
	SKIP_UNLESS_ROOT();
	assert_int_equal(run_in_child(attach_body), 0);
}

#define NO_IDMAP 255

static void idmap_body(void)
{
	_cleanup_fd_ int users = -EBADF;
	_cleanup_fd_ int fd = make_tmpfs();
	_cleanup_fd_ int copy = -EBADF;
	struct stat st;
	int r;

	enter_private_mounts();
	CHILD_CHECK(user_namespace_make(500000, 65536, &users, NULL) == 0);
	CHILD_CHECK(mkdirat(fd, "a", 0755) == 0);
	CHILD_CHECK(fchownat(fd, "a", 33, 44, 0) == 0);
	/* A clone of a detached mount is refused before 6.15. */
	CHILD_CHECK(mount_attach(fd, AT_FDCWD, "/tmp") == 0);
	CHILD_CHECK(mount_clone(fd, "", AT_EMPTY_PATH, &copy) == 0);
	r = mount_idmap(copy, users, 0);
	if (r == -EINVAL)
		_exit(NO_IDMAP);
	CHILD_CHECK(r == 0);
	CHILD_CHECK(fstatat(copy, "a", &st, 0) == 0);
	CHILD_CHECK(st.st_uid == 500033 && st.st_gid == 500044);
	CHILD_CHECK(fstatat(fd, "a", &st, 0) == 0);
	CHILD_CHECK(st.st_uid == 33);
}

static void test_idmap(void **state)
{
	int r;

	(void)state;
	SKIP_UNLESS_ROOT();
	r = run_in_child(idmap_body);
	if (r == NO_IDMAP) {
		print_message("skipped: this kernel does not idmap tmpfs (6.3 does)\n");
		skip();
	}
	assert_int_equal(r, 0);
}

static void switch_body(void)
{
	char top[] = "/tmp/bulkhead-test-root-XXXXXX";
	_cleanup_fd_ int fd = make_tmpfs();
	_cleanup_fd_ int kept = -EBADF;
	char line[512];
	int lines = 0;
	FILE *f;

	CHILD_CHECK(mkdtemp(top));
	kept = open("/tmp", O_PATH | O_CLOEXEC);
	enter_private_mounts();
	CHILD_CHECK(mkdirat(fd, "proc", 0755) == 0);
	CHILD_CHECK(mount_attach(fd, AT_FDCWD, top) == 0);
	CHILD_CHECK(chdir(top) == 0);
	CHILD_CHECK(mount("proc", "proc", "proc", 0, NULL) == 0);
	CHILD_CHECK(mount_switch_root(fd) == 0);
	CHILD_CHECK(access("/usr", F_OK) < 0);
	CHILD_CHECK(access("../../usr", F_OK) < 0);
	f = fopen("/proc/self/mountinfo", "re");
	CHILD_CHECK(f);
	while (fgets(line, sizeof(line), f))
		lines++;
	(void)fclose(f);
	CHILD_CHECK(lines == 2);
	CHILD_CHECK(unlinkat(kept, strrchr(top, '/') + 1, AT_REMOVEDIR) == 0);
}

static void test_switch_root(void **state)
{
	(void)state;
	SKIP_UNLESS_ROOT();
	assert_int_equal(run_in_child(switch_body), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kernel_message),
		cmocka_unit_test(test_attach),
		cmocka_unit_test(test_idmap),
		cmocka_unit_test(test_switch_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
