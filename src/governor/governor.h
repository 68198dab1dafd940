/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The governor: samples what each machine used (every 100 ms), computes entitlements from who wants
 * something, rewrites weights, accounts for delivered against promised. Runs in a process of
 * bulkheadd of its own (keeper/governor_process.c drives it); if it dies the last weights stay.
 *
 * Policy (who is active, which demand) is pure and in governor/demand.h; this is the mechanism.
 */
#pragma once

#include "base/err.h"
#include "model/host.h"
#include "model/settings.h"
#include "model/usage.h"

struct governor;

#define GOVERNOR_PERIOD_USEC 100000u

int governor_new(const struct settings *s, const struct host *host, struct governor **ret_governor,
		 struct err *e);
void governor_free(struct governor *g);

/* Looks at the ledger again (its inode and mtime tell whether it changed): machines that came, went
 * or were set. Cheap when nothing changed. */
int governor_refresh(struct governor *g, struct err *e);

/* One period: sample, entitle, adjust, account. No allocation in the steady state. */
int governor_step(struct governor *g, uint64_t now_usec, struct err *e);

/*
 * Accounts of all machines, for `show` and `top`: written to RUN/accounts, a file of fixed-size
 * struct account records that readers map (updated in place every period).
 */
int accounts_read(const struct settings *s, const char *name, struct account *ret, struct err *e);
