/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records, grants and ledgers <-> JSON text. Reading is strict: a truncated text, an unknown kind
 * of operation or a value out of range is -EBADMSG, naming the file. Operations are printed by name
 * (model/plan.h: op_kind_name).
 */
#pragma once

#include "base/err.h"
#include "base/strbuf.h"
#include "model/grant.h"
#include "model/record.h"

/* "create", "start", "delete"; NULL or RECORD_TRANSACTION_UNSET when there is none. */
const char *record_transaction_name(enum record_transaction transaction);
enum record_transaction record_transaction_find(const char *name);

void record_json_print(const struct record *record, struct strbuf *out);
int record_json_parse(const char *file, const char *text, size_t bytes, struct record *ret_record,
		      struct err *e);
void record_done(struct record *record);
#define _cleanup_record_ __attribute__((cleanup(record_done)))

void ledger_json_print(const struct ledger *ledger, struct strbuf *out);
/* Entries are malloc()ed; caller: free() (state/ledger.h: ledger_done()). */
int ledger_json_parse(const char *file, const char *text, size_t bytes, struct ledger *ret_ledger,
		      struct err *e);
