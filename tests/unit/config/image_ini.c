/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/helper.h"

#include "config/host_json.h"
#include "config/image_ini.h"

static const char full[] = "[image]\n"
			   "source = debian:12\n"
			   "created = 2026-11-21T00:05:40.123456Z\n"
			   "size = 1.5G\n"
			   "init = systemd\n"
			   "command = /sbin/init --log-level=info\n"
			   "user = 0\n"
			   "directory = /root\n"
			   "environment = LANG=C.UTF-8\n";

static void test_image(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct err e = ERR_INIT;
	struct image image;

	(void)state;
	if (image_ini_parse("image.ini", full, sizeof(full) - 1, &a, &image, &e) < 0)
		fail_msg("%s", e.message);
	assert_int_equal(image.created_usec, 1795219540123456);
	assert_int_equal(image.size_bytes, 1536ULL << 20);
	assert_int_equal(image.init, SPEC_INIT_SYSTEMD);
	assert_string_equal(image.command[1], "--log-level=info");
	assert_null(image.command[2]);
	assert_string_equal(image.source, "debian:12");
	image_ini_print(&image, &out);
	assert_string_equal(strbuf_text(&out), full);
}

static void test_image_empty(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct image image = {.name = "x"};

	(void)state;
	assert_int_equal(image_ini_parse("image.ini", "", 0, &a, &image, NULL), 0);
	assert_null(image.name);
	assert_null(image.command[0]);
	assert_null(image.env[0]);
	assert_null(image.user);
	assert_null(image.cwd);
	assert_null(image.source);
	assert_int_equal(image.init, SPEC_INIT_UNSET);
	assert_int_equal(image.created_usec, 0);
	image_ini_print(&image, &out);
	assert_string_equal(strbuf_text(&out), "");
}

static const struct {
	const char *text, *message;
} bad[] = {
	{"[image]\ncreated=yesterday",
	 "image.created: 'yesterday' is not valid: a moment as 2026-"},
	{"[image]\ncreated=2026-11-21T00:05:40", "image.created"},
	{"[image]\ncreated=2026-11-21T00:05:40.1234567Z", "image.created"},
	{"[image]\ncreated=1969-12-31T23:59:58Z", "image.created"},
	{"[image]\ncreated=2026-13-21T00:05:40Z", "image.created"},
	{"[image]\nsize=none", "image.size: none is out of range: 0 to 1024P"},
	{"[image]\nsize=big", "image.size: 'big' is not valid"},
	{"[image]\nsource=\"a\\nb\"", "image.source: has a control character"},
	{"[image]\ninit=x", "image.init: 'x' is not valid"},
	{"[image]\ncomand=x", "unknown key 'comand' in [image], did you mean 'image.command'"},
	{"[machine]\n", "unknown section [machine]; valid are image"},
};

static void test_image_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		_cleanup_arena_ struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct image image = {.name = "untouched"};

		assert_true(image_ini_parse("i.ini", bad[i].text, strlen(bad[i].text), &a, &image,
					    &e) < 0);
		if (!strstr(e.message, bad[i].message) || strncmp(e.message, "i.ini:", 6) != 0)
			fail_msg("'%s' is not in '%s'", bad[i].message, e.message);
		assert_string_equal(image.name, "untouched");
	}
}

static void test_long_source(void **state)
{
	static char text[5000];
	_cleanup_arena_ struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct image image;
	int n = snprintf(text, sizeof(text), "[image]\nsource=%04095d", 0);

	(void)state;
	assert_int_equal(image_ini_parse("i", text, (size_t)n, &a, &image, &e), 0);
	n = snprintf(text, sizeof(text), "[image]\nsource=%04096d", 0);
	assert_int_equal(image_ini_parse("i", text, (size_t)n, &a, &image, &e), -ENAMETOOLONG);
}

static const struct host_capacity measured = {
	.cpu_millicpus = 2000,
	.cpu_reserved = 100,
	.memory_bytes = 4ULL << 30,
	.memory_reserved = 256ULL << 20,
};

static void test_capacity(void **state)
{
	static const char text[] = "[capacity]\ncpu = 1.5\nhost-memory = 1G\n";
	struct host_capacity c = measured;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(capacity_ini_apply("c.ini", text, sizeof(text) - 1, &c, &e), 0);
	assert_int_equal(c.cpu_millicpus, 1500);
	assert_int_equal(c.cpu_reserved, 100);
	assert_int_equal(c.memory_bytes, 4ULL << 30);
	assert_int_equal(c.memory_reserved, 1ULL << 30);
	assert_int_equal(capacity_ini_apply("c.ini", "", 0, &c, &e), 0);
	assert_int_equal(c.cpu_millicpus, 1500);
}

static void test_capacity_errors(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{"[capacity]\ncpu=0", "c.ini:2: capacity.cpu: 0 is out of range: 0.01 to 1024"},
		{"[capacity]\nmemory=none", "c.ini:2: capacity.memory: none is out of range"},
		{"[capacity]\nhost-cpu=3", "c.ini: capacity.host-cpu 3 is more than the 2 CPUs"},
		{"[capacity]\nhost-memory=5G",
		 "c.ini: capacity.host-memory 5G is more than the 4G"},
		{"[capacity]\ncpus=1", "did you mean 'capacity.cpu'; valid are cpu, host-cpu, mem"},
		{"[capacity]\ncpu=", "c.ini:2: capacity.cpu has no value: CPUs: 4, 3.5; without "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct host_capacity c = measured;
		struct err e = ERR_INIT;

		assert_true(capacity_ini_apply("c.ini", rows[i].text, strlen(rows[i].text), &c,
					       &e) < 0);
		if (!strstr(e.message, rows[i].message))
			fail_msg("'%s' is not in '%s'", rows[i].message, e.message);
		assert_memory_equal(&c, &measured, sizeof(c));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_image),	     cmocka_unit_test(test_image_empty),
		cmocka_unit_test(test_image_errors), cmocka_unit_test(test_long_source),
		cmocka_unit_test(test_capacity),     cmocka_unit_test(test_capacity_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
