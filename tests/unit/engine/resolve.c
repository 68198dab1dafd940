/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/resolve.h"
#include "config/machine_ini.h"
#include "model/capability_names.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const image_command[] = {"/sbin/init", NULL};
static const char *const image_env[] = {"LANG=C.UTF-8", "PATH=/opt/bin", NULL};

static const struct image image = {
	.name = "debian",
	.command = image_command,
	.env = image_env,
	.user = "0",
	.cwd = "/srv",
	.init = SPEC_INIT_SYSTEMD,
};

static struct spec make_spec(struct arena *a)
{
	struct spec spec;

	spec_set_defaults(&spec, a);
	spec.name = "web";
	spec.image = "debian";
	return spec;
}

static const char *variable(const struct spec *spec, const char *name)
{
	size_t n = strlen(name);

	for (const char *const *v = spec->process.env; *v; v++) {
		if (strncmp(*v, name, n) == 0 && (*v)[n] == '=')
			return *v + n + 1;
	}
	return NULL;
}

static void test_image_fills_what_is_open(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	struct spec spec = make_spec(&a);

	(void)state;
	assert_int_equal(spec_resolve(&spec, &image, &a, NULL), 0);
	assert_string_equal(spec.process.argv[0], "/sbin/init");
	assert_int_equal(spec.init, SPEC_INIT_SYSTEMD);
	assert_string_equal(spec.process.cwd, "/srv");
	assert_string_equal(spec.hostname, "web");
	assert_string_equal(variable(&spec, "LANG"), "C.UTF-8");
	assert_string_equal(variable(&spec, "PATH"), "/opt/bin");
	assert_string_equal(variable(&spec, "container"), "bulkhead");
	assert_false(spec.process.no_new_privs);
	assert_true(spec.process.capabilities & CAPABILITY_BIT(capability_find("sys_admin")));
}

static void test_command_runs_under_the_small_init(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	static const char *const command[] = {"/usr/bin/true", NULL};
	static const char *const env[] = {"LANG=de_DE", NULL};
	struct spec spec = make_spec(&a);

	(void)state;
	spec.process.argv = command;
	spec.process.env = env;
	assert_int_equal(spec_resolve(&spec, &image, &a, NULL), 0);
	assert_int_equal(spec.init, SPEC_INIT_COMMAND);
	assert_string_equal(variable(&spec, "LANG"), "de_DE");
	assert_true(spec.process.no_new_privs);
	assert_false(spec.process.capabilities & CAPABILITY_BIT(capability_find("sys_admin")));
}

/* "/sbin/init" given as the command is the image's init, of the image's kind. */
static void test_init_by_name_is_the_images(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	struct spec spec = make_spec(&a);

	(void)state;
	spec.process.argv = image_command;
	assert_int_equal(spec_resolve(&spec, &image, &a, NULL), 0);
	assert_int_equal(spec.init, SPEC_INIT_SYSTEMD);
}

static void test_given_init_wins(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	struct spec spec = make_spec(&a);

	(void)state;
	spec.init = SPEC_INIT_SYSV;
	assert_int_equal(spec_resolve(&spec, &image, &a, NULL), 0);
	assert_int_equal(spec.init, SPEC_INIT_SYSV);
}

static void test_no_command_is_refused(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	struct spec spec = make_spec(&a);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(spec_resolve(&spec, NULL, &a, &e), -EINVAL);
	assert_int_equal(e.kind, ERR_INPUT);
	assert_non_null(strstr(e.message, "web has no command"));
}

static void test_later_environment_replaces_in_place(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	static const char *const own[] = {"HOME=/home/web", "A=1", "A=2", NULL};
	const char *const *env = environment_make(own, NULL, true, &a);
	size_t homes = 0, as = 0;

	(void)state;
	for (; *env; env++) {
		homes += strncmp(*env, "HOME=", 5) == 0;
		as += strcmp(*env, "A=2") == 0;
		assert_string_not_equal(*env, "A=1");
	}
	assert_int_equal(homes, 1);
	assert_int_equal(as, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_image_fills_what_is_open),
		cmocka_unit_test(test_command_runs_under_the_small_init),
		cmocka_unit_test(test_init_by_name_is_the_images),
		cmocka_unit_test(test_given_init_wins),
		cmocka_unit_test(test_no_command_is_refused),
		cmocka_unit_test(test_later_environment_replaces_in_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
