/* SPDX-License-Identifier: Apache-2.0 */
/* The facts of the host that the test runs on, and their cache. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "host/facts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SKIP_UNLESS_ROOT()                                      \
	do {                                                    \
		if (geteuid() != 0) {                           \
			print_message("skipped: needs root\n"); \
			skip();                                 \
		}                                               \
	} while (0)

static char top[64];
static struct settings settings;

static int setup(void **state)
{
	(void)state;
	(void)snprintf(top, sizeof(top), "/tmp/bulkhead-test-facts-XXXXXX");
	assert_non_null(mkdtemp(top));
	(void)snprintf(settings.root, sizeof(settings.root), "%s", top);
	(void)snprintf(settings.run, sizeof(settings.run), "%s", top);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return io_remove_tree(AT_FDCWD, top, NULL);
}

static const char *in_top(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", top, name);
	return path;
}

static size_t count_lines(const char *path)
{
	size_t lines = 0;
	int c;
	FILE *f = fopen(path, "re");

	assert_non_null(f);
	while ((c = getc(f)) != EOF)
		lines += c == '\n';
	assert_int_equal(fclose(f), 0);
	return lines;
}

static void test_measured(void **state)
{
	struct host host;
	struct err e = ERR_INIT;
	size_t mounts = count_lines("/proc/self/mountinfo");

	(void)state;
	SKIP_UNLESS_ROOT();
	assert_int_equal(host_facts_get(NULL, &host, &e), 0);
	assert_true(host.kernel.release >= 5 << 16);
	assert_true(host.capacity.cpu_millicpus >= 10 && CPU_COUNT(&host.capacity.cpus) > 0);
	assert_true(host.capacity.memory_bytes > 16 << 20);
	assert_true(host.kernel.seccomp_notify);
	for (int c = 0; c < CGROUP_CONTROLLER_MAX; c++) {
		const struct host_controller *h = &host.cgroups.controller[c];
		char path[2 * HOST_PATH_MAX + 16];

		if (h->version == CGROUP_ABSENT)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s/cgroup.procs", h->mount, h->parent);
		assert_int_equal(access(path, W_OK), 0);
	}
	/* No trace: no mount, no process, no cgroup file. */
	assert_int_equal(count_lines("/proc/self/mountinfo"), mounts);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void test_cache_is_used(void **state)
{
	struct host first, second;
	struct err e = ERR_INIT;
	_cleanup_free_ char *text = NULL;
	size_t bytes;
	char *word;

	(void)state;
	SKIP_UNLESS_ROOT();
	assert_int_equal(host_facts_get(&settings, &first, &e), 0);
	assert_int_equal(io_read_file(AT_FDCWD, in_top("facts"), 65536, &text, &bytes, &e), 0);
	/* What is read is what stands there. */
	word = strstr(text, "\"seccomp_notify\": true");
	assert_non_null(word);
	memcpy(word, "\"seccomp_notify\":false", 22);
	assert_int_equal(
		io_replace_file(AT_FDCWD, in_top("facts"), 0600, IO_VOLATILE, text, bytes, &e), 0);
	assert_int_equal(host_facts_get(&settings, &second, &e), 0);
	assert_true(first.kernel.seccomp_notify);
	assert_false(second.kernel.seccomp_notify);
	/* Another boot, mount namespace or version: not used. */
	text[strcspn(text, "\n") - 1] ^= 1;
	assert_int_equal(
		io_replace_file(AT_FDCWD, in_top("facts"), 0600, IO_VOLATILE, text, bytes, &e), 0);
	assert_int_equal(host_facts_get(&settings, &second, &e), 0);
	assert_true(second.kernel.seccomp_notify);
	assert_memory_equal(&first.cgroups, &second.cgroups, sizeof(first.cgroups));
}

static void test_cache_is_damaged(void **state)
{
	struct host host;
	struct err e = ERR_INIT;
	_cleanup_free_ char *text = NULL;
	size_t bytes;

	(void)state;
	SKIP_UNLESS_ROOT();
	assert_int_equal(host_facts_get(&settings, &host, &e), 0);
	assert_int_equal(io_read_file(AT_FDCWD, in_top("facts"), 65536, &text, &bytes, &e), 0);
	for (size_t cut = 0; cut < bytes; cut += 1 + bytes / 7) {
		assert_int_equal(truncate(in_top("facts"), (off_t)cut), 0);
		memset(&host, 0, sizeof(host));
		assert_int_equal(host_facts_get(&settings, &host, &e), 0);
		assert_true(host.kernel.seccomp_notify);
	}
	/* Without a place for it there is none. */
	(void)snprintf(settings.run, sizeof(settings.run), "%s/none", top);
	assert_int_equal(host_facts_get(&settings, &host, &e), 0);
}

static void test_old_capacity_is_measured_again(void **state)
{
	const struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	struct host host;
	struct err e = ERR_INIT;
	struct stat st;

	(void)state;
	SKIP_UNLESS_ROOT();
	assert_int_equal(host_facts_get(&settings, &host, &e), 0);
	assert_int_equal(utimensat(AT_FDCWD, in_top("facts"), times, 0), 0);
	assert_int_equal(host_facts_get(&settings, &host, &e), 0);
	assert_int_equal(stat(in_top("facts"), &st), 0);
	assert_true(st.st_mtim.tv_sec > 1000);
}

static void put_declared(const char *text)
{
	assert_int_equal(io_replace_file(AT_FDCWD, in_top("capacity.ini"), 0600, IO_VOLATILE, text,
					 strlen(text), NULL),
			 0);
}

static void test_declared(void **state)
{
	struct host host;
	struct err e = ERR_INIT;

	(void)state;
	SKIP_UNLESS_ROOT();
	put_declared("[capacity]\ncpu = 0.75\nmemory = 300M\nhost-cpu = 0.25\n");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(host_facts_get(&settings, &host, &e), 0);
		assert_int_equal(host.capacity.cpu_millicpus, 750);
		assert_int_equal(host.capacity.cpu_reserved, 250);
		assert_int_equal(host.capacity.memory_bytes, 300 << 20);
	}
	put_declared("[capacity]\nnonsense = 1\n");
	assert_int_equal(host_facts_get(&settings, &host, &e), -EINVAL);
	assert_int_equal(e.kind, ERR_INPUT);
	assert_non_null(strstr(e.message, "nonsense"));
	/* What was declared is not in the cache. */
	assert_int_equal(unlink(in_top("capacity.ini")), 0);
	assert_int_equal(host_facts_get(&settings, &host, &e), 0);
	assert_int_not_equal(host.capacity.memory_bytes, 300 << 20);
}

static void test_race(void **state)
{
	pid_t pids[8];
	int entries = 0;
	_cleanup_dir_ DIR *d = NULL;

	(void)state;
	SKIP_UNLESS_ROOT();
	for (size_t i = 0; i < 8; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			struct host host;

			_exit(host_facts_get(&settings, &host, NULL) == 0 &&
					      host.kernel.seccomp_notify
				      ? 0
				      : 1);
		}
	}
	for (size_t i = 0; i < 8; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	d = opendir(top);
	while (readdir(d))
		entries++;
	/* ".", "..", and the cache: no temporary file. */
	assert_int_equal(entries, 3);
}

#define IN_TOP(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_measured), IN_TOP(test_cache_is_used),
		IN_TOP(test_cache_is_damaged),	 IN_TOP(test_old_capacity_is_measured_again),
		IN_TOP(test_declared),		 IN_TOP(test_race),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
