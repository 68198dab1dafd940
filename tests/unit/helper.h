/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What unit tests share: cmocka with what it needs, a scratch directory per test, a tiny full disk.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A new directory; the test's program is in it afterwards (paths in tests are relative). */
static inline void scratch_make(char path[static 64])
{
	(void)snprintf(path, 64, "/tmp/bulkhead-unit-XXXXXX");
	assert_non_null(mkdtemp(path));
	assert_int_equal(chdir(path), 0);
}

static inline void scratch_remove(const char *path)
{
	struct err e = ERR_INIT;

	assert_int_equal(chdir("/"), 0);
	if (io_remove_tree(AT_FDCWD, path, &e) < 0)
		fail_msg("%s", e.message);
}

/* Setup and teardown for cmocka: the scratch path is the state. */
static inline int scratch_setup(void **state)
{
	char *path = malloc(64);

	assert_non_null(path);
	scratch_make(path);
	*state = path;
	return 0;
}

static inline int scratch_teardown(void **state)
{
	scratch_remove(*state);
	free(*state);
	return 0;
}

/* Runs `body` in a child, so that namespaces and limits are its own; 77 means skipped. */
static inline void in_child(int (*body)(const char *scratch), const char *scratch)
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(body(scratch));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77) {
		print_message("[  SKIP  ] needs root and a mount namespace\n");
		skip();
	}
	if (WEXITSTATUS(status) != 0)
		fail_msg("the child failed at check %d", WEXITSTATUS(status));
}

/* In a child: a tmpfs of `bytes` on `path`, seen by this child only. 0, or 77 without the right. */
static inline int mount_small_disk(const char *path, const char *options)
{
	if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0)
		return 77;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 77;
	return mount("tmpfs", path, "tmpfs", 0, options) < 0 ? 77 : 0;
}

/* In a child: gives `code` back when `condition` does not hold. */
#define CHILD_CHECK(code, condition)   \
	do {                           \
		if (!(condition))      \
			return (code); \
	} while (0)

/* A pseudo-random sequence that is the same everywhere: xorshift64*. */
static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}
