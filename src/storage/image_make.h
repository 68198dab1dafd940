/* SPDX-License-Identifier: Apache-2.0 */
/* What import and build share: the beginning and the end of making an image. */
#pragma once

#include "storage/image.h"
#include "storage/staging.h"
#include "storage/unpacker.h"

struct image_making {
	const struct settings *settings;
	const struct image_request *request;
	struct arena arena;
	const char *name;
	struct staging staging;
	struct unpack_report totals;
};

#define IMAGE_MAKING_INIT ((struct image_making){.staging = STAGING_INIT})
#define _cleanup_making_ __attribute__((cleanup(image_make_done)))

/* The name is valid, free or replaceable; a staging directory is there. */
int image_make_begin(struct image_making *m, const struct settings *s,
		     const struct image_request *r, struct err *e);

/* Looks at the root file system, writes image.ini, makes the image visible. */
int image_make_finish(struct image_making *m, struct err *e);

void image_make_done(struct image_making *m);

void image_tell(const struct image_request *r, const char *what, uint64_t done, uint64_t total);

/* 0, or -EBUSY with the machine named. A machine file that cannot be read counts as a user. */
int image_check_unused(const struct settings *s, const char *name, struct err *e);
