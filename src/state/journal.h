/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records on disk: RUN/journal/NAME.{create,start,delete} (model/record.h). One writer: the holder
 * of the machine's lock. Text in config/record_json.h; replaced atomically, so that a full disk
 * leaves the old record whole; a truncated one is detected and reported, never half believed.
 */
#pragma once

#include "base/err.h"
#include "model/record.h"
#include "model/settings.h"

#include <stdbool.h>

int journal_write(const struct settings *s, const struct record *record, struct err *e);

/* -ENOENT when there is none. Caller: record_done(). */
int journal_read(const struct settings *s, const char *name, enum record_transaction transaction,
		 struct record *ret_record, struct err *e);

/* Success when there is none. */
int journal_remove(const struct settings *s, const char *name, enum record_transaction transaction,
		   struct err *e);

/* Calls `each` for every entry; stops at the first non-zero return and gives it back. */
int journal_foreach(const struct settings *s,
		    int (*each)(const char *name, enum record_transaction transaction, void *data),
		    void *data, struct err *e);
