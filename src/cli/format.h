/* SPDX-License-Identifier: Apache-2.0 */
/* Quantities, rounded, for people; exact spellings are base/units.h. Pure; each returns buffer. */
#pragma once

#include "base/arena.h"
#include "model/record.h"
#include "model/spec.h"

#include <stdint.h>

#define FORMAT_MAX 64

/* "1.5G"; "none" for UNIT_NONE. */
const char *format_bytes(uint64_t bytes, char buffer[static FORMAT_MAX]);
/* CPUs: "0.62". */
const char *format_cpus(uint64_t millicpus, char buffer[static FORMAT_MAX]);
/* "42s", "3min 10s", "5h 2min", "9d 4h". */
const char *format_duration(uint64_t usec, char buffer[static FORMAT_MAX]);
/* CLOCK_REALTIME as local time, "2026-11-21 09:30:05". */
const char *format_time(uint64_t usec, char buffer[static FORMAT_MAX]);
/* "code 0", "signal 9 (KILL)", "unknown", "" when it never ended. */
const char *format_exit(const struct exit_status *exit, char buffer[static FORMAT_MAX]);

/* What a machine or an image chose is hostile to terminals: control characters and what is not
 * UTF-8 become '?'. NULL becomes "". */
const char *format_safe(struct arena *a, const char *text);

/* A vector as one line that a shell would read back. */
const char *format_command(struct arena *a, const char *const *argv);
