/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RUN/events: what happened, one JSON object per line, appended with one O_APPEND write each, so
 * that every process may write and lines never mix. Rotated at 1 MiB (events.1).
 *   {"time":1732147200.123456,"machine":"web","event":"start","detail":"..."}
 */
#pragma once

#include "model/settings.h"

/* Best effort: an event that cannot be written stops nothing. `detail` may be NULL. */
void event_append(const struct settings *s, const char *machine, const char *event,
		  const char *detail);
