/* SPDX-License-Identifier: Apache-2.0 */
/* What is accepted is canonical: relative, below the root, and the same when cleaned again. */
#include "storage/entry_name.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int truth)
{
	if (!truth)
		abort();
}

static void check_canonical(const char *path)
{
	char copy[ENTRY_PATH_MAX];
	unsigned int depth = 0;
	char *save = NULL;

	check(strlen(path) < ENTRY_PATH_MAX);
	check(path[0] != '/' && strstr(path, "//") == NULL);
	check(path[0] == '\0' || path[strlen(path) - 1] != '/');
	memcpy(copy, path, strlen(path) + 1);
	for (char *c = strtok_r(copy, "/", &save); c; c = strtok_r(NULL, "/", &save)) {
		check(strcmp(c, ".") != 0 && strcmp(c, "..") != 0);
		check(strlen(c) <= ENTRY_NAME_MAX);
		check(++depth <= ENTRY_DEPTH_MAX);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[ENTRY_PATH_MAX], again[ENTRY_PATH_MAX], shown[ENTRY_SHOWN_MAX];
	const char *reason = NULL;
	char *name = malloc(size + 1);

	check(name != NULL);
	memcpy(name, data, size);
	name[size] = '\0';
	check(strlen(entry_name_show(name, shown)) < ENTRY_SHOWN_MAX);
	for (const char *c = shown; *c; c++)
		check(*c >= 0x20 && *c < 0x7f);
	if (entry_name_clean(name, path, &reason) == 0) {
		check_canonical(path);
		check(path[0] == '\0' || entry_name_clean(path, again, &reason) == 0);
		check(path[0] == '\0' || strcmp(path, again) == 0);
	} else {
		check(reason != NULL);
	}
	free(name);
	return 0;
}
