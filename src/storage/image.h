/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images below ROOT/images, each in a directory that only root enters (0700): images hold setuid
 * files that the host's users must not reach.
 *
 * Import writes to a directory beside the final one and renames it at the end: an image is there
 * whole or not at all. Whatever is unpacked is hostile: it goes through bulkhead-unpack
 * (unpack/jail.h), names through openat2 below the new root, and counts and sizes have limits.
 * What a killed import leaves is removed by the next call that makes or deletes an image.
 *
 * What is not kept of a source: device nodes and sockets (a machine gets its own /dev), extended
 * attributes but user.* and security.capability, access control lists. Owners outside of 0 to 65535
 * are refused.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "config/image_ini.h"
#include "model/settings.h"

#include <stdbool.h>
#include <stdint.h>

/* Told now and then; `total` 0 when not known. `what` is "import" (bytes) or a step of a build. */
typedef void image_progress_fn(const char *what, uint64_t done, uint64_t total, void *data);

struct image_request {
	const char *name;   /* NULL: derived from the source */
	const char *source; /* file, directory, "-", or for build "debian:12" | "busybox" */
	const char *const *packages; /* build: more Debian packages, NULL-terminated; may be NULL */
	bool replace;
	uint64_t bytes_max;	     /* of all files together; 0: 64 GiB */
	image_progress_fn *progress; /* may be NULL */
	void *progress_data;
};

/*
 * A directory (copied: owners, modes, times, hard links, holes), or a tar archive, compressed or
 * not, from a file or standard input ("-": a name is needed). ERR_INPUT: -EEXIST without `replace`,
 * -EBUSY while a machine uses the image that is to be replaced, -EBADMSG for a damaged archive,
 * -ENOEXEC for what is not a root file system.
 */
int image_import(const struct settings *s, const struct image_request *r, struct err *e);

/*
 * "debian:12", "debian:bookworm": mmdebstrap's minimal variant with apt, from the mirrors that this
 * host's apt uses. "busybox": made from busybox-static, without any mirror.
 */
int image_build(const struct settings *s, const struct image_request *r, struct err *e);

/* "./Debian_12.tar.gz" is "debian-12"; NULL when nothing is left. */
const char *image_name_from_source(struct arena *a, const char *source);

/* -ENOENT names what exists. */
int image_load(const struct settings *s, const char *name, struct arena *a, struct image *ret,
	       struct err *e);

/* In the order of the directory. Stops at the first non-zero return and gives it back. */
int image_foreach(const struct settings *s, int (*each)(const char *name, void *data), void *data,
		  struct err *e);

/* ERR_INPUT with -EBUSY while a machine's definition names it. */
int image_delete(const struct settings *s, const char *name, struct err *e);
