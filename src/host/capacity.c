/* SPDX-License-Identifier: Apache-2.0 */
#include "host/capacity.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "config/cpu_list.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STAT_MAX_BYTES (1 << 20)
#define CGROUP_FILE_MAX 4096
/* Finer than this it would change with every measurement, and the promises with it. */
#define STOLEN_STEP 10

static uint64_t stolen_ticks(const char *stat, const cpu_set_t *cpus)
{
	uint64_t sum = 0;

	for (const char *line = stat; line; line = strchr(line, '\n')) {
		unsigned int cpu;
		uint64_t steal;

		line += *line == '\n';
		if (sscanf(line, "cpu%u %*u %*u %*u %*u %*u %*u %*u %" SCNu64, &cpu, &steal) == 2 &&
		    cpu < CPU_SETSIZE && CPU_ISSET(cpu, cpus))
			sum += steal;
	}
	return sum;
}

uint64_t capacity_stolen_millicpus(const char *stat, const char *uptime, const cpu_set_t *cpus)
{
	double seconds = strtod(uptime, NULL);
	double ticks = (double)stolen_ticks(stat, cpus);
	double most = (double)CPU_COUNT(cpus) * 1000;
	double milli;

	if (!(seconds > 0))
		return 0;
	milli = ticks / (double)sysconf(_SC_CLK_TCK) / seconds * 1000;
	if (milli > most)
		milli = most;
	return (uint64_t)(milli / STOLEN_STEP + 0.5) * STOLEN_STEP;
}

uint64_t capacity_quota_millicpus(const char *cpu_max)
{
	uint64_t quota, period;

	/* "max", and -1 of v1, are no number here. */
	if (cpu_max[0] < '0' || cpu_max[0] > '9')
		return UINT64_MAX;
	if (sscanf(cpu_max, "%" SCNu64 " %" SCNu64, &quota, &period) != 2 || period == 0 ||
	    quota > UINT64_MAX / 1000)
		return UINT64_MAX;
	return quota * 1000 / period;
}

/* Reads `file` of the cgroup at `path` below the controller's mount; -ENOENT where there is none.
 */
static int read_cgroup(const struct host_controller *c, const char *path, const char *file,
		       char text[static CGROUP_FILE_MAX])
{
	char name[3 * HOST_PATH_MAX];

	(void)snprintf(name, sizeof(name), "%s/%s/%s", c->mount, path, file);
	return io_read_small(AT_FDCWD, name, text, CGROUP_FILE_MAX, NULL);
}

static uint64_t quota_at(const struct host_controller *c, const char *path)
{
	char text[CGROUP_FILE_MAX], period[CGROUP_FILE_MAX];
	char both[64];

	if (c->version == CGROUP_V2)
		return read_cgroup(c, path, "cpu.max", text) < 0 ? UINT64_MAX
								 : capacity_quota_millicpus(text);
	if (read_cgroup(c, path, "cpu.cfs_quota_us", text) < 0 ||
	    read_cgroup(c, path, "cpu.cfs_period_us", period) < 0)
		return UINT64_MAX;
	(void)snprintf(both, sizeof(both), "%.30s %.30s", text, period);
	return capacity_quota_millicpus(both);
}

static uint64_t memory_limit_at(const struct host_controller *c, const char *path)
{
	char text[CGROUP_FILE_MAX];
	const char *file = c->version == CGROUP_V2 ? "memory.max" : "memory.limit_in_bytes";

	if (read_cgroup(c, path, file, text) < 0 || text[0] < '0' || text[0] > '9')
		return UINT64_MAX;
	return strtoull(text, NULL, 10);
}

/* The smallest value from the cgroup where machines are made up to the root of the mount. */
static uint64_t smallest_above(const struct host_controller *c,
			       uint64_t (*at)(const struct host_controller *, const char *))
{
	char path[HOST_PATH_MAX];
	uint64_t smallest = UINT64_MAX;
	char *slash;

	if (c->version == CGROUP_ABSENT)
		return UINT64_MAX;
	memcpy(path, c->parent, sizeof(path));
	do {
		uint64_t value = at(c, path);

		if (value < smallest)
			smallest = value;
		slash = strrchr(path, '/');
		if (!slash && path[0] == '\0')
			return smallest;
		*(slash ? slash : path) = '\0';
	} while (true);
}

static void allowed_cpus(const struct host_controller *cpuset, cpu_set_t *cpus)
{
	static const char *const files[] = {"cpuset.cpus.effective", "cpuset.effective_cpus",
					    "cpuset.cpus"};
	char text[CGROUP_FILE_MAX];
	cpu_set_t allowed;

	if (cpuset->version == CGROUP_ABSENT)
		return;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (read_cgroup(cpuset, cpuset->parent, files[i], text) < 0 ||
		    cpu_list_parse(text, &allowed) < 0 || CPU_COUNT(&allowed) == 0)
			continue;
		CPU_AND(&allowed, &allowed, cpus);
		/* A process that was bound elsewhere by hand keeps its own mask. */
		if (CPU_COUNT(&allowed) > 0)
			*cpus = allowed;
		return;
	}
}

static uint64_t measure_stolen(const cpu_set_t *cpus)
{
	_cleanup_free_ char *stat = NULL;
	char uptime[64];
	size_t bytes;

	if (io_read_file(AT_FDCWD, "/proc/stat", STAT_MAX_BYTES, &stat, &bytes, NULL) < 0 ||
	    io_read_small(AT_FDCWD, "/proc/uptime", uptime, sizeof(uptime), NULL) < 0)
		return 0;
	return capacity_stolen_millicpus(stat, uptime, cpus);
}

static int measure_memory(uint64_t *ret_bytes, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	const char *line;
	uint64_t kilobytes;
	size_t bytes;
	int r = io_read_file(AT_FDCWD, "/proc/meminfo", 65536, &text, &bytes, e);

	if (r < 0)
		return r;
	line = strstr(text, "MemTotal:");
	if (!line || sscanf(line, "MemTotal: %" SCNu64 " kB", &kilobytes) != 1)
		return err_set(e, ERR_HOST, -EBADMSG, "/proc/meminfo has no MemTotal");
	*ret_bytes = kilobytes * 1024;
	return 0;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

int capacity_measure(const struct host_cgroups *cgroups, struct host_capacity *ret, struct err *e)
{
	struct host_capacity c = {.cpu_millicpus = 0};
	uint64_t stolen;
	int r = measure_memory(&c.memory_bytes, e);

	if (r < 0)
		return r;
	if (sched_getaffinity(0, sizeof(c.cpus), &c.cpus) < 0)
		return err_sys(e, -errno, "the CPUs of this process");
	allowed_cpus(&cgroups->controller[CGROUP_CPUSET], &c.cpus);
	stolen = measure_stolen(&c.cpus);
	c.cpu_millicpus = (uint64_t)CPU_COUNT(&c.cpus) * 1000 - stolen;
	c.cpu_millicpus = smaller(c.cpu_millicpus,
				  smallest_above(&cgroups->controller[CGROUP_CPU], quota_at));
	c.memory_bytes = smaller(c.memory_bytes, smallest_above(&cgroups->controller[CGROUP_MEMORY],
								memory_limit_at));
	c.cpu_reserved = (c.cpu_millicpus * CAPACITY_HOST_CPU_PERCENT + 99) / 100;
	c.memory_reserved = smaller(CAPACITY_HOST_MEMORY_BYTES, c.memory_bytes);
	*ret = c;
	return 0;
}
