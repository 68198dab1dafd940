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

/* subuid(5), subgid(5): "NAME:FIRST:COUNT" per line; absent files and bad lines say nothing. */
struct idrange_sources {
	const char *subuid;
	const char *subgid;
};

/*
 * Chooses the lowest free base; writes nothing. The caller holds lock_idrange() until
 * idrange_take(). Bases that own the upper/ of any directory below ROOT/machines are not free.
 * ERR_HOST with -ENOSPC when all are taken (says which file to extend), -EBADMSG for a damaged
 * registry (names the line).
 */
int idrange_choose(const struct settings *s, uint32_t *ret_base, struct err *e);
/* The same with other files than /etc/subuid and /etc/subgid. */
int idrange_choose_beside(const struct settings *s, const struct idrange_sources *sources,
			  uint32_t *ret_base, struct err *e);

/* Enters it. -EEXIST when it is another's. Idempotent for the same name. */
int idrange_take(const struct settings *s, const char *name, uint32_t base, struct err *e);

/* Success when there is none. */
int idrange_release(const struct settings *s, const char *name, struct err *e);

/* -ENOENT when the machine has none. */
int idrange_find(const struct settings *s, const char *name, uint32_t *ret_base, struct err *e);
