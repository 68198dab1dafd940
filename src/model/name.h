/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of machines and images: [a-z0-9][a-z0-9-]{0,62}. They become file names, cgroup names and
 * host names, so nothing else is ever accepted. Pure.
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>

#define NAME_LENGTH_MAX 63

bool name_is_valid(const char *name);

/* ERR_INPUT that names the rule; `what` is "machine" or "image". */
int name_check(const char *what, const char *name, struct err *e);
