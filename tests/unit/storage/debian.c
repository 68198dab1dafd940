/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/helper.h"

#include "storage/debian.h"

static const char targets[] = "http://mirror.test/debian/ bookworm main Packages $(ORIGIN)\n"
			      "http://mirror.test/debian/ bookworm main Packages Debian\n"
			      "http://mirror.test/debian/ bookworm main Translations Debian\n"
			      "http://mirror.test/debian/ bookworm contrib Packages Debian\n"
			      "http://mirror.test/debian/ bookworm-updates main Packages Debian\n"
			      "http://security.test/ bookworm-security main Packages Debian\n"
			      "http://mirror.test/debian/ bookworm-backports main Packages Debian\n"
			      "http://mirror.test/debian/ bookwormish main Packages Debian\n"
			      "https://other.test/node nodistro main Packages Node\n"
			      "https://other.test/php bookworm main Packages Somebody\n"
			      "broken\n";

/* What follows "deb [signed-by=...] " */
static const char *without_keyring(const char *line)
{
	const char *end = strchr(line, ']');

	assert_memory_equal(line, "deb ", 4);
	return end ? end + 2 : line + 4;
}

static void test_sources(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	const char **lines = NULL;

	(void)state;
	assert_int_equal(debian_sources(targets, "bookworm", &a, &lines, NULL), 0);
	assert_string_equal(without_keyring(lines[0]), "http://mirror.test/debian/ bookworm main");
	assert_string_equal(without_keyring(lines[1]),
			    "http://mirror.test/debian/ bookworm-updates main");
	assert_string_equal(without_keyring(lines[2]),
			    "http://security.test/ bookworm-security main");
	assert_null(lines[3]);
}

static void test_other_suite(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	const char **lines = NULL;

	(void)state;
	assert_int_equal(debian_sources(targets, "trixie", &a, &lines, NULL), 0);
	assert_string_equal(without_keyring(lines[2]),
			    "http://security.test/ trixie-security main");
	assert_int_equal(debian_sources(targets, "sid", &a, &lines, NULL), 0);
	assert_string_equal(without_keyring(lines[0]), "http://mirror.test/debian/ sid main");
	assert_null(lines[1]);
}

static void test_no_mirror(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	const char **lines = NULL;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(debian_sources("", "bookworm", &a, &lines, &e), -ENOENT);
	assert_int_equal(e.kind, ERR_HOST);
	assert_null(lines);
}

static void test_names(void **state)
{
	const char *suite = NULL;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(debian_suite("12", &suite, NULL), 0);
	assert_string_equal(suite, "bookworm");
	assert_int_equal(debian_suite("bullseye", &suite, NULL), 0);
	assert_string_equal(suite, "bullseye");
	assert_int_equal(debian_suite("7; rm", &suite, &e), -EINVAL);
	assert_non_null(strstr(e.message, "bookworm"));
	assert_int_equal(debian_check_package("g++", NULL), 0);
	assert_int_equal(debian_check_package("libc6", NULL), 0);
	assert_int_equal(debian_check_package("-oAPT", NULL), -EINVAL);
	assert_int_equal(debian_check_package("a,b", NULL), -EINVAL);
	assert_int_equal(debian_check_package("?essential", NULL), -EINVAL);
	assert_int_equal(debian_check_package("", NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sources),
		cmocka_unit_test(test_other_suite),
		cmocka_unit_test(test_no_mirror),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
