/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPU: the limit as quota per period, the burst, the CPUs. The weight is not here: it depends on
 * the other machines and is rewritten by the governor.
 *
 * cgroup-v2.rst (cpu.max, cpu.max.burst), scheduler/sched-bwc.rst: the kernel takes quotas of at
 * least 1 ms and periods of 1 ms to 1 s, and refuses a burst above the quota.
 */
#include "base/strbuf.h"
#include "base/units.h"
#include "config/cpu_list.h"
#include "resource/cgroup_settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PERIOD_USEC 100000u
#define PERIOD_MAX_USEC 1000000u
#define QUOTA_MIN_USEC 1000u
#define MILLICPUS_MAX 100000000u /* beyond any machine; keeps the products small */

struct bandwidth {
	bool limited;
	uint64_t quota_usec;
	uint64_t period_usec;
	uint64_t burst_usec;
};

static struct bandwidth bandwidth_of(const struct grant *g)
{
	uint64_t millicpus = g->cpu.limit;
	struct bandwidth b = {.limited = millicpus != UNIT_NONE, .period_usec = PERIOD_USEC};

	if (!b.limited)
		return b;
	if (millicpus > MILLICPUS_MAX)
		millicpus = MILLICPUS_MAX;
	/* A machine that may not run at all cannot even be killed: one thousandth at least. */
	if (millicpus == 0)
		millicpus = 1;
	b.quota_usec = millicpus * PERIOD_USEC / 1000;
	if (b.quota_usec < QUOTA_MIN_USEC) {
		b.quota_usec = QUOTA_MIN_USEC;
		b.period_usec = QUOTA_MIN_USEC * 1000u / millicpus;
	}
	if (b.period_usec > PERIOD_MAX_USEC)
		b.period_usec = PERIOD_MAX_USEC;
	b.burst_usec = g->cpu_burst_usec < b.quota_usec ? g->cpu_burst_usec : b.quota_usec;
	return b;
}

static void print_quota(const struct grant *g, const struct host *host,
			char value[static CGROUP_VALUE_MAX])
{
	struct bandwidth b = bandwidth_of(g);

	(void)host;
	cgroup_print_number(b.limited ? b.quota_usec : UNIT_NONE, "-1", value);
}

static void print_period(const struct grant *g, const struct host *host,
			 char value[static CGROUP_VALUE_MAX])
{
	(void)host;
	cgroup_print_number(bandwidth_of(g).period_usec, "", value);
}

static void print_burst(const struct grant *g, const struct host *host,
			char value[static CGROUP_VALUE_MAX])
{
	(void)host;
	cgroup_print_number(bandwidth_of(g).burst_usec, "", value);
}

static void print_max(const struct grant *g, const struct host *host,
		      char value[static CGROUP_VALUE_MAX])
{
	struct bandwidth b = bandwidth_of(g);

	(void)host;
	if (b.limited)
		(void)snprintf(value, CGROUP_VALUE_MAX, "%" PRIu64 " %" PRIu64, b.quota_usec,
			       b.period_usec);
	else
		(void)snprintf(value, CGROUP_VALUE_MAX, "max %" PRIu64, b.period_usec);
}

static void print_cpus(const struct grant *g, const struct host *host,
		       char value[static CGROUP_VALUE_MAX])
{
	_cleanup_strbuf_ struct strbuf list = STRBUF_INIT;

	cpu_list_print(g->cpu_pinned ? &g->cpus : &host->capacity.cpus, &list);
	(void)snprintf(value, CGROUP_VALUE_MAX, "%s", strbuf_text(&list));
}

static bool burst_wanted(const struct cgroup_change *change)
{
	return change->host->kernel.cpu_burst;
}

static bool cpus_wanted(const struct cgroup_change *change)
{
	return change->to->cpu_pinned || (change->from && change->from->cpu_pinned);
}

/*
 * Raising in this order, lowering backwards: the burst never exceeds the quota, and the ratio of
 * quota to period stays between the old one and the new one at every step.
 */
static const struct cgroup_row rows[] = {
	{CGROUP_CPU, CGROUP_V1, "cpu.cfs_quota_us", "-1", NULL, print_quota, NULL},
	{CGROUP_CPU, CGROUP_V1, "cpu.cfs_period_us", "100000", NULL, print_period, NULL},
	{CGROUP_CPU, CGROUP_V1, "cpu.cfs_burst_us", "0", burst_wanted, print_burst, NULL},
	{CGROUP_CPU, CGROUP_V2, "cpu.max", "max 100000", NULL, print_max, NULL},
	{CGROUP_CPU, CGROUP_V2, "cpu.max.burst", "0", burst_wanted, print_burst, NULL},
	{CGROUP_CPUSET, CGROUP_V1, "cpuset.cpus", NULL, cpus_wanted, print_cpus, NULL},
	{CGROUP_CPUSET, CGROUP_V2, "cpuset.cpus", NULL, cpus_wanted, print_cpus, NULL},
};

static bool grows(const struct grant *from, const struct grant *to)
{
	return to->cpu.limit >= from->cpu.limit;
}

const struct cgroup_resource cgroup_resource_cpu = {rows, sizeof(rows) / sizeof(rows[0]), grows};

void cgroup_print_number(uint64_t number, const char *none, char value[static CGROUP_VALUE_MAX])
{
	if (number == UNIT_NONE)
		(void)snprintf(value, CGROUP_VALUE_MAX, "%s", none);
	else
		(void)snprintf(value, CGROUP_VALUE_MAX, "%" PRIu64, number);
}
