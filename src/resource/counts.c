/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts: processes, and on the v2 hierarchy the cgroups that a machine may make in the subtree
 * that is delegated to it (they are kernel memory, and walked when it is removed).
 */
#include "resource/cgroup_settings.h"

#include "resource/cgroup_walk.h"

static void print_pids(const struct grant *g, const struct host *host,
		       char value[static CGROUP_VALUE_MAX])
{
	(void)host;
	cgroup_print_number(g->pids, "max", value);
}

static const struct cgroup_row rows[] = {
	{CGROUP_TREE, CGROUP_V2, "cgroup.max.descendants", NULL, NULL, NULL,
	 CGROUP_DESCENDANTS_TEXT},
	{CGROUP_TREE, CGROUP_V2, "cgroup.max.depth", NULL, NULL, NULL, CGROUP_DEPTH_TEXT},
	{CGROUP_PIDS, CGROUP_V1, "pids.max", "max", NULL, print_pids, NULL},
	{CGROUP_PIDS, CGROUP_V2, "pids.max", "max", NULL, print_pids, NULL},
};

static bool grows(const struct grant *from, const struct grant *to)
{
	return to->pids >= from->pids;
}

const struct cgroup_resource cgroup_resource_counts = {rows, sizeof(rows) / sizeof(rows[0]), grows};
