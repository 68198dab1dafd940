/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image while it is made: ROOT/images/.NAME.XXXXXX, locked (flock(2)) as long as its maker
 * lives, so that others can tell what a killed import left from what is being made.
 */
#pragma once

#include "base/err.h"
#include "model/settings.h"

#include <stdbool.h>

#define STAGING_NAME_MAX 80

struct staging {
	int images;    /* ROOT/images */
	int directory; /* holds the lock */
	int rootfs;
	char name[STAGING_NAME_MAX]; /* "" once committed */
};

#define STAGING_INIT ((struct staging){.images = -EBADF, .directory = -EBADF, .rootfs = -EBADF})
#define _cleanup_staging_ __attribute__((cleanup(staging_done)))

/* Removes what dead makers left; makes a directory for `image` with an empty rootfs in it. */
int staging_open(const struct settings *s, const char *image, struct staging *ret, struct err *e);

/* Durable, then visible as `image`. With `replace` the old one is swapped out and removed. */
int staging_commit(struct staging *st, const char *image, bool replace, struct err *e);

/* Takes an image out of sight in one step, then removes it. -ENOENT. */
int staging_remove_image(const struct settings *s, const char *image, struct err *e);

/* Removes what was not committed. */
void staging_done(struct staging *st);
