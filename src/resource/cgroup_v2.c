/* SPDX-License-Identifier: Apache-2.0 */
/* The unified hierarchy: Documentation/admin-guide/cgroup-v2.rst. */
#include "guarantee/weights.h"
#include "resource/cgroup_backend.h"
#include "resource/cgroup_file.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* The first line of cpu.stat; there with or without the cpu controller. */
static bool usage_usec(const char *text, uint64_t *ret_usec)
{
	static const char key[] = "usage_usec ";

	return strncmp(text, key, sizeof(key) - 1) == 0 &&
	       cgroup_text_number(text + sizeof(key) - 1, NULL, ret_usec);
}

static int freeze(int dirfd, bool frozen)
{
	return cgroup_file_write(dirfd, "cgroup.freeze", frozen ? "1" : "0");
}

static int is_frozen(int dirfd, bool *ret_frozen)
{
	char text[256];
	uint64_t frozen;
	int r = cgroup_file_read(dirfd, "cgroup.events", text, sizeof(text));

	if (r < 0)
		return r;
	if (!cgroup_text_number(text, "frozen", &frozen))
		return -ENODATA;
	*ret_frozen = frozen != 0;
	return 0;
}

/* What of `controllers` is not enabled yet, as "+cpu +memory". Reading first: a write waits for
 * cgroups that are going away. */
static int missing(int dirfd, const char *controllers, char request[static 256])
{
	char enabled[512];
	size_t used = 0;
	int r = cgroup_file_read(dirfd, "cgroup.subtree_control", enabled, sizeof(enabled));

	if (r < 0)
		return r;
	request[0] = '\0';
	while (*controllers) {
		size_t n = strcspn(controllers, " ");

		if (!cgroup_text_has(enabled, controllers, n) && used + n + 3 < 256)
			used += (size_t)snprintf(request + used, 256 - used, "%s+%.*s",
						 used ? " " : "", (int)n, controllers);
		controllers += n;
		controllers += strspn(controllers, " ");
	}
	return 0;
}

static int prepare(int dirfd, int parent, const char *controllers)
{
	char request[256];
	int r = missing(dirfd, controllers, request);

	(void)parent;
	if (r < 0 || request[0] == '\0')
		return r;
	return cgroup_file_write(dirfd, "cgroup.subtree_control", request);
}

static int prepare_leaf(int dirfd, int parent)
{
	(void)dirfd;
	(void)parent;
	return 0;
}

/* /sys/kernel/cgroup/delegate of the kernels from 5.15 on; what is not there is passed over. */
static const char *const delegated[] = {"cgroup.procs",	  "cgroup.subtree_control",
					"cgroup.threads", "memory.oom.group",
					"memory.reclaim", NULL};

const struct cgroup_backend cgroup_backend_v2 = {
	.join_file = "cgroup.procs",
	.weight_file = "cpu.weight",
	.weight = weights_to_cpu_weight,
	.usage_file = "cpu.stat",
	.usage_usec = usage_usec,
	.freezer = CGROUP_TREE,
	.freeze = freeze,
	.is_frozen = is_frozen,
	.prepare = prepare,
	.prepare_leaf = prepare_leaf,
	.delegated = delegated,
};
