/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that storage/ runs: the unpacker, mmdebstrap, apt-get, busybox. They die with us.
 */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <sys/types.h>

struct child_request {
	const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH */
	const int *fds;		 /* become descriptors 0, 1, ...; negative: /dev/null */
	size_t fd_count;
};

#define CHILD_FDS_MAX 8
#define CHILD_NOT_FOUND 127

int child_start(const struct child_request *request, pid_t *ret_pid, struct err *e);

/* A wait status as of wait(2). */
int child_wait(pid_t pid, int *ret_status);

/* "exit code 2", "signal 9"; returns buffer. */
#define CHILD_TEXT_MAX 32
const char *child_status_text(int status, char buffer[static CHILD_TEXT_MAX]);

/*
 * Runs it to its end with standard input empty and returns what it printed, malloc()ed and
 * terminated; standard error is dropped. ERR_HOST: it failed, or printed more than `max` bytes.
 */
int child_output(const char *const *argv, size_t max, char **ret_text, struct err *e);
