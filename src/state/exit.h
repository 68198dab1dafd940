/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RUN/machines/NAME/exit: how a machine ended, kept until its next start. One short line ("code 0
 * USEC", "signal 9 USEC", "unknown USEC"), written by the keeper, which parses nothing.
 */
#pragma once

#include "base/err.h"
#include "model/record.h"
#include "model/settings.h"

int exit_write(const struct settings *s, const char *name, const struct exit_status *status,
	       struct err *e);
/* -ENOENT when it did not end yet (or never ran). */
int exit_read(const struct settings *s, const char *name, struct exit_status *ret, struct err *e);
int exit_remove(const struct settings *s, const char *name, struct err *e);
