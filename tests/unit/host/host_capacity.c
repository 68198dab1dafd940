/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/capacity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

static const char stat_text[] = "cpu  2865 0 1310 256745 1896 0 51 60111 0 0\n"
				"cpu0 1411 0 649 127897 1462 0 14 50000 0 0\n"
				"cpu1 1454 0 660 128848 434 0 36 10000 0 0\n"
				"cpu9999 1 0 6 1 4 0 3 777777 0 0\n"
				"intr 12 0\n";

static cpu_set_t cpus_of(int first, int count)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (int i = first; i < first + count; i++)
		CPU_SET((size_t)i, &set);
	return set;
}

static void test_stolen(void **state)
{
	cpu_set_t both = cpus_of(0, 2), second = cpus_of(1, 1), other = cpus_of(7, 1);

	(void)state;
	assert_int_equal(sysconf(_SC_CLK_TCK), 100);
	/* 600 of 2000 seconds on two CPUs. */
	assert_int_equal(capacity_stolen_millicpus(stat_text, "2000.00 9.00\n", &both), 300);
	assert_int_equal(capacity_stolen_millicpus(stat_text, "2000.00 9.00\n", &second), 50);
	assert_int_equal(capacity_stolen_millicpus(stat_text, "2000.00 9.00\n", &other), 0);
	/* Less than half a hundredth of a CPU is noise. */
	assert_int_equal(capacity_stolen_millicpus(stat_text, "22000.00\n", &second), 0);
	/* More than there is: all of it. */
	assert_int_equal(capacity_stolen_millicpus(stat_text, "1.0\n", &both), 2000);
	assert_int_equal(capacity_stolen_millicpus(stat_text, "", &both), 0);
	assert_int_equal(capacity_stolen_millicpus(stat_text, "-5\n", &both), 0);
	assert_int_equal(capacity_stolen_millicpus(stat_text, "nan\n", &both), 0);
	assert_int_equal(capacity_stolen_millicpus("", "100.0\n", &both), 0);
	assert_int_equal(capacity_stolen_millicpus("cpu0 1 2 3\ncpu1", "100.0\n", &both), 0);
}

static void test_quota(void **state)
{
	(void)state;
	assert_int_equal(capacity_quota_millicpus("max 100000"), UINT64_MAX);
	assert_int_equal(capacity_quota_millicpus("-1 100000"), UINT64_MAX);
	assert_int_equal(capacity_quota_millicpus("150000 100000"), 1500);
	assert_int_equal(capacity_quota_millicpus("1000 3000"), 333);
	assert_int_equal(capacity_quota_millicpus("150000 0"), UINT64_MAX);
	assert_int_equal(capacity_quota_millicpus("150000"), UINT64_MAX);
	assert_int_equal(capacity_quota_millicpus(""), UINT64_MAX);
	assert_int_equal(capacity_quota_millicpus("18446744073709551615 1"), UINT64_MAX);
}

/* A directory that looks like a cgroup and its parents: the files are read, nothing else. */
static char top[64];

static void put(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", top, name);
	if (!text) {
		assert_int_equal(mkdir(path, 0755), 0);
		return;
	}
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void take(const char *name)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", top, name);
	assert_int_equal(remove(path), 0);
}

static struct host_cgroups made_up(enum cgroup_version version)
{
	struct host_cgroups cgroups = {.systemd = false};
	const enum cgroup_controller used[] = {CGROUP_CPU, CGROUP_CPUSET, CGROUP_MEMORY};

	for (size_t i = 0; i < 3; i++) {
		struct host_controller *c = &cgroups.controller[used[i]];

		c->version = version;
		(void)snprintf(c->mount, sizeof(c->mount), "%s", top);
		(void)snprintf(c->parent, sizeof(c->parent), "a/b");
	}
	return cgroups;
}

static void test_limits_above_v2(void **state)
{
	struct host_cgroups cgroups;
	struct host_capacity c;

	(void)state;
	(void)snprintf(top, sizeof(top), "/tmp/bulkhead-test-capacity-XXXXXX");
	assert_non_null(mkdtemp(top));
	put("a", NULL);
	put("a/b", NULL);
	put("memory.max", "9000000\n");
	put("a/memory.max", "7000000\n");
	put("a/b/memory.max", "max\n");
	put("a/cpu.max", "max 100000\n");
	put("a/b/cpu.max", "25000 100000\n");
	put("a/b/cpuset.cpus.effective", "0\n");
	cgroups = made_up(CGROUP_V2);
	assert_int_equal(capacity_measure(&cgroups, &c, NULL), 0);
	assert_int_equal(c.memory_bytes, 7000000);
	/* The host's part is not more than there is. */
	assert_int_equal(c.memory_reserved, 7000000);
	assert_int_equal(c.cpu_millicpus, 250);
	assert_int_equal(c.cpu_reserved, 13);
	assert_int_equal(CPU_COUNT(&c.cpus), 1);
	take("memory.max");
	take("a/memory.max");
	take("a/b/memory.max");
	take("a/cpu.max");
	take("a/b/cpu.max");
	take("a/b/cpuset.cpus.effective");
	take("a/b");
	take("a");
	assert_int_equal(rmdir(top), 0);
}

static void test_limits_above_v1(void **state)
{
	struct host_cgroups cgroups;
	struct host_capacity c;

	(void)state;
	(void)snprintf(top, sizeof(top), "/tmp/bulkhead-test-capacity-XXXXXX");
	assert_non_null(mkdtemp(top));
	put("a", NULL);
	put("a/b", NULL);
	put("cpu.cfs_quota_us", "-1\n");
	put("cpu.cfs_period_us", "100000\n");
	put("a/cpu.cfs_quota_us", "50000\n");
	put("a/cpu.cfs_period_us", "100000\n");
	put("memory.limit_in_bytes", "9223372036854771712\n");
	cgroups = made_up(CGROUP_V1);
	assert_int_equal(capacity_measure(&cgroups, &c, NULL), 0);
	assert_int_equal(c.cpu_millicpus, 500);
	assert_int_equal(c.cpu_reserved, 25);
	assert_true(c.memory_bytes > CAPACITY_HOST_MEMORY_BYTES);
	assert_int_equal(c.memory_reserved, CAPACITY_HOST_MEMORY_BYTES);
	take("cpu.cfs_quota_us");
	take("cpu.cfs_period_us");
	take("a/cpu.cfs_quota_us");
	take("a/cpu.cfs_period_us");
	take("memory.limit_in_bytes");
	take("a/b");
	take("a");
	assert_int_equal(rmdir(top), 0);
}

static void test_affinity(void **state)
{
	struct host_cgroups none = {.systemd = false};
	struct host_capacity c;
	cpu_set_t before, one;
	struct sysinfo info;

	(void)state;
	assert_int_equal(sysinfo(&info), 0);
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	assert_int_equal(capacity_measure(&none, &c, NULL), 0);
	assert_true(CPU_EQUAL(&c.cpus, &before));
	assert_true(c.cpu_millicpus <= (uint64_t)CPU_COUNT(&before) * 1000);
	assert_true(c.cpu_millicpus > 0);
	assert_true(c.memory_bytes / info.mem_unit == info.totalram);
	one = before;
	for (size_t i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) > 1; i++)
		CPU_CLR(i, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	assert_int_equal(capacity_measure(&none, &c, NULL), 0);
	assert_true(CPU_EQUAL(&c.cpus, &one));
	assert_true(c.cpu_millicpus <= 1000);
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stolen),		cmocka_unit_test(test_quota),
		cmocka_unit_test(test_limits_above_v2), cmocka_unit_test(test_limits_above_v1),
		cmocka_unit_test(test_affinity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
