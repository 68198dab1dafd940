/* SPDX-License-Identifier: Apache-2.0 */
#include "base/program.h"

#include "build_config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const places[] = {"", "../keeper/", "../init/", "../storage/unpack/",
				     "../../src/storage/unpack/"};

static int own_directory(char directory[static PROGRAM_PATH_MAX], struct err *e)
{
	ssize_t n = readlink("/proc/self/exe", directory, PROGRAM_PATH_MAX - 1);
	char *slash;

	if (n < 0)
		return err_sys(e, -errno, "read /proc/self/exe");
	directory[n] = '\0';
	slash = strrchr(directory, '/');
	if (!slash)
		return err_set(e, ERR_HOST, -ENOENT, "/proc/self/exe is not a path: %s", directory);
	*slash = '\0';
	return 0;
}

int program_find(const char *name, char ret_path[static PROGRAM_PATH_MAX], struct err *e)
{
	char directory[PROGRAM_PATH_MAX];
	char path[PROGRAM_PATH_MAX];
	int r = own_directory(directory, e);

	if (r < 0)
		return r;
	for (size_t i = 0; i <= sizeof(places) / sizeof(places[0]); i++) {
		int n = i < sizeof(places) / sizeof(places[0])
				? snprintf(path, sizeof(path), "%s/%s%s", directory, places[i],
					   name)
				: snprintf(path, sizeof(path), "%s/%s", BULKHEAD_LIBEXECDIR, name);

		if (n > 0 && (size_t)n < sizeof(path) && access(path, X_OK) == 0) {
			memcpy(ret_path, path, (size_t)n + 1);
			return 0;
		}
	}
	return err_set(e, ERR_HOST, -ENOENT,
		       "program %s is neither beside %s nor in %s: install it", name, directory,
		       BULKHEAD_LIBEXECDIR);
}
