/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image.ini <-> what an image says about itself. Pure text work.
 *
 *   [image]  command, argument, environment, user, directory, init (auto|systemd|sysv|command),
 *            source, created (2026-11-21T00:05:40.123456Z), size
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "model/spec.h"

struct image {
	const char *name;
	const char *const *command; /* may be empty */
	const char *const *env;
	const char *user; /* NULL: not given; so are cwd and source */
	const char *cwd;
	enum spec_init init;
	const char *source;    /* "debian:12", a path, "-" */
	uint64_t created_usec; /* CLOCK_REALTIME */
	uint64_t size_bytes;   /* apparent size of the files, hard links counted once */
};

/* `name` is not in the file: the caller sets it (it is NULL then). */
int image_ini_parse(const char *file, const char *text, size_t bytes, struct arena *a,
		    struct image *ret_image, struct err *e);
void image_ini_print(const struct image *image, struct strbuf *out);
