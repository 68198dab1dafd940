/* SPDX-License-Identifier: Apache-2.0 */
/* Hierarchies of cgroup v1: Documentation/admin-guide/cgroup-v1/. */
#include "guarantee/weights.h"
#include "resource/cgroup_backend.h"
#include "resource/cgroup_file.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static bool usage_usec(const char *text, uint64_t *ret_usec)
{
	uint64_t nsec;

	if (!cgroup_text_number(text, NULL, &nsec))
		return false;
	*ret_usec = nsec / 1000;
	return true;
}

static int freeze(int dirfd, bool frozen)
{
	return cgroup_file_write(dirfd, "freezer.state", frozen ? "FROZEN" : "THAWED");
}

static int is_frozen(int dirfd, bool *ret_frozen)
{
	char state[32];
	int r = cgroup_file_read(dirfd, "freezer.state", state, sizeof(state));

	if (r < 0)
		return r;
	*ret_frozen = strcmp(state, "FROZEN\n") == 0;
	return 0;
}

/* cpusets.rst: a new cpuset has neither CPUs nor memory nodes, and takes no process until it has
 * both. Other hierarchies do not have these files. */
static int inherit(int dirfd, int parent)
{
	static const char *const files[] = {"cpuset.cpus", "cpuset.mems"};
	char text[4096];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int r = cgroup_file_read(dirfd, files[i], text, sizeof(text));

		if (r == -ENOENT)
			return 0;
		if (r > 1)
			continue;
		if (r >= 0)
			r = cgroup_file_read(parent, files[i], text, sizeof(text));
		if (r >= 0)
			r = cgroup_file_write(dirfd, files[i], text);
		if (r < 0)
			return r;
	}
	return 0;
}

static int prepare(int dirfd, int parent, const char *controllers)
{
	(void)controllers;
	return parent < 0 ? 0 : inherit(dirfd, parent);
}

static const char *const delegated[] = {"cgroup.procs", "tasks", NULL};

const struct cgroup_backend cgroup_backend_v1 = {
	.join_file = "tasks",
	.weight_file = "cpu.shares",
	.weight = weights_to_cpu_shares,
	.usage_file = "cpuacct.usage",
	.usage_usec = usage_usec,
	.freezer = CGROUP_FREEZER,
	.freeze = freeze,
	.is_frozen = is_frozen,
	.prepare = prepare,
	.prepare_leaf = inherit,
	.delegated = delegated,
};
