/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a console log as it grows, over rotations: for `console`, `run` with a terminal, and
 * `logs --follow`. inotify(7) wakes the reader; nothing asks the keeper.
 *
 *   log_follow_open(); loop { while ((n = log_follow_read()) > 0) write; poll(f.notify) }
 */
#pragma once

#include "base/cleanup.h"
#include "base/err.h"
#include "model/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct log_follow {
	char name[32]; /* of the file: "console.log" */
	int directory; /* ROOT/machines/NAME */
	int file;
	int notify; /* poll this for reading; log_follow_read() empties it */
	bool moved; /* the file was rotated away: its end is final */
};
#define LOG_FOLLOW_INIT ((struct log_follow){.directory = -EBADF, .file = -EBADF, .notify = -EBADF})

/*
 * Follows from `offset` of `file` (keeper_console.log), which is owned from now on, also on
 * failure; -EBADF: ROOT/machines/NAME/console.log is opened. -ENOENT: the machine has no log.
 */
int log_follow_open(const struct settings *s, const char *name, int file, uint64_t offset,
		    struct log_follow *ret, struct err *e);

/* The same for another file that is rotated by a rename of its successor or of itself (RUN/events).
 */
int log_follow_open_file(const char *directory, const char *name, struct log_follow *ret,
			 struct err *e);

/* Bytes read; 0: nothing more for now; or -errno. Never waits. */
ssize_t log_follow_read(struct log_follow *f, void *buffer, size_t size, struct err *e);

void log_follow_close(struct log_follow *f);
#define _cleanup_log_follow_ __attribute__((cleanup(log_follow_close)))
