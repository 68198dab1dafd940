/* SPDX-License-Identifier: Apache-2.0 */
#include "guarantee/admission.h"

#include "base/cleanup.h"
#include "base/units.h"
#include "guarantee/cpu_flow.h"
#include "guarantee/quality.h"
#include "guarantee/refusal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t cpu_held(const struct grant *grant)
{
	return grant->cpu.reserve;
}

static uint64_t memory_held(const struct grant *grant)
{
	return grant->memory_reserve_bytes;
}

static uint64_t add_saturated(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t subtract_saturated(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* `without`: a name that does not count, or NULL. */
static struct admission_room room_make(uint64_t total, const struct ledger *ledger,
				       uint64_t (*held)(const struct grant *), const char *without)
{
	struct admission_room room = {.total = total};

	for (size_t i = 0; i < ledger->count; i++) {
		const struct grant *grant = &ledger->entries[i];

		if (!without || strcmp(grant->name, without) != 0)
			room.promised = add_saturated(room.promised, held(grant));
	}
	room.left = subtract_saturated(room.total, room.promised);
	return room;
}

static uint64_t cpu_total(const struct host *host)
{
	return subtract_saturated(host->capacity.cpu_millicpus, host->capacity.cpu_reserved);
}

static uint64_t memory_total(const struct host *host)
{
	return subtract_saturated(host->capacity.memory_bytes, host->capacity.memory_reserved);
}

void admission_cpu_room(const struct host *host, const struct ledger *ledger,
			struct admission_room *ret)
{
	*ret = room_make(cpu_total(host), ledger, cpu_held, NULL);
}

void admission_memory_room(const struct host *host, const struct ledger *ledger,
			   struct admission_room *ret)
{
	*ret = room_make(memory_total(host), ledger, memory_held, NULL);
}

static struct grant grant_make(const struct spec *spec, const struct host *host)
{
	struct grant grant = {
		.cpu = spec->cpu.claim,
		.cpu_burst_usec = spec->cpu.burst_usec,
		.cpu_pinned = spec->cpu.pinned,
		.memory_reserve_bytes = spec->memory.reserve_bytes,
		.memory_limit_bytes = spec->memory.limit_bytes,
		.memory_swap_bytes = spec->memory.swap_bytes,
		.pids = spec->counts.pids,
	};

	(void)snprintf(grant.name, sizeof(grant.name), "%s", spec->name);
	if (spec->cpu.pinned)
		grant.cpus = spec->cpu.cpus;
	if (grant.cpu.share_milli == 0)
		grant.cpu.limit = grant.cpu.reserve;
	quality_mark(spec, host, &grant);
	return grant;
}

/* What is asked contradicts itself, whatever else runs. */
static int check_asked(const struct spec *spec, const struct host *host, struct err *e)
{
	char reserve[UNIT_TEXT_MAX], limit[UNIT_TEXT_MAX];
	cpu_set_t usable;

	if (spec->cpu.claim.reserve > spec->cpu.claim.limit)
		return err_set(e, ERR_INPUT, -EINVAL,
			       "%s: cpu.reserve %s is above cpu.limit %s: raise the limit or lower "
			       "the reservation",
			       spec->name, unit_print(UNIT_CPU, spec->cpu.claim.reserve, reserve),
			       unit_print(UNIT_CPU, spec->cpu.claim.limit, limit));
	if (spec->memory.reserve_bytes > spec->memory.limit_bytes)
		return err_set(e, ERR_INPUT, -EINVAL,
			       "%s: memory.reserve %s is above memory.limit %s: raise the limit or "
			       "lower the reservation",
			       spec->name,
			       unit_print(UNIT_BYTES, spec->memory.reserve_bytes, reserve),
			       unit_print(UNIT_BYTES, spec->memory.limit_bytes, limit));
	CPU_AND(&usable, &spec->cpu.cpus, &host->capacity.cpus);
	if (spec->cpu.pinned && (CPU_COUNT(&usable) == 0 || !CPU_EQUAL(&usable, &spec->cpu.cpus)))
		return err_set(
			e, ERR_INPUT, -EINVAL,
			"%s: cpu.cpus names %d CPUs, of which machines may use only %d on this "
			"host: see 'bulkhead capacity'",
			spec->name, CPU_COUNT(&spec->cpu.cpus), CPU_COUNT(&usable));
	return 0;
}

static struct cpu_demand demand_of(const struct grant *grant, const struct host *host)
{
	struct cpu_demand demand = {.reserve = grant->cpu.reserve, .cpus = host->capacity.cpus};

	if (grant->cpu_pinned)
		CPU_AND(&demand.cpus, &grant->cpus, &host->capacity.cpus);
	return demand;
}

/* How many millicpus are missing on the CPUs that machines are pinned to; 0 when none is. */
static uint64_t pinned_missing(const struct grant *grant, const struct host *host,
			       const struct ledger *ledger)
{
	_cleanup_free_ struct cpu_demand *demands = calloc(ledger->count + 1, sizeof(*demands));
	bool is_any_pinned = grant->cpu_pinned;
	size_t count = 0;

	if (!demands)
		abort();
	demands[count++] = demand_of(grant, host);
	for (size_t i = 0; i < ledger->count; i++) {
		const struct grant *other = &ledger->entries[i];

		if (other->cpu.reserve == 0 || strcmp(other->name, grant->name) == 0)
			continue;
		is_any_pinned |= other->cpu_pinned;
		demands[count++] = demand_of(other, host);
	}
	if (!is_any_pinned)
		return 0;
	return cpu_flow_missing(host->capacity.cpu_millicpus, &host->capacity.cpus, demands, count);
}

static int cpu_decide(const struct grant *grant, const struct host *host,
		      const struct ledger *ledger, struct err *e)
{
	struct refusal refusal = {
		.name = grant->name,
		.resource = "cpu",
		.noun = " CPUs",
		.where = "",
		.unit = UNIT_CPU,
		.asked = grant->cpu.reserve,
		.room = room_make(cpu_total(host), ledger, cpu_held, grant->name),
		.held = cpu_held,
	};
	uint64_t missing;

	/* Who asks for nothing takes nothing, even where too much is promised already. */
	if (refusal.asked == 0)
		return 0;
	if (refusal.asked > refusal.room.left)
		return refusal_set(&refusal, ledger, e);
	missing = pinned_missing(grant, host, ledger);
	if (missing == 0)
		return 0;
	refusal.where = grant->cpu_pinned ? " on its CPUs" : " beside pinned machines";
	refusal.room.left = subtract_saturated(refusal.asked, missing);
	return refusal_set(&refusal, ledger, e);
}

static int memory_decide(const struct grant *grant, const struct host *host,
			 const struct ledger *ledger, struct err *e)
{
	const struct refusal refusal = {
		.name = grant->name,
		.resource = "memory",
		.noun = "",
		.where = "",
		.unit = UNIT_BYTES,
		.asked = grant->memory_reserve_bytes,
		.room = room_make(memory_total(host), ledger, memory_held, grant->name),
		.held = memory_held,
	};

	if (refusal.asked <= refusal.room.left || refusal.asked == 0)
		return 0;
	return refusal_set(&refusal, ledger, e);
}

int admission_decide(const struct spec *spec, const struct host *host, const struct ledger *ledger,
		     struct grant *ret_grant, struct err *e)
{
	struct grant grant;
	int r = check_asked(spec, host, e);

	if (r < 0)
		return r;
	grant = grant_make(spec, host);
	r = quality_check(spec, &grant, e);
	if (r == 0)
		r = cpu_decide(&grant, host, ledger, e);
	if (r == 0)
		r = memory_decide(&grant, host, ledger, e);
	if (r == 0)
		*ret_grant = grant;
	return r;
}
