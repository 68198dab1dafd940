/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All promises of this instance: RUN/ledger, one JSON file, under lock_ledger(). Entered before a
 * machine starts, left when it has ended.
 */
#pragma once

#include "base/err.h"
#include "model/grant.h"
#include "model/settings.h"

/* An absent file is an empty ledger. Caller: ledger_done(). Readers need no lock. */
int ledger_load(const struct settings *s, struct ledger *ret_ledger, struct err *e);

/* Replaces or adds one entry, removes one; the caller holds lock_ledger(). */
int ledger_put(const struct settings *s, const struct grant *grant, struct err *e);
int ledger_remove(const struct settings *s, const char *name, struct err *e);

/* NULL when there is none. Borrowed. */
const struct grant *ledger_find(const struct ledger *ledger, const char *name);

void ledger_done(struct ledger *ledger);
#define _cleanup_ledger_ __attribute__((cleanup(ledger_done)))
