/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every change of a machine begins here: its lock, and what an earlier crash left is undone.
 */
#pragma once

#include "base/err.h"
#include "model/host.h"
#include "model/op_context.h"
#include "model/record.h"
#include "model/settings.h"

/*
 * Takes the machine's lock into ctx->machine_lock, undoes intents that nobody holds any more, and
 * cleans up after an init that has ended without anybody noticing.
 */
int machine_begin(const struct settings *s, const struct host *host, const char *name,
		  struct op_context *ctx, struct err *e);

/* The record of a running machine; -ENOENT when it does not run. */
int machine_running_record(const struct settings *s, const char *name, struct record *ret_record,
			   struct err *e);

/* Undo of the start and, for an ephemeral machine, its deletion. The caller holds the lock. */
int machine_clean_locked(const char *name, struct op_context *ctx, struct err *e);

/* The caller holds the lock; the machine does not run. */
int machine_delete_locked(const char *name, struct op_context *ctx, struct err *e);
