/* SPDX-License-Identifier: Apache-2.0 */
/* A machine's /etc/passwd, which is hostile. */
#include "tests/unit/helper.h"

#include "cli/passwd.h"

static void test_lines(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	char text[] = "root:x:0:0:root:/root:/bin/bash\n"
		      "\n"
		      "short:x:1\n"
		      ":x:2:2::/:/bin/sh\n"
		      "neg:x:-1:0::/:/bin/sh\n"
		      "big:x:4294967296:0::/:/bin/sh\n"
		      "max:x:4294967295:0::/:/bin/sh\n"
		      "www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin:extra\n"
		      "last:x:1000:1000::/home/last:/bin/sh";
	struct passwd p;

	(void)state;
	passwd_parse(text, &a, &p);
	assert_int_equal(p.count, 4);
	assert_string_equal(passwd_find(&p, "root")->shell, "/bin/bash");
	assert_string_equal(passwd_find(&p, "0")->name, "root");
	assert_string_equal(passwd_find(&p, "1000:1000")->home, "/home/last");
	assert_string_equal(passwd_find(&p, "www-data:adm")->home, "/var/www");
	assert_int_equal(passwd_find(&p, "max")->uid, UINT32_MAX);
	assert_null(passwd_find(&p, "nobody"));
	assert_null(passwd_find(&p, ""));
	assert_null(passwd_find(&p, "neg"));
	assert_null(passwd_find_uid(&p, 2));
}

static void test_empty(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	char text[] = "";
	struct passwd p;

	(void)state;
	passwd_parse(text, &a, &p);
	assert_int_equal(p.count, 0);
	assert_null(passwd_find(&p, "root"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
