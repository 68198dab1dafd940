/* SPDX-License-Identifier: Apache-2.0 */
#include "guarantee/quality.h"

#include "base/units.h"

#include <errno.h>
#include <stdio.h>

static bool is_absent(const struct host *host, enum cgroup_controller controller)
{
	return host->cgroups.controller[controller].version == CGROUP_ABSENT;
}

static void mark(struct grant_promise *promise, enum grant_quality quality, const char *reason)
{
	promise->quality = quality;
	(void)snprintf(promise->reason, sizeof(promise->reason), "%s", reason);
}

static void mark_cpu(const struct spec *spec, const struct host *host, struct grant_promise *p)
{
	if (is_absent(host, CGROUP_CPU))
		mark(p, GRANT_UNSUPPORTED, "no cpu controller: no reserve, share or limit");
	else if (spec->cpu.pinned && is_absent(host, CGROUP_CPUSET))
		mark(p, GRANT_UNSUPPORTED, "no cpuset controller: cpus does not hold");
	else if (spec->cpu.burst_usec > 0 && !host->kernel.cpu_burst)
		mark(p, GRANT_UNSUPPORTED, "no cpu burst in this kernel");
	else
		mark(p, GRANT_KEPT, "");
}

static void mark_memory(const struct spec *spec, const struct host *host, struct grant_promise *p)
{
	if (is_absent(host, CGROUP_MEMORY))
		mark(p, GRANT_UNSUPPORTED, "no memory controller: no reserve or limit");
	else if (spec->memory.swap_bytes != UNIT_NONE && !host->kernel.memory_swap)
		mark(p, GRANT_UNSUPPORTED, "swap is not counted on this host: no swap limit");
	else if (spec->memory.reserve_bytes > 0 &&
		 host->cgroups.controller[CGROUP_MEMORY].version == CGROUP_V1)
		mark(p, GRANT_BEST_EFFORT, "memory is on cgroup v1");
	else
		mark(p, GRANT_KEPT, "");
}

static void mark_pids(const struct spec *spec, const struct host *host, struct grant_promise *p)
{
	(void)spec;
	if (is_absent(host, CGROUP_PIDS))
		mark(p, GRANT_UNSUPPORTED, "no pids controller: no limit");
	else
		mark(p, GRANT_KEPT, "");
}

void quality_mark(const struct spec *spec, const struct host *host, struct grant *grant)
{
	mark_cpu(spec, host, &grant->cpu_promise);
	mark_memory(spec, host, &grant->memory_promise);
	mark_pids(spec, host, &grant->pids_promise);
}

static bool is_cpu_asked(const struct spec *spec)
{
	const struct claim *c = &spec->cpu.claim;

	return c->reserve > 0 || c->share_milli != CLAIM_DEFAULT.share_milli ||
	       c->limit != UNIT_NONE || spec->cpu.burst_usec > 0 || spec->cpu.pinned;
}

static bool is_memory_asked(const struct spec *spec)
{
	return spec->memory.reserve_bytes > 0 || spec->memory.limit_bytes != UNIT_NONE ||
	       spec->memory.swap_bytes != UNIT_NONE;
}

int quality_check(const struct spec *spec, const struct grant *grant, struct err *e)
{
	const struct {
		const char *resource;
		bool is_asked;
		const struct grant_promise *promise;
	} rows[] = {
		{"cpu", is_cpu_asked(spec), &grant->cpu_promise},
		{"memory", is_memory_asked(spec), &grant->memory_promise},
		{"pids", spec->counts.pids != UNIT_NONE, &grant->pids_promise},
	};

	for (size_t i = 0; spec->require && i < sizeof(rows) / sizeof(*rows); i++) {
		if (rows[i].is_asked && rows[i].promise->quality != GRANT_KEPT)
			return err_set(e, ERR_HOST, -EOPNOTSUPP,
				       "%s: this host cannot keep the %s promise (%s); start it "
				       "without --require, or without asking for %s",
				       grant->name, rows[i].resource, rows[i].promise->reason,
				       rows[i].resource);
	}
	return 0;
}
