/* SPDX-License-Identifier: Apache-2.0 */
/* grant -> operations: pure, on fixtures of v1, v2, hybrid and systemd hosts. */
#include "tests/unit/helper.h"

#include "base/strbuf.h"
#include "base/units.h"
#include "guarantee/weights.h"
#include "resource/cgroup.h"

#define V1(c, name) [c] = {.version = CGROUP_V1, .mount = "/sys/fs/cgroup/" name}
#define V2(c, where) [c] = {.version = CGROUP_V2, .mount = where}

static const struct host host_v1 = {
	.cgroups.controller = {V1(CGROUP_CPU, "cpu,cpuacct"), V1(CGROUP_CPUACCT, "cpu,cpuacct"),
			       V1(CGROUP_CPUSET, "cpuset"), V1(CGROUP_MEMORY, "memory"),
			       V1(CGROUP_PIDS, "pids"), V1(CGROUP_DEVICES, "devices"),
			       V1(CGROUP_FREEZER, "freezer"), V1(CGROUP_TREE, "systemd")},
	.kernel = {.memory_swap = true, .cpu_burst = true},
};

#define UNIFIED "/sys/fs/cgroup/unified"
static const struct host host_hybrid = {
	.cgroups = {.controller = {V1(CGROUP_CPU, "cpu"), V1(CGROUP_CPUACCT, "cpuacct"),
				   V1(CGROUP_CPUSET, "cpuset"), V1(CGROUP_MEMORY, "memory"),
				   V1(CGROUP_PIDS, "pids"), V1(CGROUP_DEVICES, "devices"),
				   V1(CGROUP_FREEZER, "freezer"), V2(CGROUP_TREE, UNIFIED)},
		    .can_kill = true,
		    .can_clone_into = true},
	.kernel = {.memory_swap = true, .cpu_burst = true},
};

#define PURE "/sys/fs/cgroup"
#define PURE_CONTROLLERS                                                                          \
	{                                                                                         \
		V2(CGROUP_CPU, PURE), V2(CGROUP_CPUACCT, PURE), V2(CGROUP_CPUSET, PURE),          \
			V2(CGROUP_MEMORY, PURE), V2(CGROUP_PIDS, PURE), V2(CGROUP_DEVICES, PURE), \
			V2(CGROUP_FREEZER, PURE), V2(CGROUP_TREE, PURE)                           \
	}
static const struct host host_v2 = {
	.cgroups = {.controller = PURE_CONTROLLERS, .can_kill = true, .can_clone_into = true},
	.kernel = {.memory_swap = true, .cpu_burst = true},
};
static const struct host host_systemd = {
	.cgroups = {.controller = PURE_CONTROLLERS,
		    .systemd = true,
		    .can_kill = true,
		    .can_clone_into = true},
	.kernel = {.memory_swap = true, .cpu_burst = true},
};
static const struct host host_bare = {.kernel = {.memory_swap = true}};

static const struct settings settings = {.cgroup = "bulkhead"};
static const struct spec spec = {.name = "web", .idmap = {.base = 1000000, .count = 65536}};

static struct grant unlimited(void)
{
	return (struct grant){.name = "web",
			      .cpu = CLAIM_DEFAULT,
			      .memory_limit_bytes = UNIT_NONE,
			      .memory_swap_bytes = UNIT_NONE,
			      .pids = UNIT_NONE};
}

static struct grant limited(void)
{
	struct grant g = unlimited();

	g.cpu.limit = 1500;
	g.cpu_burst_usec = 20000;
	g.memory_reserve_bytes = 64 << 20;
	g.memory_limit_bytes = 256 << 20;
	g.memory_swap_bytes = 0;
	g.pids = 100;
	return g;
}

static const char *text_of(const struct plan *p, struct strbuf *out)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct op *op = &p->ops[i];

		strbuf_printf(out, "%s %s %s", op_stage_name(op->stage), op_kind_name(op->kind),
			      op->subject);
		if (op->source)
			strbuf_printf(out, " %s", op->source);
		if (op->name && *op->name)
			strbuf_printf(out, " [%s]", op->name);
		strbuf_printf(out, " = %s", op->value);
		if (op->number)
			strbuf_printf(out, " for %llu", (unsigned long long)op->number);
		strbuf_append(out, "\n");
	}
	return strbuf_text(out);
}

static void expect_start(const struct host *host, const struct grant *g, const char *expected)
{
	_cleanup_plan_ struct plan plan = PLAN_INIT;
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct err e = ERR_INIT;

	assert_int_equal(cgroup_plan(&spec, g, host, &settings, 1000000, &plan, &e), 0);
	plan_order(&plan);
	assert_string_equal(text_of(&plan, &text), expected);
}

static void expect_update(const struct host *host, const struct grant *from, const struct grant *to,
			  const char *expected)
{
	_cleanup_plan_ struct plan plan = PLAN_INIT;
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct err e = ERR_INIT;

	assert_int_equal(cgroup_plan_update(from, to, host, &settings, &plan, &e), 0);
	assert_string_equal(text_of(&plan, &text), expected);
}

#define WRITE(controller, file, value) \
	"host cgroup-write " controller " bulkhead/web [" file "] = " value "\n"

static void test_start_v1(void **state)
{
	const struct grant g = limited();

	(void)state;
	expect_start(&host_v1, &g,
		     "host cgroup-make cpuacct = bulkhead/web\n"
		     "host cgroup-make memory = bulkhead/web\n"
		     "host cgroup-make pids = bulkhead/web\n"
		     "host cgroup-make freezer = bulkhead/web\n"
		     "host cgroup-make tree = bulkhead/web for 1000000\n"
		     /* clang-format off */
		     WRITE("cpu", "cpu.shares", "262144")
		     WRITE("cpu", "cpu.cfs_burst_us", "20000")
		     WRITE("cpu", "cpu.cfs_quota_us", "150000")
		     WRITE("memory", "memory.soft_limit_in_bytes", "67108864")
		     WRITE("memory", "memory.limit_in_bytes", "268435456")
		     WRITE("memory", "memory.memsw.limit_in_bytes", "268435456")
		     WRITE("pids", "pids.max", "100")
		     /* clang-format on */
		     "child cgroup-enter cpuacct = bulkhead/web\n"
		     "child cgroup-enter memory = bulkhead/web\n"
		     "child cgroup-enter pids = bulkhead/web\n"
		     "child cgroup-enter freezer = bulkhead/web\n"
		     "child cgroup-enter tree = bulkhead/web\n");
}

static void test_start_hybrid(void **state)
{
	struct grant g = unlimited();

	(void)state;
	g.cpu_pinned = true;
	CPU_SET(0, &g.cpus);
	CPU_SET(1, &g.cpus);
	CPU_SET(5, &g.cpus);
	expect_start(&host_hybrid, &g,
		     "host cgroup-make cpu = bulkhead/web\n"
		     "host cgroup-make cpuset = bulkhead/web\n"
		     "host cgroup-make memory = bulkhead/web\n"
		     "host cgroup-make pids = bulkhead/web\n"
		     "host cgroup-make tree = bulkhead/web for 1000000\n"
		     /* clang-format off */
		     WRITE("cpu", "cpu.shares", "262144")
		     WRITE("cpuset", "cpuset.cpus", "0-1,5")
		     WRITE("memory", "memory.soft_limit_in_bytes", "0")
		     WRITE("tree", "cgroup.max.depth", "32")
		     WRITE("tree", "cgroup.max.descendants", "4096")
		     /* clang-format on */
		     "child cgroup-enter cpu = bulkhead/web\n"
		     "child cgroup-enter cpuset = bulkhead/web\n"
		     "child cgroup-enter memory = bulkhead/web\n"
		     "child cgroup-enter pids = bulkhead/web\n");
}

static void test_start_v2(void **state)
{
	const struct grant g = limited();

	(void)state;
	expect_start(
		&host_v2, &g,
		"host cgroup-make tree [cpu memory pids] = bulkhead/web for 1000000\n"
		/* clang-format off */
		     WRITE("cpu", "cpu.weight", "10000")
		     WRITE("cpu", "cpu.max.burst", "20000")
		     WRITE("cpu", "cpu.max", "150000 100000")
		     WRITE("memory", "memory.min", "67108864")
		     WRITE("memory", "memory.max", "268435456")
		     WRITE("memory", "memory.swap.max", "0")
		     WRITE("pids", "pids.max", "100")
		     WRITE("tree", "cgroup.max.depth", "32")
		     WRITE("tree", "cgroup.max.descendants", "4096")
		/* clang-format on */
	);
}

static void test_start_v2_without_clone_into(void **state)
{
	struct host host = host_v2;
	struct grant g = unlimited();

	(void)state;
	host.cgroups.can_clone_into = false;
	expect_start(&host, &g,
		     "host cgroup-make tree [cpu memory pids] = bulkhead/web for 1000000\n"
		     /* clang-format off */
		     WRITE("cpu", "cpu.weight", "10000")
		     WRITE("tree", "cgroup.max.depth", "32")
		     WRITE("tree", "cgroup.max.descendants", "4096")
		     /* clang-format on */
		     "parent cgroup-enter tree = bulkhead/web\n");
}

static void test_start_systemd(void **state)
{
	struct grant g = unlimited();

	(void)state;
	g.pids = 7;
	expect_start(
		&host_systemd, &g,
		"parent scope-start bulkhead-web.scope bulkhead.slice [cpu memory pids] = "
		"bulkhead.slice/bulkhead-web.scope for 1000000\n"
		"parent cgroup-write cpu bulkhead.slice/bulkhead-web.scope [cpu.weight] = 10000\n"
		"parent cgroup-write pids bulkhead.slice/bulkhead-web.scope [pids.max] = 7\n"
		"parent cgroup-write tree bulkhead.slice/bulkhead-web.scope [cgroup.max.depth] = "
		"32\n"
		"parent cgroup-write tree bulkhead.slice/bulkhead-web.scope "
		"[cgroup.max.descendants] = 4096\n");
}

static void test_no_cgroups(void **state)
{
	_cleanup_plan_ struct plan plan = PLAN_INIT;
	struct grant g = unlimited();
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(cgroup_plan(&spec, &g, &host_bare, &settings, 1, &plan, &e), -ENOENT);
	assert_int_equal(e.kind, ERR_HOST);
	assert_int_equal(plan.count, 0);
}

static void test_devices_without_user_namespace(void **state)
{
	_cleanup_plan_ struct plan plan = PLAN_INIT;
	struct spec privileged = spec;
	struct grant g = unlimited();
	struct err e = ERR_INIT;
	size_t denied = 0, allowed = 0;

	(void)state;
	privileged.idmap.count = 0;
	assert_int_equal(cgroup_plan(&privileged, &g, &host_v1, &settings, 1, &plan, &e), 0);
	for (size_t i = 0; i < plan.count; i++) {
		const struct op *op = &plan.ops[i];

		assert_int_equal(op->number, 0);
		if (op->kind != OP_CGROUP_WRITE || strcmp(op->subject, "devices") != 0)
			continue;
		/* Everything is denied before anything is allowed. */
		if (strcmp(op->name, "devices.deny") == 0) {
			assert_int_equal(allowed, 0);
			assert_string_equal(op->value, "a");
			denied++;
		} else
			allowed++;
	}
	assert_int_equal(denied, 1);
	assert_int_equal(allowed, 10);
}

static void test_update_memory_grows(void **state)
{
	struct grant from = limited(), to = limited();

	(void)state;
	to.memory_limit_bytes = 1 << 30;
	to.memory_reserve_bytes = 0;
	expect_update(&host_v1, &from, &to,
		      /* clang-format off */
		      WRITE("memory", "memory.memsw.limit_in_bytes", "1073741824")
		      WRITE("memory", "memory.limit_in_bytes", "1073741824")
		      WRITE("memory", "memory.soft_limit_in_bytes", "0")
		      /* clang-format on */
	);
	expect_update(&host_v1, &to, &from,
		      /* clang-format off */
		      WRITE("memory", "memory.soft_limit_in_bytes", "67108864")
		      WRITE("memory", "memory.limit_in_bytes", "268435456")
		      WRITE("memory", "memory.memsw.limit_in_bytes", "268435456")
		      /* clang-format on */
	);
}

/* limit grows while limit + swap shrinks, and the other way round: the kernel's rule (limit <=
 * memsw) must hold after every single write. */
static void check_memsw_rule(const struct grant *from, const struct grant *to)
{
	_cleanup_plan_ struct plan plan = PLAN_INIT;
	struct err e = ERR_INIT;
	uint64_t limit = from->memory_limit_bytes;
	uint64_t memsw = limit == UNIT_NONE || from->memory_swap_bytes == UNIT_NONE
				 ? UNIT_NONE
				 : limit + from->memory_swap_bytes;

	assert_int_equal(cgroup_plan_update(from, to, &host_v1, &settings, &plan, &e), 0);
	for (size_t i = 0; i < plan.count; i++) {
		const struct op *op = &plan.ops[i];
		uint64_t value =
			strcmp(op->value, "-1") == 0 ? UNIT_NONE : strtoull(op->value, NULL, 10);

		if (strcmp(op->name, "memory.limit_in_bytes") == 0)
			limit = value;
		if (strcmp(op->name, "memory.memsw.limit_in_bytes") == 0)
			memsw = value;
		assert_true(limit <= memsw);
	}
	assert_int_equal(limit, to->memory_limit_bytes);
}

/* Quota >= 1 ms, 1 ms <= period <= 1 s, burst <= quota: after every write. */
static void check_bandwidth_rule(const struct grant *from, const struct grant *to)
{
	struct grant none = unlimited();
	int64_t quota = -1, period = 100000, burst = 0;
	const struct grant *steps[] = {&none, from, to};

	for (size_t s = 0; s < 2; s++) {
		_cleanup_plan_ struct plan plan = PLAN_INIT;
		struct err e = ERR_INIT;

		assert_int_equal(
			cgroup_plan_update(steps[s], steps[s + 1], &host_v1, &settings, &plan, &e),
			0);
		for (size_t i = 0; i < plan.count; i++) {
			const struct op *op = &plan.ops[i];
			int64_t value = strtoll(op->value, NULL, 10);

			if (strcmp(op->name, "cpu.cfs_quota_us") == 0)
				quota = value;
			if (strcmp(op->name, "cpu.cfs_period_us") == 0)
				period = value;
			if (strcmp(op->name, "cpu.cfs_burst_us") == 0)
				burst = value;
			assert_true(quota == -1 || quota >= 1000);
			assert_true(period >= 1000 && period <= 1000000);
			assert_true(quota == -1 || burst <= quota);
		}
	}
	if (to->cpu.limit == UNIT_NONE)
		assert_int_equal(quota, -1);
	else if (to->cpu.limit > 0 && to->cpu.limit < 1000000)
		/* Within one percent of what was asked. */
		assert_true(llabs(quota * 1000 - (int64_t)to->cpu.limit * period) * 100 <=
			    (int64_t)to->cpu.limit * period);
}

static void test_update_rules(void **state)
{
	static const uint64_t cpu[] = {0, 1, 3, 9, 10, 11, 500, 1500, 64000, UNIT_NONE};
	static const uint64_t bytes[] = {0, 1 << 20, 256 << 20, 1 << 30, UINT64_MAX - 1, UNIT_NONE};
	uint64_t seed = 20261120;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct grant g[2] = {unlimited(), unlimited()};

		for (int k = 0; k < 2; k++) {
			g[k].cpu.limit = cpu[random_next(&seed) % 10];
			g[k].cpu_burst_usec = random_next(&seed) % 200000;
			g[k].memory_limit_bytes = bytes[random_next(&seed) % 6];
			g[k].memory_swap_bytes = bytes[random_next(&seed) % 4];
		}
		if (g[0].memory_limit_bytes != UINT64_MAX - 1)
			check_memsw_rule(&g[0], &g[1]);
		check_bandwidth_rule(&g[0], &g[1]);
	}
}

static void test_update_pinning(void **state)
{
	_cleanup_plan_ struct plan plan = PLAN_INIT;
	struct grant from = unlimited(), to = unlimited();
	struct host hybrid = host_hybrid;
	struct err e = ERR_INIT;

	(void)state;
	CPU_SET(0, &hybrid.capacity.cpus);
	CPU_SET(1, &hybrid.capacity.cpus);
	to.cpu_pinned = true;
	CPU_SET(1, &to.cpus);
	assert_int_equal(cgroup_plan_update(&from, &to, &hybrid, &settings, &plan, &e), -EBUSY);
	assert_int_equal(e.kind, ERR_INPUT);
	assert_int_equal(plan.count, 0);
	expect_update(&hybrid, &to, &from, WRITE("cpuset", "cpuset.cpus", "0-1"));
	expect_update(&host_v2, &from, &to, WRITE("cpuset", "cpuset.cpus", "1"));
}

static void test_update_nothing(void **state)
{
	const struct grant g = limited();

	(void)state;
	expect_update(&host_v1, &g, &g, "");
	expect_update(&host_v2, &g, &g, "");
}

static void test_paths(void **state)
{
	struct settings other = {.cgroup = "bulkhead-0a1b2c3d"};
	char path[HOST_PATH_MAX];

	(void)state;
	assert_string_equal(cgroup_path(&settings, &host_v1, "web", path), "bulkhead/web");
	assert_string_equal(cgroup_path(&settings, &host_systemd, "a-b", path),
			    "bulkhead.slice/bulkhead-a-b.scope");
	assert_string_equal(cgroup_path(&other, &host_systemd, "web", path),
			    "bulkhead_0a1b2c3d.slice/bulkhead_0a1b2c3d-web.scope");
	assert_string_equal(cgroup_birth_path(&settings, &host_hybrid, "web", path),
			    "bulkhead/web");
	assert_string_equal(cgroup_birth_path(&settings, &host_systemd, "web", path), "");
	assert_string_equal(cgroup_birth_path(&settings, &host_v1, "web", path), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start_v1),
		cmocka_unit_test(test_start_hybrid),
		cmocka_unit_test(test_start_v2),
		cmocka_unit_test(test_start_v2_without_clone_into),
		cmocka_unit_test(test_start_systemd),
		cmocka_unit_test(test_no_cgroups),
		cmocka_unit_test(test_devices_without_user_namespace),
		cmocka_unit_test(test_update_memory_grows),
		cmocka_unit_test(test_update_rules),
		cmocka_unit_test(test_update_pinning),
		cmocka_unit_test(test_update_nothing),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests_name("resource_plan", tests, NULL, NULL);
}
