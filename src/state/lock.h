/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flock(2) on small files below RUN/locks: released by the kernel when the holder dies.
 *
 * Order, to be free of deadlock: a machine's lock, then the ledger's or the id registry's. Never
 * two machines' locks. A child between clone and exec closes what it inherited first of all.
 */
#pragma once

#include "base/err.h"
#include "model/settings.h"

#include <stdbool.h>

enum lock_wait { LOCK_WAIT, LOCK_TRY };

/* One machine's transactions. LOCK_TRY: -EWOULDBLOCK when held. Owner closes the descriptor. */
int lock_machine(const struct settings *s, const char *name, enum lock_wait wait, int *ret_fd,
		 struct err *e);
/*
 * Removes the lock's file when the machine is gone for good. The caller holds the lock; whoever
 * waits for it then takes a new one.
 */
int lock_machine_remove(const struct settings *s, const char *name, struct err *e);

int lock_ledger(const struct settings *s, int *ret_fd, struct err *e);
/* Held by the governor for as long as it lives: whoever gets it knows that there is none. */
int lock_governor(const struct settings *s, enum lock_wait wait, int *ret_fd, struct err *e);
int lock_idrange(const struct settings *s, int *ret_fd, struct err *e);
