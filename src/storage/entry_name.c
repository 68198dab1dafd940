/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/entry_name.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int refuse(const char *reason, const char **ret_reason)
{
	*ret_reason = reason;
	return -EINVAL;
}

static bool component_is(const char *at, size_t length, const char *word)
{
	return length == strlen(word) && memcmp(at, word, length) == 0;
}

int entry_name_clean(const char *name, char ret_path[static ENTRY_PATH_MAX],
		     const char **ret_reason)
{
	char path[ENTRY_PATH_MAX];
	size_t used = 0;
	unsigned int depth = 0;

	if (!name || *name == '\0')
		return refuse("has no name", ret_reason);
	if (*name == '/')
		return refuse("has an absolute name", ret_reason);
	while (*name != '\0') {
		size_t length = strcspn(name, "/");

		if (component_is(name, length, ".."))
			return refuse("leads out of the image by \"..\"", ret_reason);
		if (length > ENTRY_NAME_MAX)
			return refuse("has a component longer than 255 bytes", ret_reason);
		if (length > 0 && !component_is(name, length, ".")) {
			if (++depth > ENTRY_DEPTH_MAX)
				return refuse("lies deeper than 128 directories", ret_reason);
			if (used + length + 2 > sizeof(path))
				return refuse("has a name longer than 4095 bytes", ret_reason);
			if (used > 0)
				path[used++] = '/';
			memcpy(path + used, name, length);
			used += length;
		}
		name += length;
		name += *name == '/';
	}
	path[used] = '\0';
	memcpy(ret_path, path, used + 1);
	return 0;
}

const char *entry_name_show(const char *name, char buffer[static ENTRY_SHOWN_MAX])
{
	size_t n = 0;

	if (!name)
		name = "(unnamed)";
	for (; name[n] != '\0' && n < ENTRY_SHOWN_MAX - 1; n++) {
		unsigned char c = (unsigned char)name[n];

		/* 0x80 to 0x9f are controls in some terminals, and parts of a character in UTF-8.
		 */
		buffer[n] = c < 0x20 || c >= 0x7f ? '?' : (char)c;
	}
	buffer[n] = '\0';
	if (name[n] != '\0')
		memcpy(buffer + n - 3, "...", 3);
	return buffer;
}
