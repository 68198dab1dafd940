/* SPDX-License-Identifier: Apache-2.0 */
/* Which controller lives where, on recorded hosts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/cgroups.h"
#include "host/mountinfo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct cgroups_layout layout;

static void parse(const char *mountinfo, const char *own)
{
	struct err e = ERR_INIT;

	assert_int_equal(cgroups_parse(mountinfo, own, &layout, &e), 0);
}

static void assert_at(enum cgroup_controller c, enum cgroup_version version, const char *mount,
		      const char *own)
{
	assert_int_equal(layout.cgroups.controller[c].version, version);
	assert_string_equal(layout.cgroups.controller[c].mount, mount);
	assert_string_equal(layout.cgroups.controller[c].parent, "");
	if (own)
		assert_string_equal(layout.own[c], own);
}

static void assert_absent(enum cgroup_controller c)
{
	assert_at(c, CGROUP_ABSENT, "", "");
}

#define HYBRID_MOUNTS                                                                       \
	"22 27 0:21 / /proc rw,relatime - proc proc rw\n"                                   \
	"23 27 0:22 / /sys rw,relatime - sysfs sysfs rw\n"                                  \
	"27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard,resuid=65534\n"              \
	"31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"               \
	"32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"              \
	"33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct\n"      \
	"34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset\n"        \
	"35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"        \
	"36 31 0:33 / /sys/fs/cgroup/devices rw,relatime - cgroup cgroup rw,devices\n"      \
	"37 31 0:34 / /sys/fs/cgroup/freezer rw,relatime - cgroup cgroup rw,freezer\n"      \
	"38 31 0:35 / /sys/fs/cgroup/blkio rw,relatime - cgroup cgroup rw,blkio\n"          \
	"39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids\n"            \
	"40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd\n" \
	"41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n"

#define HYBRID_OWN                                                          \
	"9:name=systemd:/\n8:pids:/\n7:blkio:/\n6:freezer:/\n5:devices:/\n" \
	"4:memory:/service/e637\n3:cpuset:/\n2:cpuacct:/\n1:cpu:/\n0::/\n"

static void test_hybrid(void **state)
{
	const struct cgroups_v2_state v2 = {.controllers = "hugetlb\n", .subtree_control = ""};

	(void)state;
	parse(HYBRID_MOUNTS, HYBRID_OWN);
	assert_at(CGROUP_CPU, CGROUP_V1, "/sys/fs/cgroup/cpu", "");
	assert_at(CGROUP_CPUACCT, CGROUP_V1, "/sys/fs/cgroup/cpuacct", "");
	assert_at(CGROUP_MEMORY, CGROUP_V1, "/sys/fs/cgroup/memory", "service/e637");
	assert_at(CGROUP_IO, CGROUP_V1, "/sys/fs/cgroup/blkio", "");
	assert_at(CGROUP_TREE, CGROUP_V2, "/sys/fs/cgroup/unified", "");
	cgroups_add_v2(&v2, &layout.cgroups);
	assert_at(CGROUP_DEVICES, CGROUP_V1, "/sys/fs/cgroup/devices", "");
	assert_at(CGROUP_FREEZER, CGROUP_V1, "/sys/fs/cgroup/freezer", "");
	assert_at(CGROUP_PIDS, CGROUP_V1, "/sys/fs/cgroup/pids", "");
}

/* An empty directory bound over the v2 mount hides it, and then processes are tracked on v1. */
static void test_covered(void **state)
{
	(void)state;
	parse(HYBRID_MOUNTS
	      "90 41 254:0 /empty /sys/fs/cgroup/unified rw,relatime - ext4 /dev/vda rw\n",
	      HYBRID_OWN);
	assert_at(CGROUP_TREE, CGROUP_V1, "/sys/fs/cgroup/systemd", "");
	/* A tmpfs over a directory on the way, and over the directory that holds all of them. */
	parse(HYBRID_MOUNTS "90 23 0:99 / /sys/fs rw,relatime - tmpfs tmpfs rw\n", HYBRID_OWN);
	assert_absent(CGROUP_CPU);
	parse(HYBRID_MOUNTS "90 31 0:99 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw\n",
	      HYBRID_OWN);
	for (int c = 0; c < CGROUP_CONTROLLER_MAX; c++)
		assert_absent((enum cgroup_controller)c);
	/* Beside them it covers nothing. */
	parse(HYBRID_MOUNTS "90 31 0:99 / /sys/fs/cgroup/c rw,relatime - tmpfs tmpfs rw\n",
	      HYBRID_OWN);
	assert_at(CGROUP_CPU, CGROUP_V1, "/sys/fs/cgroup/cpu", "");
}

static const char systemd_v2[] =
	"24 30 0:22 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw\n"
	"30 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro\n"
	"28 24 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 "
	"rw,nsdelegate,memory_recursiveprot\n"
	"29 24 0:27 / /sys/fs/pstore rw,nosuid shared:10 - pstore pstore rw\n";

static const char all_v2[] = "cpuset cpu io memory hugetlb pids rdma misc\n";

static void test_v2_with_systemd(void **state)
{
	const struct cgroups_v2_state v2 = {.controllers = all_v2,
					    .subtree_control = "cpu memory pids\n"};

	(void)state;
	parse(systemd_v2, "0::/user.slice/user-0.slice/session-1.scope\n");
	assert_at(CGROUP_TREE, CGROUP_V2, "/sys/fs/cgroup",
		  "user.slice/user-0.slice/session-1.scope");
	assert_absent(CGROUP_CPU);
	cgroups_add_v2(&v2, &layout.cgroups);
	for (int c = 0; c < CGROUP_CONTROLLER_MAX; c++)
		assert_at((enum cgroup_controller)c, CGROUP_V2, "/sys/fs/cgroup", NULL);
}

static void test_v2_controller_missing(void **state)
{
	const struct cgroups_v2_state v2 = {.controllers = "cpuset io memory pids\n",
					    .subtree_control = ""};

	(void)state;
	parse(systemd_v2, "0::/\n");
	cgroups_add_v2(&v2, &layout.cgroups);
	/* "cpuset" is not "cpu". */
	assert_absent(CGROUP_CPU);
	assert_at(CGROUP_CPUSET, CGROUP_V2, "/sys/fs/cgroup", NULL);
	assert_at(CGROUP_CPUACCT, CGROUP_V2, "/sys/fs/cgroup", NULL);
	assert_at(CGROUP_DEVICES, CGROUP_V2, "/sys/fs/cgroup", NULL);
}

/* A container's namespace root that holds processes cannot enable what is not enabled yet. */
static void test_v2_internal_processes(void **state)
{
	const struct cgroups_v2_state v2 = {
		.controllers = all_v2, .subtree_control = "memory\n", .holds_processes = true};

	(void)state;
	parse("1200 1100 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup rw,nsdelegate\n"
	      "1100 1000 0:90 / /sys ro,nosuid - sysfs sysfs ro\n"
	      "1000 900 0:80 / / rw,relatime - overlay overlay rw,lowerdir=/a:/b\n",
	      "0::/\n");
	cgroups_add_v2(&v2, &layout.cgroups);
	assert_at(CGROUP_MEMORY, CGROUP_V2, "/sys/fs/cgroup", NULL);
	assert_absent(CGROUP_CPU);
	assert_absent(CGROUP_PIDS);
	assert_at(CGROUP_FREEZER, CGROUP_V2, "/sys/fs/cgroup", NULL);
}

static void test_pure_v1(void **state)
{
	const struct cgroups_v2_state v2 = {.controllers = all_v2, .subtree_control = all_v2};

	(void)state;
	/* As Debian 10 and CentOS 7 mount them: two controllers on one hierarchy. */
	parse("25 30 0:22 / /sys/fs/cgroup ro,nosuid shared:8 - tmpfs tmpfs ro,mode=755\n"
	      "26 25 0:23 / /sys/fs/cgroup/systemd rw,nosuid shared:9 - cgroup cgroup "
	      "rw,xattr,release_agent=/usr/lib/systemd/systemd-cgroups-agent,name=systemd\n"
	      "31 25 0:27 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:11 - cgroup cgroup "
	      "rw,cpu,cpuacct\n"
	      "32 25 0:28 / /sys/fs/cgroup/net_cls,net_prio rw shared:12 - cgroup cgroup "
	      "rw,net_cls,net_prio\n"
	      "33 25 0:29 / /sys/fs/cgroup/memory rw,nosuid shared:13 - cgroup cgroup rw,memory\n",
	      "5:cpu,cpuacct:/user.slice\n4:memory:/user.slice\n"
	      "1:name=systemd:/user.slice/user-0.slice\n");
	cgroups_add_v2(&v2, &layout.cgroups);
	assert_at(CGROUP_CPU, CGROUP_V1, "/sys/fs/cgroup/cpu,cpuacct", "user.slice");
	assert_at(CGROUP_CPUACCT, CGROUP_V1, "/sys/fs/cgroup/cpu,cpuacct", "user.slice");
	assert_at(CGROUP_TREE, CGROUP_V1, "/sys/fs/cgroup/systemd", "user.slice/user-0.slice");
	assert_absent(CGROUP_PIDS);
	assert_absent(CGROUP_DEVICES);
	assert_absent(CGROUP_FREEZER);
}

static void test_nested_v1(void **state)
{
	(void)state;
	/* A container that shares the host's cgroup namespace: its mounts show its own part. */
	parse("900 800 0:27 /docker/abc /sys/fs/cgroup/cpu,cpuacct rw,nosuid - cgroup cgroup "
	      "rw,cpu,cpuacct\n"
	      "901 800 0:28 /docker/abc /sys/fs/cgroup/memory ro,nosuid - cgroup cgroup rw,memory\n"
	      "902 800 0:29 /docker/ab /sys/fs/cgroup/pids rw,nosuid - cgroup cgroup rw,pids\n",
	      "5:cpu,cpuacct:/docker/abc/inner\n4:memory:/docker/abc\n3:pids:/docker/abc\n");
	assert_at(CGROUP_CPU, CGROUP_V1, "/sys/fs/cgroup/cpu,cpuacct", "inner");
	/* Read-only: of no use. */
	assert_absent(CGROUP_MEMORY);
	/* A mount of a cgroup that is not above ours. */
	assert_at(CGROUP_PIDS, CGROUP_V1, "/sys/fs/cgroup/pids", "");
	/* A mount from above our cgroup namespace. */
	parse("900 800 0:27 /.. /cg rw,nosuid - cgroup2 cgroup rw\n", "0::/\n");
	assert_at(CGROUP_TREE, CGROUP_V2, "/cg", "");
}

static void test_several_mounts(void **state)
{
	(void)state;
	parse("5 1 0:26 /part /a rw - cgroup2 cgroup rw\n6 1 0:26 / /b ro - cgroup2 cgroup rw\n"
	      "7 1 0:26 / /c\\040d rw - cgroup2 none rw\n8 1 0:26 / /e rw - cgroup2 none rw\n",
	      "0::/part/x\n");
	assert_at(CGROUP_TREE, CGROUP_V2, "/c d", "part/x");
}

static void test_hostile_text(void **state)
{
	struct err e = ERR_INIT;
	char *text = malloc(5000);

	(void)state;
	assert_int_equal(cgroups_parse("1 2 3\n", "", &layout, &e), -EBADMSG);
	assert_non_null(strstr(e.message, "line 1"));
	assert_int_equal(cgroups_parse("1 2 0:1 / / rw - ext4\n", "", &layout, &e), -EBADMSG);
	assert_int_equal(cgroups_parse("1 2 0:1 / / rw shared:1 ext4 x rw\n", "", &layout, &e),
			 -EBADMSG);
	parse("", "");
	assert_absent(CGROUP_TREE);
	/* An empty source. */
	parse("7 1 0:26 / /c rw - cgroup2  rw\n", "0:\n::\n:\n\n0::\n");
	assert_at(CGROUP_TREE, CGROUP_V2, "/c", "");
	/* Mounts that are each other's parents. */
	parse("7 8 0:26 / /c rw - cgroup2 x rw\n8 7 0:1 / /d rw - tmpfs x rw\n", "0::/\n");
	assert_at(CGROUP_TREE, CGROUP_V2, "/c", "");
	/* Paths longer than a host_controller holds. */
	(void)snprintf(text, 5000, "7 1 0:26 / /%0300d rw - cgroup2 x rw\n", 0);
	parse(text, "0::/\n");
	assert_absent(CGROUP_TREE);
	(void)snprintf(text, 5000, "0::/%0300d\n", 0);
	parse("7 1 0:26 / /c rw - cgroup2 x rw\n", text);
	assert_at(CGROUP_TREE, CGROUP_V2, "/c", "");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hybrid),
		cmocka_unit_test(test_covered),
		cmocka_unit_test(test_v2_with_systemd),
		cmocka_unit_test(test_v2_controller_missing),
		cmocka_unit_test(test_v2_internal_processes),
		cmocka_unit_test(test_pure_v1),
		cmocka_unit_test(test_nested_v1),
		cmocka_unit_test(test_several_mounts),
		cmocka_unit_test(test_hostile_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
