/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory: reserve, limit, swap.
 *
 * v2 (cgroup-v2.rst): memory.min of the machine, and of every ancestor the sum of what stands
 * below it (cgroup_protection.h), else it has no effect.
 *
 * v1 (cgroup-v1/memory.rst) has no floor. Its soft limit is the best effort: under pressure the
 * kernel takes first from the cgroup that is furthest above its soft limit. So every machine has
 * one, also with reserve 0: a cgroup without a soft limit is never taken from in that way.
 * memsw counts memory and swap together and must not fall below the limit of memory.
 */
#include "base/units.h"
#include "resource/cgroup_settings.h"

static uint64_t with_swap(const struct grant *g)
{
	uint64_t sum;

	if (g->memory_limit_bytes == UNIT_NONE || g->memory_swap_bytes == UNIT_NONE ||
	    __builtin_add_overflow(g->memory_limit_bytes, g->memory_swap_bytes, &sum))
		return UNIT_NONE;
	return sum;
}

static void print_limit_v1(const struct grant *g, const struct host *host,
			   char value[static CGROUP_VALUE_MAX])
{
	(void)host;
	cgroup_print_number(g->memory_limit_bytes, "-1", value);
}

static void print_memsw(const struct grant *g, const struct host *host,
			char value[static CGROUP_VALUE_MAX])
{
	(void)host;
	cgroup_print_number(with_swap(g), "-1", value);
}

static void print_reserve(const struct grant *g, const struct host *host,
			  char value[static CGROUP_VALUE_MAX])
{
	(void)host;
	cgroup_print_number(g->memory_reserve_bytes, "max", value);
}

static void print_limit_v2(const struct grant *g, const struct host *host,
			   char value[static CGROUP_VALUE_MAX])
{
	(void)host;
	cgroup_print_number(g->memory_limit_bytes, "max", value);
}

static void print_swap(const struct grant *g, const struct host *host,
		       char value[static CGROUP_VALUE_MAX])
{
	(void)host;
	cgroup_print_number(g->memory_swap_bytes, "max", value);
}

static bool swap_wanted(const struct cgroup_change *change)
{
	return change->host->kernel.memory_swap;
}

static const struct cgroup_row rows[] = {
	{CGROUP_MEMORY, CGROUP_V1, "memory.memsw.limit_in_bytes", "-1", swap_wanted, print_memsw,
	 NULL},
	{CGROUP_MEMORY, CGROUP_V1, "memory.limit_in_bytes", "-1", NULL, print_limit_v1, NULL},
	{CGROUP_MEMORY, CGROUP_V1, "memory.soft_limit_in_bytes", "-1", NULL, print_reserve, NULL},
	{CGROUP_MEMORY, CGROUP_V2, "memory.swap.max", "max", swap_wanted, print_swap, NULL},
	{CGROUP_MEMORY, CGROUP_V2, "memory.max", "max", NULL, print_limit_v2, NULL},
	{CGROUP_MEMORY, CGROUP_V2, "memory.min", "0", NULL, print_reserve, NULL},
};

static bool grows(const struct grant *from, const struct grant *to)
{
	return with_swap(to) >= with_swap(from);
}

const struct cgroup_resource cgroup_resource_memory = {rows, sizeof(rows) / sizeof(rows[0]), grows};
