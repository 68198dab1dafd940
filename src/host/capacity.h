/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the host can promise. capacity_stolen_millicpus() is pure, capacity_measure() reads proc and
 * cgroup files.
 */
#pragma once

#include "base/err.h"
#include "model/host.h"

#define CAPACITY_HOST_CPU_PERCENT 5
#define CAPACITY_HOST_MEMORY_BYTES (UINT64_C(256) << 20)

/*
 * The mean of the CPUs that the hypervisor took since boot, of those in `cpus`: proc_stat(5) and
 * the first number of proc_uptime(5). Rounded to the nearest hundredth of a CPU; 0 when the texts
 * do not tell.
 */
uint64_t capacity_stolen_millicpus(const char *stat, const char *uptime, const cpu_set_t *cpus);

/* "max 100000" or "150000 100000" as millicpus; UINT64_MAX: no limit. Pure. */
uint64_t capacity_quota_millicpus(const char *cpu_max);

/*
 * CPUs: this process's affinity (which leaves out what is offline) and the cpuset under which
 * machines are made, less a quota of that cgroup or one above, less what is stolen. Memory:
 * MemTotal or a smaller limit on the same path. The host's own part by default.
 */
int capacity_measure(const struct host_cgroups *cgroups, struct host_capacity *ret, struct err *e);
