/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/helper.h"

#include "model/name.h"
#include "model/paths.h"

static int clear_environment(void **state)
{
	(void)state;
	return unsetenv("BULKHEAD_ROOT") | unsetenv("BULKHEAD_RUN");
}

static void test_defaults(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(paths_settings(NULL, NULL, &s, NULL), 0);
	assert_string_equal(s.root, "/var/lib/bulkhead");
	assert_string_equal(s.run, "/run/bulkhead");
	assert_string_equal(s.cgroup, "bulkhead");
}

static void test_argument_over_environment_over_default(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(setenv("BULKHEAD_ROOT", "/env/root", 1), 0);
	assert_int_equal(setenv("BULKHEAD_RUN", "/env/run", 1), 0);
	assert_int_equal(paths_settings("/arg/root", NULL, &s, NULL), 0);
	assert_string_equal(s.root, "/arg/root");
	assert_string_equal(s.run, "/env/run");
}

static void test_one_directory_has_one_cgroup(void **state)
{
	struct settings a, b, c, d;

	(void)state;
	assert_int_equal(paths_settings(NULL, "/tmp/one", &a, NULL), 0);
	assert_int_equal(paths_settings(NULL, "//tmp/./one//", &b, NULL), 0);
	assert_int_equal(paths_settings(NULL, "/tmp/two", &c, NULL), 0);
	assert_int_equal(paths_settings(NULL, "/run//bulkhead/", &d, NULL), 0);
	assert_string_equal(a.cgroup, b.cgroup);
	assert_string_equal(b.run, "/tmp/one");
	assert_string_not_equal(a.cgroup, c.cgroup);
	assert_int_equal(strlen(a.cgroup), strlen("bulkhead-") + 8);
	assert_string_equal(d.cgroup, "bulkhead");
}

static void refuse(const char *root, const char *run, int code, const char *says)
{
	struct settings s;
	struct err e = ERR_INIT;

	assert_int_equal(paths_settings(root, run, &s, &e), code);
	assert_int_equal(e.kind, ERR_INPUT);
	if (!strstr(e.message, says))
		fail_msg("'%s' does not say '%s'", e.message, says);
}

static void test_bad_directories_are_refused(void **state)
{
	char text[600];

	(void)state;
	refuse("relative", NULL, -EINVAL, "--root");
	refuse(NULL, "run", -EINVAL, "absolute");
	refuse("/", NULL, -EINVAL, "'/'");
	refuse("/a/../b", NULL, -EINVAL, "..");
	refuse("/a\nb", NULL, -EINVAL, "not valid");
	memset(text, 'a', sizeof(text));
	text[0] = '/';
	text[sizeof(text) - 1] = '\0';
	refuse(text, NULL, -ENAMETOOLONG, "too long");
	text[97] = '\0';
	refuse(NULL, text, -ENAMETOOLONG, "at most 95");
	text[96] = '\0';
	refuse(NULL, text, -ENAMETOOLONG, "at most 95");
}

static void test_longest_paths_fit(void **state)
{
	char root[HOST_PATH_MAX], run[96], name[NAME_LENGTH_MAX + 1], buffer[PATHS_MAX];
	struct settings s;

	(void)state;
	memset(root, 'r', sizeof(root));
	memset(run, 'u', sizeof(run));
	memset(name, 'n', sizeof(name));
	root[0] = run[0] = '/';
	root[sizeof(root) - 1] = run[sizeof(run) - 1] = name[sizeof(name) - 1] = '\0';
	assert_int_equal(paths_settings(root, run, &s, NULL), 0);
	assert_int_equal(strlen(paths_machine(&s, name, "machine.ini", buffer)),
			 255 + strlen("/machines/") + 63 + strlen("/machine.ini"));
	(void)paths_run(&s, "keeper.sock", buffer);
	assert_true(strlen(buffer) < 108);
}

static void test_spellings(void **state)
{
	struct settings s = {.root = "/r", .run = "/u"};
	char b[PATHS_MAX];

	(void)state;
	assert_string_equal(paths_machine(&s, "web", NULL, b), "/r/machines/web");
	assert_string_equal(paths_machine(&s, "web", "upper", b), "/r/machines/web/upper");
	assert_string_equal(paths_image(&s, "debian", "rootfs", b), "/r/images/debian/rootfs");
	assert_string_equal(paths_runtime(&s, "web", "exit", b), "/u/machines/web/exit");
	assert_string_equal(paths_root(&s, "ids", b), "/r/ids");
	assert_string_equal(paths_run(&s, NULL, b), "/u");
}

static void test_make(void **state)
{
	struct settings s;
	struct err e = ERR_INIT;
	char root[128], run[128];
	struct stat st;

	(void)snprintf(root, sizeof(root), "%s/a/b", (const char *)*state);
	(void)snprintf(run, sizeof(run), "%s/run", (const char *)*state);
	assert_int_equal(paths_settings(root, run, &s, NULL), 0);
	assert_int_equal(paths_make(&s, &e), 0);
	assert_int_equal(paths_make(&s, &e), 0);
	assert_int_equal(stat("run/journal", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat("a/b/machines", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0711);
	assert_int_equal(close(creat("file", 0600)), 0);
	(void)snprintf(s.run, sizeof(s.run), "%s/file", (const char *)*state);
	assert_int_equal(paths_make(&s, &e), -ENOTDIR);
	assert_non_null(strstr(e.message, "file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test_teardown(test_argument_over_environment_over_default,
					  clear_environment),
		cmocka_unit_test(test_one_directory_has_one_cgroup),
		cmocka_unit_test(test_bad_directories_are_refused),
		cmocka_unit_test(test_longest_paths_fit),
		cmocka_unit_test(test_spellings),
		cmocka_unit_test_setup_teardown(test_make, scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, clear_environment, NULL);
}
