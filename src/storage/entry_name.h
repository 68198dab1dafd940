/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which names an archive may ask for: relative, below the root, never through "..". Pure; fuzzed by
 * tests/fuzz/entry_name.c. That no link is followed on the way is the writer's part (openat2).
 */
#pragma once

#include <stddef.h>

#define ENTRY_PATH_MAX 4096 /* with the terminator */
#define ENTRY_NAME_MAX 255  /* one component */
#define ENTRY_DEPTH_MAX 128 /* components */
#define ENTRY_SHOWN_MAX 200

/*
 * Writes the canonical form of `name` ("./a//b/" is "a/b"; "." and "./" are "", the root itself).
 * Returns 0, or -EINVAL with *ret_reason set to a constant text that completes the sentence
 * "entry X ...". `name` may be NULL (a name that the archive's charset does not allow).
 */
int entry_name_clean(const char *name, char ret_path[static ENTRY_PATH_MAX],
		     const char **ret_reason);

/* `name` for a message: cut, and nothing in it that a terminal would obey. Returns `buffer`. */
const char *entry_name_show(const char *name, char buffer[static ENTRY_SHOWN_MAX]);
