/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small files, whole. Every descriptor is close-on-exec. `dirfd` may be AT_FDCWD.
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* mkdir(2), and success when it exists already as a directory. */
int io_mkdir(int dirfd, const char *path, mode_t mode, struct err *e);

/* mkdir -p. */
int io_mkdir_parents(const char *path, mode_t mode, struct err *e);

/*
 * Reads at most `max` bytes. The result is malloc()ed, always terminated by a NUL that is not
 * counted. -EFBIG when the file is larger: a limit, not a truncation.
 */
int io_read_file(int dirfd, const char *path, size_t max, char **ret_text, size_t *ret_bytes,
		 struct err *e);

/* Reads into `buffer`, terminated, trailing newline removed. -EFBIG when it does not fit. */
int io_read_small(int dirfd, const char *path, char *buffer, size_t size, struct err *e);

/* One open, one write, for kernel files: never creates, never truncates. */
int io_write_kernel(int dirfd, const char *path, const char *text, struct err *e);

/* Writes all of it, whatever write(2) gives back. */
int io_write_all(int fd, const void *data, size_t bytes);

enum io_durability {
	IO_VOLATILE, /* survives the death of processes */
	IO_DURABLE,  /* fsync of the file and its directory: survives the loss of power as well */
};

/*
 * Replaces `path` whole: a reader sees the old text or the new text, and after a failure (a full
 * disk) the old text stays whole and no temporary file is left. A writer that is killed leaves at
 * most ".NAME.new" beside it, which the next writer or io_remove_file() removes. Writers of one
 * file take turns by a lock of theirs. `mode` is subject to the umask.
 */
int io_replace_file(int dirfd, const char *path, mode_t mode, enum io_durability durability,
		    const char *text, size_t bytes, struct err *e);

/* Removes a file of io_replace_file(), and what a killed writer left. Success when there is none.
 */
int io_remove_file(int dirfd, const char *path, struct err *e);

/*
 * Removes `path` and all that is below it, without following links and without crossing mounts
 * (-EXDEV or -EBUSY: nothing below the mount point was touched). Success when there is nothing.
 * The last component of `path` and all below it may be hostile, what leads there is trusted.
 * Bounded descriptors (about 50) and stack, at any depth.
 */
int io_remove_tree(int dirfd, const char *path, struct err *e);
