/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How machines end. Each init is a child of the keeper (its worker is gone, and the keeper is a
 * subreaper); after a keeper's death, of the governor when that is an ancestor, else of PID 1. Both
 * processes note in the table how a child of theirs ended BEFORE they reap it, so that the status
 * lives on in one of the two places at every moment.
 */
#pragma once

#include "base/err.h"
#include "keeper/table.h"

/* Reaps all of this process's children that have ended. */
void ending_reap(struct table *t);

/*
 * How the init of `slot` ended: 0 and *ret; -EAGAIN: it has not; -ENODATA: nobody has told yet, and
 * the kernel does not.
 */
int ending_status(struct table *t, uint32_t slot, int pidfd, struct exit_status *ret);

/* The process connector, where the kernel does not tell and machines are not our descendants. */
void ending_events(struct table *t, int connector);
