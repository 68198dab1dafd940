/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An instance of Bulkhead in the scratch directory: "./root" and "./run".
 */
#pragma once

#include "tests/unit/helper.h"

#include "model/paths.h"

static inline struct settings instance_make(const char *scratch)
{
	struct settings s;
	struct err e = ERR_INIT;
	char root[128], run[128];

	(void)snprintf(root, sizeof(root), "%s/root", scratch);
	(void)snprintf(run, sizeof(run), "%s/run", scratch);
	if (paths_settings(root, run, &s, &e) < 0 || paths_make(&s, &e) < 0)
		fail_msg("%s", e.message);
	return s;
}

/* A file with this text, whatever was there. */
static inline void file_make(const char *path, const char *text)
{
	struct err e = ERR_INIT;

	if (io_replace_file(AT_FDCWD, path, 0600, IO_VOLATILE, text, strlen(text), &e) < 0)
		fail_msg("%s", e.message);
}
