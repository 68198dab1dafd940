/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/rebalance.h"

#include "base/cleanup.h"
#include "guarantee/admission.h"
#include "guarantee/weights.h"
#include "resource/cgroup.h"
#include "state/ledger.h"
#include "state/lock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void static_weights(const struct host *host, const struct ledger *ledger,
			   struct claim *claims, uint32_t *ppm)
{
	struct admission_room room;

	admission_cpu_room(host, ledger, &room);
	for (size_t i = 0; i < ledger->count; i++)
		claims[i] = ledger->entries[i].cpu;
	weights_static(room.total, claims, ppm, ledger->count);
}

uint32_t machine_static_weight(const struct host *host, const struct ledger *ledger,
			       const struct grant *grant)
{
	struct ledger with = {.count = 0};
	_cleanup_free_ struct claim *claims = NULL;
	_cleanup_free_ uint32_t *ppm = NULL;
	size_t n = ledger->count + 1;
	uint32_t own;

	with.entries = calloc(n, sizeof(*with.entries));
	claims = calloc(n, sizeof(*claims));
	ppm = calloc(n, sizeof(*ppm));
	if (!with.entries || !claims || !ppm)
		abort();
	for (size_t i = 0; i < ledger->count; i++) {
		if (strcmp(ledger->entries[i].name, grant->name) != 0)
			with.entries[with.count++] = ledger->entries[i];
	}
	with.entries[with.count++] = *grant;
	static_weights(host, &with, claims, ppm);
	own = ppm[with.count - 1];
	free(with.entries);
	return own;
}

void machine_rebalance(const struct settings *s, const struct host *host)
{
	_cleanup_ledger_ struct ledger ledger = {.count = 0};
	_cleanup_free_ struct claim *claims = NULL;
	_cleanup_free_ uint32_t *ppm = NULL;
	_cleanup_fd_ int lock = -EBADF;

	/* The governor holds it for as long as it lives. */
	if (lock_governor(s, LOCK_TRY, &lock, NULL) < 0 || ledger_load(s, &ledger, NULL) < 0 ||
	    ledger.count == 0)
		return;
	claims = calloc(ledger.count, sizeof(*claims));
	ppm = calloc(ledger.count, sizeof(*ppm));
	if (!claims || !ppm)
		abort();
	static_weights(host, &ledger, claims, ppm);
	for (size_t i = 0; i < ledger.count; i++) {
		struct cgroup_meter meter;
		char path[HOST_PATH_MAX];

		if (cgroup_meter_open(cgroup_path(s, host, ledger.entries[i].name, path), host,
				      &meter, NULL) < 0)
			continue;
		(void)cgroup_meter_set_weight(&meter, ppm[i], NULL);
		cgroup_meter_close(&meter);
	}
}
