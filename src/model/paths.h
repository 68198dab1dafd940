/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layout below --root and --run, in one place. Pure; each writes a path into a buffer.
 *
 *   ROOT/images/NAME/rootfs            plain ids, read-only by convention
 *   ROOT/images/NAME/image.ini         command, environment, user, init kind, source
 *   ROOT/machines/NAME/machine.ini     the definition
 *   ROOT/machines/NAME/{upper,work}    the writable layer
 *   ROOT/machines/NAME/console.log     and console.log.1
 *   ROOT/ids                           id ranges
 *   ROOT/capacity.ini                  declared capacity and the host's part
 *   RUN/locks/ RUN/journal/ RUN/ledger
 *   RUN/machines/NAME/                 exit (the last status), usage
 *   RUN/events                         one JSON object per line
 *   RUN/keeper.sock RUN/accounts
 */
#pragma once

#include "base/err.h"
#include "model/settings.h"

#define PATHS_MAX 512

/* settings from --root, --run and the environment; either may be NULL. ERR_INPUT: not absolute. */
int paths_settings(const char *root, const char *run, struct settings *ret, struct err *e);

/* "ROOT/machines/NAME" + "/" + file; file may be NULL. Returns buffer. */
const char *paths_machine(const struct settings *s, const char *name, const char *file,
			  char buffer[static PATHS_MAX]);
const char *paths_image(const struct settings *s, const char *name, const char *file,
			char buffer[static PATHS_MAX]);
const char *paths_runtime(const struct settings *s, const char *name, const char *file,
			  char buffer[static PATHS_MAX]);
const char *paths_root(const struct settings *s, const char *file, char buffer[static PATHS_MAX]);
const char *paths_run(const struct settings *s, const char *file, char buffer[static PATHS_MAX]);

/* Makes the directories of both trees, mode 0700 for RUN and 0711 for ROOT. */
int paths_make(const struct settings *s, struct err *e);
