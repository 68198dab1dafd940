/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/helper.h"

#include "model/capability_names.h"
#include "security/security.h"

#include <linux/capability.h>

static const char *const argv[] = {"/bin/true", NULL};
static const struct spec command = {
	.name = "web",
	.init = SPEC_INIT_COMMAND,
	.stdio = SPEC_STDIO_CONSOLE,
	.network = SPEC_NETWORK_NONE,
	.idmap = {.base = 100000, .count = 65536},
	.process = {.argv = argv,
		    .seccomp = true,
		    .capabilities_default = true,
		    .no_new_privs_default = true},
};

static struct host host_v2(void)
{
	struct host h = {.kernel.time_namespace = true};

	for (int c = 0; c < CGROUP_CONTROLLER_MAX; c++) {
		h.cgroups.controller[c].version = CGROUP_V2;
		(void)strcpy(h.cgroups.controller[c].mount, "/sys/fs/cgroup");
	}
	CPU_SET(0, &h.capacity.cpus);
	return h;
}

static struct host host_hybrid(void)
{
	static const char *const mounts[CGROUP_CONTROLLER_MAX] = {
		[CGROUP_CPU] = "/sys/fs/cgroup/cpu,cpuacct",
		[CGROUP_CPUACCT] = "/sys/fs/cgroup/cpu,cpuacct",
		[CGROUP_MEMORY] = "/sys/fs/cgroup/memory",
		[CGROUP_IO] = "/sys/fs/cgroup/blkio",
		[CGROUP_TREE] = "/sys/fs/cgroup/unified",
	};
	struct host h = host_v2();

	for (int c = 0; c < CGROUP_CONTROLLER_MAX; c++) {
		struct host_controller *hc = &h.cgroups.controller[c];

		hc->version = !mounts[c] ? CGROUP_ABSENT : c == CGROUP_TREE ? CGROUP_V2 : CGROUP_V1;
		(void)strcpy(hc->mount, mounts[c] ? mounts[c] : "");
	}
	return h;
}

static void plan_all(const struct spec *spec, const struct host *host, struct plan *plan)
{
	static const char *const made[] = {"cpu", "memory", "tree"};

	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		PLAN_ADD(plan, OP_STAGE_HOST, OP_CGROUP_MAKE, .subject = made[i]);
	assert_int_equal(namespaces_plan(spec, host, plan, NULL), 0);
	assert_int_equal(rootfs_plan(spec, host, plan, NULL), 0);
	assert_int_equal(confine_plan(spec, host, plan, NULL), 0);
	plan_order(plan);
}

/* The first operation of a kind (and subject, and name), or -1. */
static int find(const struct plan *plan, enum op_kind kind, const char *subject, const char *name)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct op *op = &plan->ops[i];

		if (op->kind == kind &&
		    (!subject || (op->subject && strcmp(op->subject, subject) == 0)) &&
		    (!name || (op->name && strcmp(op->name, name) == 0)))
			return (int)i;
	}
	return -1;
}

static bool has(const struct plan *plan, enum op_kind kind, const char *subject)
{
	return find(plan, kind, subject, NULL) >= 0;
}

static void test_order(void **state)
{
	_cleanup_plan_ struct plan plan = PLAN_INIT;
	const struct host host = host_v2();
	static const enum op_kind order[] = {OP_IDMAP_WRITE,  OP_ROOT_ATTACH,  OP_CGROUP_NAMESPACE,
					     OP_ROOT_TAKE,    OP_MOUNT,	       OP_CONSOLE_OPEN,
					     OP_ROOT_SWITCH,  OP_HOSTNAME,     OP_LOOPBACK_UP,
					     OP_MASK,	      OP_READONLY,     OP_KEYRING_JOIN,
					     OP_STDIO_ATTACH, OP_CAPABILITIES, OP_CREDENTIALS,
					     OP_CHDIR,	      OP_NO_NEW_PRIVS, OP_SECCOMP,
					     OP_EXEC};
	int before = -1;

	(void)state;
	plan_all(&command, &host, &plan);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		int at = find(&plan, order[i], NULL, NULL);

		if (at <= before)
			fail_msg("%s is not where it belongs", op_kind_name(order[i]));
		before = at;
	}
	assert_int_equal(before, plan.count - 1);
	/* What is seen of the devices needs the host's tree, what is masked is the machine's. */
	assert_true(find(&plan, OP_DEVICE, "/dev/urandom", NULL) <
		    find(&plan, OP_ROOT_SWITCH, NULL, NULL));
	assert_true(find(&plan, OP_CAPABILITIES, NULL, "effective") >
		    find(&plan, OP_CREDENTIALS, NULL, NULL));
}

/* Without no_new_privs the filter needs CAP_SYS_ADMIN, so it comes before that is dropped. */
static void test_seccomp_before_privileges(void **state)
{
	_cleanup_plan_ struct plan plan = PLAN_INIT;
	const struct host host = host_v2();
	struct spec spec = command;
	int seccomp;

	(void)state;
	spec.init = SPEC_INIT_SYSTEMD;
	plan_all(&spec, &host, &plan);
	seccomp = find(&plan, OP_SECCOMP, NULL, NULL);
	assert_true(seccomp >= 0);
	assert_true(seccomp < find(&plan, OP_CAPABILITIES, NULL, "bounding"));
	assert_false(has(&plan, OP_NO_NEW_PRIVS, NULL));
	assert_string_equal(plan.ops[seccomp].value, "system");
	assert_string_equal(plan.ops[find(&plan, OP_EXEC, NULL, NULL)].value, "direct");
}

static void test_namespaces(void **state)
{
	const struct host host = host_v2();
	struct spec spec = command;

	(void)state;
	assert_int_equal(namespaces_flags(&spec, &host), CLONE_NEWUSER | CLONE_NEWPID |
								 CLONE_NEWIPC | CLONE_NEWUTS |
								 CLONE_NEWNET | CLONE_NEWTIME);
	spec.network = SPEC_NETWORK_HOST;
	spec.idmap.count = 0;
	assert_int_equal(namespaces_flags(&spec, &host) & (CLONE_NEWUSER | CLONE_NEWNET), 0);
}

/* On the host's network nothing of the host's sysfs comes along but devices and modules. */
static void test_host_network(void **state)
{
	_cleanup_plan_ struct plan plan = PLAN_INIT;
	const struct host host = host_v2();
	struct spec spec = command;

	(void)state;
	spec.network = SPEC_NETWORK_HOST;
	plan_all(&spec, &host, &plan);
	assert_false(has(&plan, OP_LOOPBACK_UP, NULL));
	assert_string_equal(plan.ops[find(&plan, OP_MOUNT, "/sys", NULL)].source, "tmpfs");
	assert_false(has(&plan, OP_BIND, "/sys"));
	assert_false(has(&plan, OP_BIND, "/sys/kernel"));
	for (size_t i = 0; i < plan.count; i++) {
		if (plan.ops[i].kind == OP_BIND) {
			assert_true(plan.ops[i].flags & MS_RDONLY);
			assert_false(plan.ops[i].flags & MS_REC);
		}
	}
	assert_false(capabilities_resolve(&spec) & CAPABILITY_BIT(CAP_NET_RAW));
}

static void test_cgroup_mounts(void **state)
{
	_cleanup_plan_ struct plan v2 = PLAN_INIT, hybrid = PLAN_INIT;
	struct host host = host_v2();
	struct spec spec = command;
	const struct op *op;

	(void)state;
	plan_all(&spec, &host, &v2);
	op = &v2.ops[find(&v2, OP_MOUNT, "/sys/fs/cgroup", NULL)];
	assert_string_equal(op->source, "cgroup2");
	assert_true(op->flags & MS_RDONLY);
	spec.init = SPEC_INIT_SYSTEMD;
	host = host_hybrid();
	plan_all(&spec, &host, &hybrid);
	op = &hybrid.ops[find(&hybrid, OP_MOUNT, "/sys/fs/cgroup/cpu,cpuacct", NULL)];
	assert_string_equal(op->value, "cpu,cpuacct");
	assert_false(op->flags & MS_RDONLY);
	op = &hybrid.ops[find(&hybrid, OP_MOUNT, "/sys/fs/cgroup/memory", NULL)];
	assert_string_equal(op->value, "memory");
	/* The machine has no cgroup there: it would see the host's. */
	assert_false(has(&hybrid, OP_MOUNT, "/sys/fs/cgroup/blkio"));
	op = &hybrid.ops[find(&hybrid, OP_MOUNT, "/sys/fs/cgroup/unified", NULL)];
	assert_string_equal(op->source, "cgroup2");
	assert_true(has(&hybrid, OP_MOUNT, "/run"));
	assert_false(has(&v2, OP_MOUNT, "/run"));
}

static void test_proc_sys(void **state)
{
	struct {
		enum spec_init init;
		uint32_t count;
		bool readonly;
	} table[] = {{SPEC_INIT_COMMAND, 65536, true},
		     {SPEC_INIT_COMMAND, 0, true},
		     {SPEC_INIT_SYSTEMD, 65536, false},
		     {SPEC_INIT_SYSTEMD, 0, true},
		     {SPEC_INIT_SYSV, 65536, false}};
	const struct host host = host_v2();

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		_cleanup_plan_ struct plan plan = PLAN_INIT;
		struct spec spec = command;

		spec.init = table[i].init;
		spec.idmap.count = table[i].count;
		plan_all(&spec, &host, &plan);
		assert_int_equal(has(&plan, OP_READONLY, "/proc/sys"), table[i].readonly);
		assert_true(has(&plan, OP_READONLY, "/proc/sysrq-trigger"));
		assert_true(has(&plan, OP_MASK, "/proc/kcore"));
		assert_int_equal(has(&plan, OP_IDMAP_WRITE, NULL), table[i].count > 0);
	}
}

static void test_capabilities(void **state)
{
	static const int never[] = {CAP_SYS_MODULE, CAP_SYS_RAWIO, CAP_SYS_TIME, CAP_MKNOD,
				    CAP_MAC_ADMIN,  CAP_SYSLOG,	   CAP_BPF,	 CAP_PERFMON};
	static const int admin[] = {CAP_SYS_ADMIN, CAP_NET_ADMIN, CAP_SYS_PTRACE, CAP_SYS_BOOT};
	uint64_t small = capabilities_default(SPEC_INIT_COMMAND);
	uint64_t large = capabilities_default(SPEC_INIT_SYSTEMD);
	struct spec spec = command;

	(void)state;
	assert_int_equal(small & large, small);
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		assert_false(large & CAPABILITY_BIT(never[i]));
	for (size_t i = 0; i < sizeof(admin) / sizeof(admin[0]); i++) {
		assert_false(small & CAPABILITY_BIT(admin[i]));
		assert_true(large & CAPABILITY_BIT(admin[i]));
	}
	spec.process.capabilities_add = CAPABILITY_BIT(CAP_SYS_NICE);
	spec.process.capabilities_drop = CAPABILITY_BIT(CAP_NET_RAW) | CAPABILITY_BIT(CAP_CHOWN);
	assert_int_equal(capabilities_resolve(&spec),
			 (small | CAPABILITY_BIT(CAP_SYS_NICE)) &
				 ~(CAPABILITY_BIT(CAP_NET_RAW) | CAPABILITY_BIT(CAP_CHOWN)));
	spec.process.capabilities_default = false;
	spec.process.capabilities = 5;
	assert_int_equal(capabilities_resolve(&spec), 5);
}

static void test_no_command(void **state)
{
	_cleanup_plan_ struct plan plan = PLAN_INIT;
	static const char *const none[] = {NULL};
	const struct host host = host_v2();
	struct spec spec = command;
	struct err e = ERR_INIT;

	(void)state;
	spec.process.argv = none;
	assert_int_equal(confine_plan(&spec, &host, &plan, &e), -EINVAL);
	assert_int_equal(e.kind, ERR_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_seccomp_before_privileges),
		cmocka_unit_test(test_namespaces),
		cmocka_unit_test(test_host_network),
		cmocka_unit_test(test_cgroup_mounts),
		cmocka_unit_test(test_proc_sys),
		cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_no_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
