/* SPDX-License-Identifier: Apache-2.0 */
#include "resource/cgroup_systemd.h"

#include "kernel/systemd.h"
#include "resource/cgroup_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define USEC_PER_SEC UINT64_C(1000000)

static const struct {
	const char *file;
	const char *property;
} numbers[] = {
	{"memory.max", "MemoryMax"},	      {"memory.min", "MemoryMin"},
	{"memory.swap.max", "MemorySwapMax"}, {"pids.max", "TasksMax"},
	{"cpu.weight", "CPUWeight"},
};

/* "150000 100000" or "max 100000": quota and period in microseconds. */
static size_t cpu_max(const char *value, struct systemd_property ret[static 2])
{
	uint64_t quota, period = 0;

	ret[0] = (struct systemd_property){"CPUQuotaPerSecUSec", UINT64_MAX};
	if (sscanf(value, "max %" SCNu64, &period) != 1) {
		if (sscanf(value, "%" SCNu64 " %" SCNu64, &quota, &period) != 2 || period == 0 ||
		    quota > UINT64_MAX / USEC_PER_SEC)
			return 0;
		ret[0].value = quota * USEC_PER_SEC / period;
	}
	ret[1] = (struct systemd_property){"CPUQuotaPeriodUSec", period};
	return 2;
}

static size_t properties_of(const char *file, const char *value,
			    struct systemd_property ret[static 2])
{
	uint64_t number = UINT64_MAX;

	if (strcmp(file, "cpu.max") == 0)
		return cpu_max(value, ret);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (strcmp(numbers[i].file, file) != 0)
			continue;
		if (strcmp(value, "max") != 0 && !cgroup_text_number(value, NULL, &number))
			return 0;
		ret[0] = (struct systemd_property){numbers[i].property, number};
		return 1;
	}
	return 0;
}

int cgroup_systemd_tell(const struct host *host, const char *path, const char *file,
			const char *value, struct err *e)
{
	struct systemd_property properties[2];
	const char *slash = strrchr(path, '/');
	const char *unit = slash ? slash + 1 : path;
	size_t count;

	if (!host->cgroups.systemd)
		return 0;
	count = properties_of(file, value, properties);
	return count > 0 ? systemd_unit_set(unit, properties, count, e) : 0;
}
