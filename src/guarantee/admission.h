/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a promise fits. Pure: the caller holds the ledger's lock and has loaded it.
 *
 * CPU: the sum of the reservations never exceeds capacity - host's part; with pinned machines
 * (`cpus=`) also no set of machines may have reserved more than the CPUs that they can run on:
 * decided exactly, as a flow from machines to CPUs. Memory: the sum of reservations.
 */
#pragma once

#include "base/err.h"
#include "model/grant.h"
#include "model/host.h"

/* What is left of a resource, and what there is. In millicpus or bytes. */
struct admission_room {
	uint64_t total; /* capacity minus the host's part */
	uint64_t promised;
	uint64_t left;
};

/*
 * Makes the grant for `spec` when it fits beside `ledger` (an entry of the same name is ignored:
 * it is being replaced). ERR_REFUSED with -ENOSPC names the resource, what was asked, what is left,
 * who holds the rest (largest first) and the remedy. A promise that this host can only try to keep
 * is marked in the grant; with spec->require it is ERR_HOST.
 */
int admission_decide(const struct spec *spec, const struct host *host, const struct ledger *ledger,
		     struct grant *ret_grant, struct err *e);

void admission_cpu_room(const struct host *host, const struct ledger *ledger,
			struct admission_room *ret);
void admission_memory_room(const struct host *host, const struct ledger *ledger,
			   struct admission_room *ret);
