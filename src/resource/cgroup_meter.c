/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "resource/cgroup.h"
#include "resource/cgroup_backend.h"
#include "resource/cgroup_file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

/* The v2 tree counts CPU time with or without the cpu controller. */
static enum cgroup_controller usage_controller(const struct host *host)
{
	return cgroup_version_of(host, CGROUP_TREE) == CGROUP_V2 ? CGROUP_TREE : CGROUP_CPUACCT;
}

/* -EBADF in *ret_fd and success when the controller is absent. */
static int open_file(const char *path, const struct host *host, enum cgroup_controller c,
		     bool is_weight, int *ret_fd)
{
	enum cgroup_version version = cgroup_version_of(host, c);
	const struct cgroup_backend *backend;
	int fd;

	*ret_fd = -EBADF;
	if (version == CGROUP_ABSENT)
		return 0;
	backend = cgroup_backend_get(version);
	fd = is_weight ? cgroup_file_open(host, c, path, backend->weight_file, O_WRONLY)
		       : cgroup_file_open(host, c, path, backend->usage_file, O_RDONLY);
	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}

int cgroup_meter_open(const char *path, const struct host *host, struct cgroup_meter *ret,
		      struct err *e)
{
	struct cgroup_meter m = CGROUP_METER_INIT;
	enum cgroup_controller c = usage_controller(host);
	int r = open_file(path, host, c, false, &m.cpu_usage);

	if (r == 0)
		r = open_file(path, host, CGROUP_CPU, true, &m.cpu_weight);
	if (r < 0) {
		cgroup_meter_close(&m);
		return err_sys(e, r, "open the counters of cgroup %s", path);
	}
	m.usage_version = cgroup_version_of(host, c);
	m.weight_version = cgroup_version_of(host, CGROUP_CPU);
	*ret = m;
	return 0;
}

void cgroup_meter_close(struct cgroup_meter *m)
{
	m->cpu_usage = fd_close(m->cpu_usage);
	m->cpu_weight = fd_close(m->cpu_weight);
}

int cgroup_meter_cpu(struct cgroup_meter *m, uint64_t *ret_usec, struct err *e)
{
	char text[64]; /* the first line is enough, the rest is not even copied */
	ssize_t n;

	if (m->cpu_usage < 0)
		return err_set(e, ERR_HOST, -EOPNOTSUPP, "this host counts no CPU time of cgroups");
	n = pread(m->cpu_usage, text, sizeof(text) - 1, 0);
	if (n < 0)
		return err_sys(e, -errno, "read the CPU time of a cgroup");
	text[n] = '\0';
	if (!cgroup_backend_get(m->usage_version)->usage_usec(text, ret_usec))
		return err_set(e, ERR_HOST, -EBADMSG, "the CPU time of a cgroup reads '%.32s'",
			       text);
	return 0;
}

int cgroup_meter_set_weight(struct cgroup_meter *m, uint32_t ppm, struct err *e)
{
	char text[16];
	uint32_t weight;
	int n;

	if (m->cpu_weight < 0)
		return 0;
	weight = cgroup_backend_get(m->weight_version)->weight(ppm);
	if (weight == m->weight_last)
		return 0;
	n = snprintf(text, sizeof(text), "%" PRIu32, weight);
	if (pwrite(m->cpu_weight, text, (size_t)n, 0) < 0)
		return err_sys(e, -errno, "write weight %s of a cgroup", text);
	m->weight_last = weight;
	return 0;
}

/*
 * sched(7), cgroup-v2.rst: a process of nice 0 weighs 1024, as a group of cpu.shares 1024 or
 * cpu.weight 100 does. Without systemd the host's processes compete with PARENT one by one on each
 * CPU, with it its slices do (system, user, init).
 */
#define NICE_0_PER_TOP_V1 256u
#define NICE_0_PER_TOP_V2 100u
#define SYSTEMD_SLICES 3u

uint32_t cgroup_parent_weight(const struct host *host)
{
	const struct host_capacity *c = &host->capacity;
	uint64_t top = cgroup_version_of(host, CGROUP_CPU) == CGROUP_V1 ? NICE_0_PER_TOP_V1
									: NICE_0_PER_TOP_V2;
	uint64_t rivals = (uint64_t)CPU_COUNT(&c->cpus);
	uint64_t ppm;

	if (host->cgroups.systemd && rivals < SYSTEMD_SLICES)
		rivals = SYSTEMD_SLICES;
	if (c->cpu_reserved == 0 || c->cpu_reserved >= c->cpu_millicpus)
		return 1000000;
	ppm = (c->cpu_millicpus - c->cpu_reserved) * rivals * 1000000 / (c->cpu_reserved * top);
	return ppm < 1000000 ? (uint32_t)ppm : 1000000;
}

int cgroup_meter_open_parent(const struct settings *s, const struct host *host,
			     struct cgroup_meter *ret, struct err *e)
{
	char path[HOST_PATH_MAX];
	char *slash;

	/* PARENT is where any machine would be. */
	(void)cgroup_path(s, host, "x", path);
	slash = strrchr(path, '/');
	if (slash)
		*slash = '\0';
	return cgroup_meter_open(path, host, ret, e);
}
