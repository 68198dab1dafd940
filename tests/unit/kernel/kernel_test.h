/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of this folder share. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SKIP_UNLESS_ROOT()                                      \
	do {                                                    \
		if (geteuid() != 0) {                           \
			print_message("skipped: needs root\n"); \
			skip();                                 \
		}                                               \
	} while (0)

/* Runs `body` in a child of its own, which may change what it likes; returns its exit code. A check
 * that fails in the child shows as its line number modulo 256, so never as 0. */
static inline int run_in_child(void (*body)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		body();
		_exit(0);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#define CHILD_CHECK(condition)                                                              \
	do {                                                                                \
		if (!(condition)) {                                                         \
			(void)fprintf(stderr, "%s:%d: %s (errno %d)\n", __FILE__, __LINE__, \
				      #condition, errno);                                   \
			_exit(__LINE__ % 254 + 1);                                          \
		}                                                                           \
	} while (0)
