/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images below ROOT/images. Import writes to a directory beside the final one and renames it at the
 * end: an image is there whole or not at all. Whatever is unpacked is hostile: the unpacker is a
 * child in a mount and user-visible jail of its own (chroot, no capabilities but the ones for
 * owning files), names go through openat2 below the new root, and counts and sizes have limits.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "config/image_ini.h"
#include "model/settings.h"

/* Told now and then; `total` 0 when not known. May be NULL. */
typedef void image_progress_fn(const char *what, uint64_t done, uint64_t total, void *data);

struct image_request {
	const char *name;   /* NULL: derived from the source */
	const char *source; /* file, directory, "-", or for build "debian:12" | "busybox" */
	bool replace;
	image_progress_fn *progress;
	void *progress_data;
};

int image_import(const struct settings *s, const struct image_request *r, struct err *e);
/* mmdebstrap, minimal variant; "busybox" makes one from busybox-static without any mirror. */
int image_build(const struct settings *s, const struct image_request *r, struct err *e);
/* -ENOENT names what exists. */
int image_load(const struct settings *s, const char *name, struct arena *a, struct image *ret,
	       struct err *e);
int image_foreach(const struct settings *s, int (*each)(const char *name, void *data), void *data,
		  struct err *e);
/* ERR_INPUT with -EBUSY while a machine's definition names it. */
int image_delete(const struct settings *s, const char *name, struct err *e);
