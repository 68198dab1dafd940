/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the project's other programs are: bulkheadd, bulkhead-init, bulkhead-unpack.
 */
#pragma once

#include "base/err.h"

#define PROGRAM_PATH_MAX 512

/*
 * Looks beside the running program, then (a build tree) in its sibling folders "../keeper",
 * "../init", "../storage/unpack", then in the libexec directory. -ENOENT names where it looked.
 */
int program_find(const char *name, char ret_path[static PROGRAM_PATH_MAX], struct err *e);
