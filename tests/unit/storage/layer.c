/* SPDX-License-Identifier: Apache-2.0 */
/* The writable layer and the idmapped overlay, for real: needs root, mounts in a namespace of its
 * own. */
#include "tests/unit/helper.h"

#include "base/cleanup.h"
#include "kernel/mount.h"
#include "kernel/user_namespace.h"
#include "model/paths.h"
#include "storage/layer.h"

#include <signal.h>
#include <sys/prctl.h>

#define BASE 0x20000000u

struct fixture {
	char directory[128];
	char image[192];
	struct settings settings;
	struct host host;
	struct op_context ctx;
};

static struct fixture f;

static void write_file(const char *directory, const char *name, const char *text)
{
	char path[256];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Like a machine's first process: a user namespace, then waiting. */
static pid_t start_child(void)
{
	pid_t pid;
	int ready[2];
	char byte;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || unshare(CLONE_NEWUSER) < 0 ||
		    write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	return pid;
}

static int setup(void **state)
{
	char path[PATHS_MAX];

	(void)state;
	if (geteuid() != 0)
		return 0;
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount_set_propagation("/", MS_REC | MS_PRIVATE), 0);
	/* A tmpfs cannot be idmapped before Linux 6.3: $TMPDIR may be elsewhere. */
	(void)snprintf(f.directory, sizeof(f.directory), "%.80s/bulkhead-layer-XXXXXX",
		       getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	assert_non_null(mkdtemp(f.directory));
	assert_int_equal(paths_settings(f.directory, f.directory, &f.settings, NULL), 0);
	assert_int_equal(paths_make(&f.settings, NULL), 0);
	(void)snprintf(f.image, sizeof(f.image), "%s/images/tiny, with:odd/rootfs", f.directory);
	assert_int_equal(io_mkdir_parents(f.image, 0755, NULL), 0);
	assert_int_equal(chmod(f.image, 0751), 0);
	write_file(f.image, "plain", "image\n");
	write_file(f.image, "www", "image\n");
	(void)snprintf(path, sizeof(path), "%s/www", f.image);
	assert_int_equal(chown(path, 33, 33), 0);
	f.host.kernel.idmap_overlay = true;
	f.ctx = (struct op_context){
		.settings = &f.settings, .host = &f.host, .root_mount = -EBADF, .child_pid = 0};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (geteuid() != 0)
		return 0;
	return io_remove_tree(AT_FDCWD, f.directory, NULL);
}

static void stat_at(const char *directory, const char *name, struct stat *ret)
{
	char path[PATHS_MAX + 16];

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	assert_int_equal(lstat(path, ret), 0);
}

/* What root in the machine would do. */
static int work_inside(pid_t machine, int root)
{
	char path[64];
	int users, fd, status = -1;
	pid_t pid;

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)machine);
	pid = fork();
	if (pid == 0) {
		struct stat st;

		users = open(path, O_RDONLY | O_CLOEXEC);
		if (fchdir(root) < 0 || users < 0 || setns(users, CLONE_NEWUSER) < 0 ||
		    setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
			_exit(10);
		if (stat("plain", &st) < 0 || st.st_uid != 0 || stat("www", &st) < 0 ||
		    st.st_uid != 33 || st.st_gid != 33)
			_exit(11);
		if (stat(".", &st) < 0 || st.st_uid != 0 || (st.st_mode & 07777) != 0751)
			_exit(12);
		fd = open("made", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
		if (fd < 0 || fchown(fd, 1000, 1000) < 0)
			_exit(13);
		fd = open("www", O_WRONLY | O_TRUNC | O_CLOEXEC);
		if (fd < 0 || write(fd, "machine\n", 8) != 8)
			_exit(14);
		_exit(unlink("plain") < 0 ? 15 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void make_layer(const char *machine, uint32_t owner)
{
	const struct op make = {.kind = OP_LAYER_MAKE,
				.stage = OP_STAGE_HOST,
				.subject = machine,
				.source = f.image,
				.number = owner};
	char path[PATHS_MAX];
	struct err e = ERR_INIT;

	assert_int_equal(
		io_mkdir(AT_FDCWD, paths_machine(&f.settings, machine, NULL, path), 0700, NULL), 0);
	assert_int_equal(layer_apply_make(&make, &f.ctx, &e), 0);
	assert_int_equal(layer_apply_make(&make, &f.ctx, &e), -EEXIST);
}

static void remove_layer(const char *machine)
{
	const struct op make = {.kind = OP_LAYER_MAKE, .stage = OP_STAGE_HOST, .subject = machine};
	char path[PATHS_MAX];
	struct err e = ERR_INIT;

	assert_int_equal(layer_undo_make(&make, &f.ctx, &e), 0);
	assert_int_equal(layer_undo_make(&make, &f.ctx, &e), 0);
	assert_int_equal(access(paths_machine(&f.settings, machine, "upper", path), F_OK), -1);
	assert_int_equal(rmdir(paths_machine(&f.settings, machine, NULL, path)), 0);
	assert_int_equal(layer_undo_make(&make, &f.ctx, &e), 0);
}

static int open_root(const char *machine, uint32_t base, uint64_t flags, struct err *e)
{
	const struct op rootfs = {.kind = OP_ROOTFS_OPEN,
				  .stage = OP_STAGE_PARENT,
				  .subject = f.image,
				  .source = machine,
				  .number = base,
				  .flags = flags};

	return layer_apply_rootfs_open(&rootfs, &f.ctx, e);
}

static void close_root(pid_t child)
{
	f.ctx.root_mount = fd_close(f.ctx.root_mount);
	(void)umount2(f.image, MNT_DETACH);
	if (child > 0) {
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, NULL, 0), child);
	}
	f.ctx.child_pid = 0;
}

static void test_idmapped(void **state)
{
	char upper[PATHS_MAX], text[32];
	struct err e = ERR_INIT;
	struct stat st;

	(void)state;
	if (geteuid() != 0)
		skip();
	make_layer("idmapped", BASE);
	f.ctx.child_pid = start_child();
	assert_int_equal(user_namespace_write_map(f.ctx.child_pid, BASE, 65536, &e), 0);
	if (open_root("idmapped", BASE, 0, &e) != 0)
		fail_msg("%s", e.message);
	assert_int_equal(work_inside(f.ctx.child_pid, f.ctx.root_mount), 0);
	close_root(f.ctx.child_pid);

	(void)paths_machine(&f.settings, "idmapped", "upper", upper);
	assert_int_equal(lstat(upper, &st), 0);
	assert_int_equal(st.st_uid, BASE);
	stat_at(upper, "made", &st);
	assert_int_equal(st.st_uid, BASE + 1000);
	stat_at(upper, "www", &st);
	assert_int_equal(st.st_uid, BASE + 33);
	stat_at(upper, "plain", &st);
	assert_true(S_ISCHR(st.st_mode));
	stat_at(f.image, "plain", &st);
	assert_true(S_ISREG(st.st_mode) && st.st_uid == 0);
	stat_at(f.image, "www", &st);
	assert_int_equal(st.st_uid, 33);
	(void)snprintf(upper, sizeof(upper), "%s/www", f.image);
	assert_int_equal(io_read_small(AT_FDCWD, upper, text, sizeof(text), NULL), 0);
	assert_string_equal(text, "image");
	remove_layer("idmapped");
}

/* Without a range, and volatile: a second start must not stumble over the mark of the first. */
static void test_plain_volatile(void **state)
{
	char path[PATHS_MAX];
	struct err e = ERR_INIT;
	int fd;

	(void)state;
	if (geteuid() != 0)
		skip();
	make_layer("plain", 0);
	for (int i = 0; i < 2; i++) {
		if (open_root("plain", 0, LAYER_VOLATILE, &e) != 0)
			fail_msg("%s", e.message);
		fd = openat(f.ctx.root_mount, "made", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		assert_true(fd >= 0);
		(void)close(fd);
		close_root(0);
	}
	assert_int_equal(access(paths_machine(&f.settings, "plain", "upper/made", path), F_OK), 0);
	remove_layer("plain");
}

static void test_refused(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(open_root("absent", BASE, 0, &e), -ENOENT);
	assert_non_null(strstr(e.message, "absent"));
	/* No kernel maps the ids of procfs. */
	const struct op unmappable = {.kind = OP_ROOTFS_OPEN,
				      .stage = OP_STAGE_PARENT,
				      .subject = "/proc",
				      .source = "unmappable",
				      .number = BASE};

	make_layer("unmappable", BASE);
	f.ctx.child_pid = start_child();
	assert_int_equal(user_namespace_write_map(f.ctx.child_pid, BASE, 65536, &e), 0);
	assert_int_equal(layer_apply_rootfs_open(&unmappable, &f.ctx, &e), -EOPNOTSUPP);
	assert_int_equal(e.kind, ERR_HOST);
	assert_int_equal(f.ctx.root_mount, -EBADF);
	close_root(f.ctx.child_pid);
	remove_layer("unmappable");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_idmapped),
		cmocka_unit_test(test_plain_volatile),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
