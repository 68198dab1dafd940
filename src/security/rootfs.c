/* SPDX-License-Identifier: Apache-2.0 */
#include "security/security.h"

#include "model/hidden_paths.h"

#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#define ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define OPTIONAL "optional"
#define NO_EXTRAS (MS_NOSUID | MS_NODEV | MS_NOEXEC)

static const char *const devices[] = {"null", "zero", "full", "random", "urandom", "tty"};

static const char *const links[][2] = {
	{"/dev/ptmx", "pts/ptmx"},	    {"/dev/fd", "/proc/self/fd"},
	{"/dev/stdin", "/proc/self/fd/0"},  {"/dev/stdout", "/proc/self/fd/1"},
	{"/dev/stderr", "/proc/self/fd/2"}, {"/dev/core", "/proc/kcore"},
};

/* Host's parts of /sys that a machine on the host's network sees, where sysfs cannot be mounted. */
static const char *const sys_parts[] = {"/sys/block",	  "/sys/bus",	  "/sys/class",
					"/sys/dev",	  "/sys/devices", "/sys/hypervisor",
					"/sys/kernel/mm", "/sys/module"};

static bool is_system(const struct spec *spec)
{
	return spec->init == SPEC_INIT_SYSTEMD || spec->init == SPEC_INIT_SYSV;
}

static void plan_mount(struct plan *plan, const char *where, const char *type, uint64_t flags,
		       const char *data)
{
	PLAN_ADD(plan, OP_STAGE_CHILD, OP_MOUNT, .subject = where, .source = type, .flags = flags,
		 .value = data);
}

/*
 * sysfs shows the network of who mounts it, so it can only be mounted with a network namespace of
 * the machine's own. Else the host's is bound, in parts: a bind of the whole would bring along what
 * is mounted below it.
 */
static void plan_sys(const struct spec *spec, struct plan *plan)
{
	if (spec->network != SPEC_NETWORK_HOST) {
		plan_mount(plan, "/sys", "sysfs", NO_EXTRAS | MS_RDONLY, NULL);
		return;
	}
	plan_mount(plan, "/sys", "tmpfs", NO_EXTRAS, "mode=755,size=64k");
	PLAN_ADD(plan, OP_STAGE_CHILD, OP_MKDIR, .subject = "/sys/kernel", .number = 0755);
	PLAN_ADD(plan, OP_STAGE_CHILD, OP_MKDIR, .subject = "/sys/fs", .number = 0755);
	PLAN_ADD(plan, OP_STAGE_CHILD, OP_MKDIR, .subject = "/sys/fs/cgroup", .number = 0755);
	for (size_t i = 0; i < ARRAY_LENGTH(sys_parts); i++)
		PLAN_ADD(plan, OP_STAGE_CHILD, OP_BIND, .subject = sys_parts[i],
			 .source = sys_parts[i], .name = OPTIONAL, .flags = NO_EXTRAS | MS_RDONLY);
	PLAN_ADD(plan, OP_STAGE_ROOTED, OP_READONLY, .subject = "/sys", .flags = MS_REMOUNT);
}

static void plan_dev(struct plan *plan)
{
	char node[32];

	plan_mount(plan, "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC | MS_STRICTATIME,
		   "mode=755,size=4m,nr_inodes=65536");
	for (size_t i = 0; i < ARRAY_LENGTH(devices); i++) {
		(void)snprintf(node, sizeof(node), "/dev/%s", devices[i]);
		PLAN_ADD(plan, OP_STAGE_CHILD, OP_DEVICE, .subject = node, .source = node);
	}
	for (size_t i = 0; i < ARRAY_LENGTH(links); i++)
		PLAN_ADD(plan, OP_STAGE_CHILD, OP_SYMLINK, .subject = links[i][0],
			 .value = links[i][1]);
	plan_mount(plan, "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
		   "gid=5,mode=620,ptmxmode=666");
	plan_mount(plan, "/dev/shm", "tmpfs", NO_EXTRAS, "mode=1777,size=64m");
	PLAN_ADD(plan, OP_STAGE_CHILD, OP_MOUNT, .subject = "/dev/mqueue", .source = "mqueue",
		 .name = OPTIONAL, .flags = NO_EXTRAS);
}

/* Hierarchies of version 1 are known by the last component of where the host mounted them. */
static const char *hierarchy_name(const struct host_controller *c)
{
	const char *slash = strrchr(c->mount, '/');

	return slash ? slash + 1 : c->mount;
}

static const struct {
	const char *name;   /* subject of operations */
	const char *option; /* of the file system of version 1 */
} controllers[CGROUP_CONTROLLER_MAX] = {
	[CGROUP_CPU] = {"cpu", "cpu"},
	[CGROUP_CPUACCT] = {"cpuacct", "cpuacct"},
	[CGROUP_CPUSET] = {"cpuset", "cpuset"},
	[CGROUP_MEMORY] = {"memory", "memory"},
	[CGROUP_PIDS] = {"pids", "pids"},
	[CGROUP_DEVICES] = {"devices", "devices"},
	[CGROUP_FREEZER] = {"freezer", "freezer"},
	[CGROUP_IO] = {"io", "blkio"},
	[CGROUP_TREE] = {"tree", "name=systemd"},
};

/* All controllers of version 1 on the mount of `first`, as the option of its file system. */
static void hierarchy_controllers(const struct host_cgroups *g, int first, char *list, size_t size)
{
	size_t used = 0;

	list[0] = '\0';
	for (int c = first; c < CGROUP_CONTROLLER_MAX; c++) {
		const struct host_controller *hc = &g->controller[c];

		if (hc->version != CGROUP_V1 ||
		    strcmp(hc->mount, g->controller[first].mount) != 0 ||
		    /* Controllers beside name=systemd are a hierarchy that its name says nothing
		       of. */
		    (c == CGROUP_TREE && c != first))
			continue;
		used += (size_t)snprintf(list + used, size - used, "%s%s", used ? "," : "",
					 controllers[c].option);
	}
}

static bool same_mount(const struct host_cgroups *g, int a, int b)
{
	return g->controller[a].version == g->controller[b].version &&
	       strcmp(g->controller[a].mount, g->controller[b].mount) == 0;
}

static bool is_first_on_mount(const struct host_cgroups *g, int c)
{
	for (int other = 0; other < c; other++) {
		if (same_mount(g, other, c))
			return false;
	}
	return true;
}

static int find_controller(const char *name)
{
	for (int c = 0; c < CGROUP_CONTROLLER_MAX; c++) {
		if (strcmp(controllers[c].name, name) == 0)
			return c;
	}
	return -1;
}

/*
 * Whether the plan makes the machine a cgroup there. In a hierarchy where it has none, its
 * namespace would begin at the cgroup of who starts it, and show what is the host's.
 */
static bool has_cgroup(const struct plan *plan, const struct host_cgroups *g, int c)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct op *op = &plan->ops[i];
		int made = op->kind == OP_CGROUP_MAKE	? find_controller(op->subject)
			   : op->kind == OP_SCOPE_START ? (int)CGROUP_TREE
							: -1;

		if (made >= 0 && same_mount(g, made, c))
			return true;
	}
	return false;
}

static void plan_hierarchy(const struct host_cgroups *g, int c, uint64_t flags, struct plan *plan)
{
	const struct host_controller *hc = &g->controller[c];
	char where[HOST_PATH_MAX + 32];
	char options[128];

	(void)snprintf(where, sizeof(where), "/sys/fs/cgroup/%s", hierarchy_name(hc));
	if (hc->version == CGROUP_V2) {
		PLAN_ADD(plan, OP_STAGE_CHILD, OP_MOUNT, .subject = where, .source = "cgroup2",
			 .name = OPTIONAL, .flags = flags);
		return;
	}
	hierarchy_controllers(g, c, options, sizeof(options));
	PLAN_ADD(plan, OP_STAGE_CHILD, OP_MOUNT, .subject = where, .source = "cgroup",
		 .name = OPTIONAL, .flags = flags, .value = options);
}

/*
 * The machine's own subtree, by its cgroup namespace. A system manages it, a command only reads in
 * it what its limits are.
 */
static void plan_cgroups(const struct spec *spec, const struct host *host, struct plan *plan)
{
	const struct host_cgroups *g = &host->cgroups;
	uint64_t flags = NO_EXTRAS | (is_system(spec) ? 0 : MS_RDONLY);
	bool any_v1 = false;

	for (int c = 0; c < CGROUP_CONTROLLER_MAX; c++)
		any_v1 = any_v1 || g->controller[c].version == CGROUP_V1;
	if (!any_v1 && has_cgroup(plan, g, CGROUP_TREE)) {
		PLAN_ADD(plan, OP_STAGE_CHILD, OP_MOUNT, .subject = "/sys/fs/cgroup",
			 .source = "cgroup2", .flags = flags);
		return;
	}
	plan_mount(plan, "/sys/fs/cgroup", "tmpfs", NO_EXTRAS, "mode=755,size=64k");
	for (int c = 0; c < CGROUP_CONTROLLER_MAX; c++) {
		if (g->controller[c].version != CGROUP_ABSENT && is_first_on_mount(g, c) &&
		    has_cgroup(plan, g, c))
			plan_hierarchy(g, c, flags, plan);
	}
	PLAN_ADD(plan, OP_STAGE_ROOTED, OP_READONLY, .subject = "/sys/fs/cgroup",
		 .flags = MS_REMOUNT);
}

static void plan_run(const struct spec *spec, struct plan *plan)
{
	if (!is_system(spec))
		return;
	plan_mount(plan, "/run", "tmpfs", MS_NOSUID | MS_NODEV | MS_STRICTATIME,
		   "mode=755,size=20%");
	PLAN_ADD(plan, OP_STAGE_CHILD, OP_MKDIR, .subject = "/run/lock", .number = 01777);
}

/* Firmware of Intel CPUs counts there how often each was too hot: a side channel between tenants.
 */
static void plan_masks_of_cpus(const struct host *host, struct plan *plan)
{
	char path[80];

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET((size_t)cpu, &host->capacity.cpus))
			continue;
		(void)snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/thermal_throttle",
			       cpu);
		PLAN_ADD(plan, OP_STAGE_ROOTED, OP_MASK, .subject = path);
	}
}

static void plan_hidden(const struct spec *spec, const struct host *host, struct plan *plan)
{
	size_t paths = HIDDEN_PATHS_READONLY;

	for (size_t i = 0; i < HIDDEN_PATHS_MASKED; i++)
		PLAN_ADD(plan, OP_STAGE_ROOTED, OP_MASK, .subject = hidden_paths_masked[i]);
	plan_masks_of_cpus(host, plan);
	/*
	 * A system sets its own network's and ipc's keys; those of the host belong to an id that is
	 * not mapped. Without a user namespace they would belong to the machine's root.
	 */
	if (is_system(spec) && spec->idmap.count != 0)
		paths--;
	for (size_t i = 0; i < paths; i++)
		PLAN_ADD(plan, OP_STAGE_ROOTED, OP_READONLY, .subject = hidden_paths_readonly[i]);
}

int rootfs_plan(const struct spec *spec, const struct host *host, struct plan *plan, struct err *e)
{
	(void)e;
	PLAN_ADD(plan, OP_STAGE_PARENT, OP_ROOT_ATTACH);
	PLAN_ADD(plan, OP_STAGE_CHILD, OP_ROOT_TAKE);
	plan_mount(plan, "/proc", "proc", NO_EXTRAS, NULL);
	plan_sys(spec, plan);
	plan_dev(plan);
	plan_cgroups(spec, host, plan);
	plan_run(spec, plan);
	if (spec->stdio == SPEC_STDIO_CONSOLE)
		PLAN_ADD(plan, OP_STAGE_CHILD, OP_CONSOLE_OPEN);
	PLAN_ADD(plan, OP_STAGE_CHILD, OP_ROOT_SWITCH);
	plan_hidden(spec, host, plan);
	return 0;
}
