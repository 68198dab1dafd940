/* SPDX-License-Identifier: Apache-2.0 */
/* Images on a disk, with the real unpacker: needs root. */
#include "tests/unit/helper.h"

#include "base/cleanup.h"
#include "model/paths.h"
#include "storage/image.h"

#include <signal.h>
#include <sys/file.h>

static struct settings settings;
static char directory[64];

static int setup(void **state)
{
	(void)state;
	scratch_make(directory);
	return geteuid() == 0 ? paths_settings(directory, directory, &settings, NULL) : 0;
}

static int teardown(void **state)
{
	(void)state;
	scratch_remove(directory);
	return 0;
}

static void put(const char *path, const char *text)
{
	struct err e = ERR_INIT;

	if (io_replace_file(AT_FDCWD, path, 0755, IO_VOLATILE, text, strlen(text), &e) < 0)
		fail_msg("%s", e.message);
}

static int count_one(const char *name, void *data)
{
	int *count = data;

	assert_int_not_equal(name[0], '.');
	(*count)++;
	return 0;
}

static int count_images(void)
{
	int count = 0;

	assert_int_equal(image_foreach(&settings, count_one, &count, NULL), 0);
	return count;
}

/* With what is not an image yet, or no more. */
static int count_directories(void)
{
	_cleanup_dir_ DIR *dir = opendir("images");
	int count = -2;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	return count;
}

static int import(const char *name, const char *source, bool replace, struct err *e)
{
	return image_import(
		&settings,
		&(const struct image_request){.name = name, .source = source, .replace = replace},
		e);
}

static void test_busybox(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct image image;
	struct stat st;

	(void)state;
	if (geteuid() != 0 || access("/bin/busybox", X_OK) < 0)
		skip();
	if (image_build(&settings, &(const struct image_request){.source = "busybox"}, &e) < 0)
		fail_msg("%s", e.message);
	assert_int_equal(count_images(), 1);
	assert_int_equal(image_load(&settings, "busybox", &a, &image, &e), 0);
	assert_string_equal(image.name, "busybox");
	assert_string_equal(image.command[0], "/bin/sh");
	assert_int_equal(image.init, SPEC_INIT_COMMAND);
	assert_true(image.size_bytes > 500000 && image.created_usec > 0);
	assert_int_equal(lstat("images/busybox/rootfs/bin/sh", &st), 0);
	assert_int_equal(stat("images/busybox", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(image_delete(&settings, "busybox", &e), 0);
	assert_int_equal(count_directories(), 0);
}

static void make_source(void)
{
	assert_int_equal(io_mkdir_parents("source/bin", 0755, NULL), 0);
	assert_int_equal(io_mkdir_parents("source/sbin", 0755, NULL), 0);
	assert_int_equal(io_mkdir_parents("source/lib/systemd", 0755, NULL), 0);
	put("source/bin/sh", "#!");
	put("source/lib/systemd/systemd", "#!");
	assert_int_equal(symlink("/lib/systemd/systemd", "source/sbin/init"), 0);
	assert_int_equal(symlink(directory, "source/out"), 0);
}

static void test_import_directory(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct image image;

	(void)state;
	if (geteuid() != 0)
		skip();
	make_source();
	if (import("first", "source", false, &e) < 0)
		fail_msg("%s", e.message);
	assert_int_equal(image_load(&settings, "first", &a, &image, &e), 0);
	assert_int_equal(image.init, SPEC_INIT_SYSTEMD);
	assert_string_equal(image.command[0], "/sbin/init");
	/* A link out of the source stays a link. */
	assert_int_equal(readlink("images/first/rootfs/out", (char[64]){0}, 64), strlen(directory));

	assert_int_equal(import("first", "source", false, &e), -EEXIST);
	put("source/new", "x");
	assert_int_equal(import("first", "source", true, &e), 0);
	assert_int_equal(access("images/first/rootfs/new", F_OK), 0);
	assert_int_equal(import(NULL, "source", false, &e), 0);
	assert_int_equal(count_images(), 2);
	assert_int_equal(count_directories(), 2);
}

static void test_refused(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct image image;
	int images;

	(void)state;
	if (geteuid() != 0)
		skip();
	images = count_directories();
	assert_int_equal(io_mkdir_parents("nothing/here", 0755, NULL), 0);
	assert_int_equal(import("x", "nothing", false, &e), -ENOEXEC);
	assert_int_equal(e.kind, ERR_INPUT);
	assert_non_null(strstr(e.message, "not a root file system"));
	assert_int_equal(import("x", directory, false, &e), -EINVAL);
	assert_non_null(strstr(e.message, "the images themselves"));
	assert_int_equal(import("x", "absent", false, &e), -ENOENT);
	assert_int_equal(import("Bad", "source", false, &e), -EINVAL);
	assert_int_equal(import(NULL, "-", false, &e), -EINVAL);
	put("text", "this is no archive\n");
	assert_int_equal(import("x", "text", false, &e), -EBADMSG);
	assert_int_equal(image_load(&settings, "x", &a, &image, &e), -ENOENT);
	assert_non_null(strstr(e.message, "first"));
	assert_int_equal(image_delete(&settings, "x", &e), -ENOENT);
	assert_int_equal(
		image_build(&settings, &(const struct image_request){.source = "plan9"}, &e),
		-EINVAL);
	assert_int_equal(count_directories(), images);
}

static void test_too_large(void **state)
{
	static char text[1 << 20];
	struct image_request request = {.name = "large", .source = "large", .bytes_max = 2 << 20};
	struct err e = ERR_INIT;

	(void)state;
	if (geteuid() != 0)
		skip();
	memset(text, 'x', sizeof(text) - 1);
	assert_int_equal(io_mkdir_parents("large/bin", 0755, NULL), 0);
	put("large/bin/1", text);
	put("large/bin/2", text);
	assert_int_equal(image_import(&settings, &request, &e), 0);
	assert_int_equal(image_delete(&settings, "large", &e), 0);
	/* Together larger than the limit; then one file's hole alone. */
	put("large/bin/3", "more");
	assert_int_equal(image_import(&settings, &request, &e), -EFBIG);
	assert_int_equal(e.kind, ERR_INPUT);
	assert_int_equal(unlink("large/bin/3"), 0);
	put("large/bin/2", "");
	assert_int_equal(truncate("large/bin/2", 3 << 20), 0);
	assert_int_equal(image_import(&settings, &request, &e), -EFBIG);
}

static void test_in_use(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(io_mkdir_parents("machines/web", 0700, NULL), 0);
	put("machines/web/machine.ini", "[machine]\nimage = first\ncommand = /bin/sh\n");
	assert_int_equal(image_delete(&settings, "first", &e), -EBUSY);
	assert_int_equal(e.kind, ERR_INPUT);
	assert_non_null(strstr(e.message, "machine web"));
	assert_int_equal(import("first", "source", true, &e), -EBUSY);
	assert_int_equal(image_delete(&settings, "source", &e), 0);
	/* A definition that cannot be read may name it as well. */
	put("machines/web/machine.ini", "[machine]\nimage");
	assert_true(image_delete(&settings, "first", &e) < 0);
	assert_non_null(strstr(e.message, "may be used by machine web"));
	assert_int_equal(unlink("machines/web/machine.ini"), 0);
	assert_int_equal(image_delete(&settings, "first", &e), 0);
	assert_int_equal(count_directories(), 0);
}

/* A maker that was killed leaves a directory without a lock; one that lives holds it. */
static void test_leftovers(void **state)
{
	struct err e = ERR_INIT;
	int lock;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(io_mkdir_parents("images/.dead.12345678/rootfs/etc", 0700, NULL), 0);
	assert_int_equal(io_mkdir_parents("images/.alive.12345678/rootfs", 0700, NULL), 0);
	lock = open("images/.alive.12345678", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(lock >= 0);
	assert_int_equal(flock(lock, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(import("after", "source", false, &e), 0);
	assert_int_equal(access("images/.dead.12345678", F_OK), -1);
	assert_int_equal(access("images/.alive.12345678", F_OK), 0);
	assert_int_equal(count_images(), 1);
	(void)close(lock);
	assert_int_equal(image_delete(&settings, "after", &e), 0);
	assert_int_equal(count_directories(), 0);
}

static void test_names(void **state)
{
	static const struct {
		const char *source, *name;
	} rows[] = {
		{"debian:12", "debian-12"},
		{"/a/b/Debian_12.tar.gz", "debian-12"},
		{"./root.tzst.tar.zst", "root-tzst"},
		{"x.tgz", "x"},
		{"dir/", "dir"},
		{"-", NULL},
		{"/", NULL},
	};
	_cleanup_arena_ struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *name = image_name_from_source(&a, rows[i].source);

		if (rows[i].name)
			assert_string_equal(name, rows[i].name);
		else
			assert_null(name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_busybox),
		cmocka_unit_test(test_import_directory),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_in_use),
		cmocka_unit_test(test_leftovers),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
