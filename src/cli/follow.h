/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that grows and is rotated by rename: console.log, events. What was read stays read: after
 * a rotation the rest of the old file comes first, then the new one. A file that does not exist yet
 * is waited for.
 */
#pragma once

#include "base/err.h"
#include "model/paths.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct follow {
	char path[PATHS_MAX];
	int fd;      /* -EBADF: not there yet */
	int inotify; /* poll it; readable when something may have changed. -EBADF: poll by time */
};

#define FOLLOW_INIT ((struct follow){.fd = -EBADF, .inotify = -EBADF})
#define FOLLOW_POLL_MSEC 100

/* Without `watch` nothing is waited for: inotify stays -EBADF. */
int follow_open(struct follow *f, const char *path, bool watch, struct err *e);

/* Bytes read; 0: nothing now; -errno. */
ssize_t follow_read(struct follow *f, char *buffer, size_t bytes);

/* Takes the notifications, so that inotify is quiet again. */
void follow_acknowledge(struct follow *f);

void follow_done(struct follow *f);
#define _cleanup_follow_ __attribute__((cleanup(follow_done)))
