/* SPDX-License-Identifier: Apache-2.0 */
/* Points in time as --since takes them. Pure but for the clock. */
#pragma once

#include "base/err.h"

#include <stdint.h>

/* "90s", "2h" before now; "09:30", "2026-11-21", "2026-11-21 09:30:05" local. CLOCK_REALTIME. */
int moment_parse(const char *option, const char *text, uint64_t *ret_usec, struct err *e);
