/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registry of id ranges: ROOT/ids, one line "BASE NAME" per range of 65536 ids, under
 * lock_idrange(). Ranges lie in 0x10000000..0x7fff0000 (above what distributions hand out, as
 * systemd's UIDS-GIDS document lays the id space out), are aligned to 65536, and keep clear of
 * every range in /etc/subuid and /etc/subgid that is not "bulkhead"'s; when "bulkhead" has lines
 * there, only those are used. A range is given back only after the machine's files are gone.
 */
#pragma once

#include "base/err.h"
#include "model/settings.h"

#include <stddef.h>
#include <stdint.h>

#define IDRANGE_COUNT 65536u

/* Chooses a free base; writes nothing. The caller holds lock_idrange() until idrange_take(). */
int idrange_choose(const struct settings *s, uint32_t *ret_base, struct err *e);

/* Enters it, durably. -EEXIST when it is another's. Idempotent for the same name. */
int idrange_take(const struct settings *s, const char *name, uint32_t base, struct err *e);

/* Success when there is none. */
int idrange_release(const struct settings *s, const char *name, struct err *e);

/* -ENOENT when the machine has none. */
int idrange_find(const struct settings *s, const char *name, uint32_t *ret_base, struct err *e);
