/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/helper.h"

#include "base/cleanup.h"
#include "security/users.h"

#define PASSWD                                    \
	"root:x:0:0:root:/root:/bin/sh\n"         \
	"broken line\n"                           \
	"toobig:x:4294967296:1::/:/bin/sh\n"      \
	"minus:x:-1:1::/:/bin/sh\n"               \
	"nothing:x:::/:/bin/sh\n"                 \
	"www-data:x:33:33:www:/var/www:/bin/sh\n" \
	"far:x:70000:70000::/:/bin/sh\n"          \
	"last:x:44:45::/:/bin/sh"
#define GROUP                        \
	"root:x:0:\n"                \
	"adm:x:4:syslog,www-data\n"  \
	"ww:x:5:www-dat,www-data2\n" \
	"www-data:x:33:www-data\n"   \
	"ssl:x:101:www-data,other"

static void write_file(const char *path, const char *text)
{
	struct err e = ERR_INIT;

	(void)unlink(path);
	assert_int_equal(io_replace_file(AT_FDCWD, path, 0644, IO_VOLATILE, text, strlen(text), &e),
			 0);
}

static int setup(void **state)
{
	(void)scratch_setup(state);
	assert_int_equal(mkdir("etc", 0755), 0);
	write_file("etc/passwd", PASSWD);
	write_file("etc/group", GROUP);
	return 0;
}

static int find(const char *user, uint32_t ids, struct users_identity *ret, struct err *e)
{
	_cleanup_fd_ int root = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return users_find(root, user, ids, ret, e);
}

static void test_spellings(void **state)
{
	static const struct {
		const char *user;
		uint32_t uid, gid;
		size_t groups;
	} table[] = {
		{"root", 0, 0, 0},	    {"0", 0, 0, 0},
		{"www-data", 33, 33, 2},    {"33", 33, 33, 2},
		{"www-data:adm", 33, 4, 0}, {"www-data:7", 33, 7, 0},
		{"1000", 1000, 0, 0},	    {"1000:1001", 1000, 1001, 0},
		{"last", 44, 45, 0},	    {"1000:ssl", 1000, 101, 0},
	};
	struct users_identity identity;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(find(table[i].user, 65536, &identity, &e), 0);
		assert_int_equal(identity.uid, table[i].uid);
		assert_int_equal(identity.gid, table[i].gid);
		assert_int_equal(identity.group_count, table[i].groups);
	}
	assert_int_equal(find("www-data", 65536, &identity, NULL), 0);
	assert_int_equal(identity.groups[0], 4);
	assert_int_equal(identity.groups[1], 101);
}

static void test_refused(void **state)
{
	static const char *const bad[] = {"nobody",
					  "toobig",
					  "minus",
					  "nothing",
					  "",
					  ":4",
					  "www-data:nogroup",
					  "www-data:",
					  "broken line",
					  "far",
					  "70000",
					  "1:70000",
					  "4294967295",
					  "99999999999999999999"};
	struct users_identity identity;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = ERR_INIT;

		assert_true(find(bad[i], 65536, &identity, &e) < 0);
		assert_int_equal(e.kind, ERR_INPUT);
	}
	/* Without a user namespace there is no range to be out of. */
	assert_int_equal(find("far", 0, &identity, NULL), 0);
	assert_int_equal(identity.uid, 70000);
}

/* Lines longer than the buffer are passed over whole: their tail is no line, the next one is. */
static void test_long_lines(void **state)
{
	static const char tail[] = "evil:x:9:9::/:\nwww:x:7:8::/:\n";
	static char text[3 * USERS_LINE_MAX];
	struct users_identity identity;

	(void)state;
	for (size_t length = USERS_LINE_MAX - 20; length < USERS_LINE_MAX + 4; length++) {
		memset(text, 'a', length);
		memcpy(text + length, tail, sizeof(tail));
		write_file("etc/passwd", text);
		assert_int_equal(find("www", 65536, &identity, NULL), 0);
		assert_int_equal(identity.uid, 7);
		assert_true(find("evil", 65536, &identity, NULL) < 0);
	}
}

static void test_too_many_groups(void **state)
{
	static char text[USERS_GROUPS_MAX * 64];
	struct users_identity identity;
	size_t used = 0;

	(void)state;
	for (int i = 0; i < USERS_GROUPS_MAX + 100; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "g%d:x:%d:www-data\n", i,
					 1000 + i);
	write_file("etc/group", text);
	assert_int_equal(find("www-data", 65536, &identity, NULL), 0);
	assert_int_equal(identity.group_count, USERS_GROUPS_MAX);
}

/* A machine whose /etc/passwd blocks, is endless or leads out of its root. */
static void test_hostile_files(void **state)
{
	struct users_identity identity;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(unlink("etc/passwd"), 0);
	assert_int_equal(find("www-data", 65536, &identity, &e), -ENOENT);
	assert_int_equal(find("12", 65536, &identity, NULL), 0);
	assert_int_equal(mkfifo("etc/passwd", 0644), 0);
	assert_int_equal(find("www-data", 65536, &identity, &e), -EINVAL);
	assert_int_equal(unlink("etc/passwd"), 0);
	assert_int_equal(symlink("/dev/zero", "etc/passwd"), 0);
	/* Within the root there is no /dev/zero. */
	assert_int_equal(find("www-data", 65536, &identity, &e), -ENOENT);
	assert_int_equal(unlink("etc/passwd"), 0);
	assert_int_equal(symlink("../../../../../../../../etc/passwd", "etc/passwd"), 0);
	assert_int_equal(find("root", 65536, &identity, &e), -ELOOP);
	assert_int_equal(unlink("etc/passwd"), 0);
	write_file("etc/passwd", "x");
	assert_int_equal(truncate("etc/passwd", USERS_FILE_MAX + 1), 0);
	assert_int_equal(find("www-data", 65536, &identity, &e), -EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_spellings, setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_long_lines, setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_too_many_groups, setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_hostile_files, setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
