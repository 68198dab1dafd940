/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image.ini <-> what an image says about itself. Pure text work.
 *
 *   [image]  command, environment, user, directory, init (systemd|sysv|command), source, created,
 *            size
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
	const char *user;
	const char *cwd;
	enum spec_init init;
	const char *source;    /* "debian:12", a path, "-" */
	uint64_t created_usec; /* CLOCK_REALTIME */
	uint64_t size_bytes;   /* apparent size of the files, hard links counted once */
};

int image_ini_parse(const char *file, const char *text, size_t bytes, struct arena *a,
		    struct image *ret_image, struct err *e);
void image_ini_print(const struct image *image, struct strbuf *out);
