/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc_pid_mountinfo(5). Pure text work.
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct mountinfo_line {
	int id;
	int parent;
	const char *root;    /* below the file system's own root */
	const char *point;   /* the mount point, escapes resolved */
	const char *options; /* of the mount: "rw,nosuid" */
	const char *type;
	const char *super; /* options of the file system */
};

struct mountinfo {
	struct mountinfo_line *lines;
	size_t count;
	char *text; /* a copy, which the lines point into */
};

#define MOUNTINFO_INIT ((struct mountinfo){.lines = NULL})
#define _cleanup_mountinfo_ __attribute__((cleanup(mountinfo_done)))

/* -EBADMSG names the line that was not understood. */
int mountinfo_parse(const char *text, struct mountinfo *ret, struct err *e);

/* Whether another mount lies over this one or over a directory on the way to it. */
bool mountinfo_is_covered(const struct mountinfo *m, const struct mountinfo_line *line);

void mountinfo_done(struct mountinfo *m);
