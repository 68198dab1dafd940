/* SPDX-License-Identifier: Apache-2.0 */
/* What goes to stderr: errors, warnings, a progress line. Only the program prints. */
#pragma once

#include "cli/verb.h"

#include <stdint.h>

/* "bulkhead: start web: ...", what is missing of it put before the message. `name` may be NULL. */
void report_error(const struct call *c, const char *name, const struct err *e);
void report_warning(const struct call *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* With --debug only: milliseconds since the program started, and the text. */
void report_debug(const struct call *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * A line on the terminal that is replaced by the next one; nothing where stderr is no terminal or
 * with --quiet. An image_progress_fn; `data` is the call. progress_end() clears the line.
 */
void report_progress(const char *what, uint64_t done, uint64_t total, void *data);
void report_progress_end(const struct call *c);
