/* SPDX-License-Identifier: Apache-2.0 */
/*
 * INI text, line by line, through inih: what every *.ini file of ours has in common. Pure.
 *
 * A line is `[section]`, `key = value`, empty, or a comment that begins with '#' or ';'. There are
 * no comments behind a value and no continued lines, so that a value is exactly what stands there;
 * blanks around it do not count. Lines may be as long as the file. Nothing is cut silently.
 */
#pragma once

#include "base/err.h"

#include <stddef.h>

#define INI_TEXT_MAX_BYTES 65536

struct ini_line {
	const char *file;
	unsigned int number; /* from 1 */
	const char *section;
	const char *key;   /* NULL: a section begins */
	const char *value; /* may be ""; borrowed until `each` returns */
};

struct ini_text {
	const char *file; /* for messages */
	const char *text; /* need not be terminated */
	size_t bytes;
	/* Called for every section and key; an error ends the walk and is given back. */
	int (*each)(const struct ini_line *line, void *data, struct err *e);
	void *data;
};

/*
 * ERR_INPUT with -EFBIG above INI_TEXT_MAX_BYTES, -EINVAL for a line that is none of the above
 * or a NUL in the text: "FILE:LINE: what is wrong". Sets inih's global switches, always to the same
 * values: not to be mixed with other users of inih.
 */
int ini_text_parse(const struct ini_text *t, struct err *e);
