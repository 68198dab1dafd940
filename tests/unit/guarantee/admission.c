/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/helper.h"

#include "base/units.h"
#include "guarantee/admission.h"

#define GIB (UINT64_C(1) << 30)

struct fixture {
	struct host host;
	struct spec spec;
	struct grant entries[64];
	struct ledger ledger;
};

static struct fixture fixture_make(void)
{
	struct fixture f = {
		.host.capacity = {.cpu_millicpus = 2000,
				  .cpu_reserved = 100,
				  .memory_bytes = 4 * GIB,
				  .memory_reserved = GIB / 4},
		.spec = {.name = "web",
			 .cpu.claim = CLAIM_DEFAULT,
			 .memory = {.limit_bytes = UNIT_NONE, .swap_bytes = UNIT_NONE},
			 .counts.pids = UNIT_NONE},
	};

	for (int i = 0; i < CGROUP_CONTROLLER_MAX; i++)
		f.host.cgroups.controller[i].version = CGROUP_V2;
	f.host.kernel.memory_swap = f.host.kernel.cpu_burst = true;
	CPU_SET(0, &f.host.capacity.cpus);
	CPU_SET(1, &f.host.capacity.cpus);
	return f;
}

static struct grant *promise(struct fixture *f, const char *name, uint64_t cpu, uint64_t memory)
{
	struct grant *g = &f->entries[f->ledger.count++];

	(void)snprintf(g->name, sizeof(g->name), "%s", name);
	g->cpu = CLAIM_DEFAULT;
	g->cpu.reserve = cpu;
	g->memory_reserve_bytes = memory;
	return g;
}

static void pin(struct grant *g, size_t cpu)
{
	g->cpu_pinned = true;
	CPU_SET(cpu, &g->cpus);
}

static int decide(struct fixture *f, struct grant *ret, struct err *e)
{
	f->ledger.entries = f->entries;
	*e = ERR_INIT;
	return admission_decide(&f->spec, &f->host, &f->ledger, ret, e);
}

static void test_fits(void **state)
{
	struct fixture f = fixture_make();
	struct grant g;
	struct err e;

	(void)state;
	promise(&f, "db", 1000, GIB);
	f.spec.cpu.claim.reserve = 900;
	f.spec.cpu.claim.share_milli = 0;
	f.spec.cpu.burst_usec = 5;
	f.spec.memory.reserve_bytes = 2 * GIB;
	f.spec.counts.pids = 100;
	assert_int_equal(decide(&f, &g, &e), 0);
	assert_string_equal(g.name, "web");
	assert_int_equal(g.cpu.reserve, 900);
	assert_int_equal(g.cpu.limit, 900); /* share=0 folded */
	assert_int_equal(g.cpu_burst_usec, 5);
	assert_true(g.memory_reserve_bytes == 2 * GIB);
	assert_true(g.memory_limit_bytes == UNIT_NONE);
	assert_int_equal(g.pids, 100);
	assert_int_equal(g.cpu_promise.quality, GRANT_KEPT);
	assert_int_equal(g.memory_promise.quality, GRANT_KEPT);
	assert_int_equal(g.pids_promise.quality, GRANT_KEPT);
	f.spec.cpu.claim.reserve = 901;
	assert_int_equal(decide(&f, &g, &e), -ENOSPC);
}

static void test_message_of_a_refusal(void **state)
{
	struct fixture f = fixture_make();
	struct grant g = {.pids = 42};
	struct err e;

	(void)state;
	promise(&f, "mail", 200, 0);
	promise(&f, "db", 900, 0);
	promise(&f, "idle", 0, 0);
	f.spec.cpu.claim.reserve = 1500;
	assert_int_equal(decide(&f, &g, &e), -ENOSPC);
	assert_int_equal(e.kind, ERR_REFUSED);
	assert_string_equal(e.message,
			    "cpu reserve 1.5 refused: 0.8 of 1.9 CPUs left (db 0.9, mail "
			    "0.2); lower it with 'bulkhead set web cpu.reserve=0.8'");
	assert_int_equal(g.pids, 42);
	f.ledger.count = 0;
	f.spec.cpu.claim.reserve = 0;
	f.spec.memory.reserve_bytes = 4 * GIB;
	assert_int_equal(decide(&f, &g, &e), -ENOSPC);
	assert_string_equal(e.message,
			    "memory reserve 4G refused: 3840M of 3840M left; lower it with "
			    "'bulkhead set web memory.reserve=3840M'");
}

static void test_long_lists_are_cut(void **state)
{
	struct fixture f = fixture_make();
	struct grant g;
	struct err e;

	(void)state;
	for (int i = 0; i < 20; i++) {
		char name[8];

		(void)snprintf(name, sizeof(name), "m%02d", i);
		promise(&f, name, 50, 0);
	}
	f.spec.cpu.claim.reserve = 1000;
	assert_int_equal(decide(&f, &g, &e), -ENOSPC);
	assert_non_null(strstr(e.message, "m04 0.05 and 15 more)"));
	assert_null(strstr(e.message, "m05"));
	assert_non_null(strstr(e.message, "0.9 of 1.9"));
}

/* Changing a running machine: its own entry is what is replaced. */
static void test_own_entry_does_not_count(void **state)
{
	struct fixture f = fixture_make();
	struct grant g;
	struct err e;

	(void)state;
	promise(&f, "web", 1800, 3 * GIB);
	f.spec.cpu.claim.reserve = 1900;
	f.spec.memory.reserve_bytes = 3 * GIB + GIB / 2;
	assert_int_equal(decide(&f, &g, &e), 0);
	f.spec.cpu.claim.reserve = 1901;
	assert_int_equal(decide(&f, &g, &e), -ENOSPC);
	assert_null(strstr(e.message, "web 1.8"));
}

static void test_nothing_asked_is_always_admitted(void **state)
{
	struct fixture f = fixture_make();
	struct grant g;
	struct err e;

	(void)state;
	pin(promise(&f, "db", 5000, 9 * GIB), 0); /* the host has shrunk */
	assert_int_equal(decide(&f, &g, &e), 0);
	f.spec.cpu.claim.reserve = 1;
	assert_int_equal(decide(&f, &g, &e), -ENOSPC);
	assert_non_null(strstr(e.message, "0 of 1.9 CPUs left"));
}

static void test_pinned_machines(void **state)
{
	struct fixture f = fixture_make();
	struct grant g;
	struct err e;

	(void)state;
	pin(promise(&f, "db", 700, 0), 0);
	f.spec.cpu.claim.reserve = 500;
	f.spec.cpu.pinned = true;
	CPU_SET(0, &f.spec.cpu.cpus);
	assert_int_equal(decide(&f, &g, &e), -ENOSPC);
	assert_non_null(strstr(e.message, "cpu reserve 0.5 on its CPUs refused: 0.3 of"));
	assert_non_null(strstr(e.message, "cpu.reserve=0.3"));
	f.spec.cpu.claim.reserve = 300;
	assert_int_equal(decide(&f, &g, &e), 0);
	assert_true(g.cpu_pinned && CPU_ISSET(0, &g.cpus) && !CPU_ISSET(1, &g.cpus));
	f.spec.cpu.claim.reserve = 500;
	CPU_SET(1, &f.spec.cpu.cpus);
	assert_int_equal(decide(&f, &g, &e), 0);
}

static void test_unpinned_beside_pinned(void **state)
{
	struct fixture f = fixture_make();
	struct grant g;
	struct err e;

	(void)state;
	f.host.capacity.cpu_reserved = 0;
	pin(promise(&f, "db", 1000, 0), 0);
	f.spec.cpu.claim.reserve = 1000;
	assert_int_equal(decide(&f, &g, &e), 0);
	pin(promise(&f, "mail", 1, 0), 1);
	assert_int_equal(decide(&f, &g, &e), -ENOSPC);
	f.spec.cpu.claim.reserve = 999;
	assert_int_equal(decide(&f, &g, &e), 0);
}

static void test_cpus_that_are_not_there(void **state)
{
	struct fixture f = fixture_make();
	struct grant g;
	struct err e;

	(void)state;
	f.spec.cpu.pinned = true;
	CPU_SET(1, &f.spec.cpu.cpus);
	CPU_SET(2, &f.spec.cpu.cpus);
	assert_int_equal(decide(&f, &g, &e), -EINVAL);
	assert_int_equal(e.kind, ERR_INPUT);
	assert_non_null(strstr(e.message, "only 1"));
}

static void test_reservation_above_own_limit(void **state)
{
	struct fixture f = fixture_make();
	struct grant g;
	struct err e;

	(void)state;
	f.spec.cpu.claim.reserve = 600;
	f.spec.cpu.claim.limit = 500;
	assert_int_equal(decide(&f, &g, &e), -EINVAL);
	assert_int_equal(e.kind, ERR_INPUT);
	f = fixture_make();
	f.spec.memory.reserve_bytes = GIB;
	f.spec.memory.limit_bytes = GIB - 1;
	assert_int_equal(decide(&f, &g, &e), -EINVAL);
	assert_int_equal(e.kind, ERR_INPUT);
	f.spec.memory.limit_bytes = GIB;
	assert_int_equal(decide(&f, &g, &e), 0);
}

static void test_quality(void **state)
{
	struct fixture f = fixture_make();
	struct grant g;
	struct err e;

	(void)state;
	f.host.cgroups.controller[CGROUP_CPU].version = CGROUP_V1;
	f.host.cgroups.controller[CGROUP_MEMORY].version = CGROUP_V1;
	f.host.cgroups.controller[CGROUP_PIDS].version = CGROUP_ABSENT;
	f.spec.cpu.claim.reserve = 100;
	f.spec.memory.reserve_bytes = GIB;
	assert_int_equal(decide(&f, &g, &e), 0);
	assert_int_equal(g.cpu_promise.quality, GRANT_KEPT);
	assert_int_equal(g.memory_promise.quality, GRANT_BEST_EFFORT);
	assert_string_equal(g.memory_promise.reason, "memory is on cgroup v1");
	assert_int_equal(g.pids_promise.quality, GRANT_UNSUPPORTED);
	assert_non_null(strstr(g.pids_promise.reason, "pids"));
	f.spec.memory.reserve_bytes = 0;
	assert_int_equal(decide(&f, &g, &e), 0);
	assert_int_equal(g.memory_promise.quality, GRANT_KEPT);
	f.host.cgroups.controller[CGROUP_CPU].version = CGROUP_ABSENT;
	f.host.cgroups.controller[CGROUP_MEMORY].version = CGROUP_ABSENT;
	assert_int_equal(decide(&f, &g, &e), 0);
	assert_int_equal(g.cpu_promise.quality, GRANT_UNSUPPORTED);
	assert_int_equal(g.memory_promise.quality, GRANT_UNSUPPORTED);
}

static void test_require(void **state)
{
	struct fixture f = fixture_make();
	struct grant g;
	struct err e;

	(void)state;
	f.spec.require = true;
	f.host.cgroups.controller[CGROUP_MEMORY].version = CGROUP_V1;
	f.host.cgroups.controller[CGROUP_PIDS].version = CGROUP_ABSENT;
	assert_int_equal(decide(&f, &g, &e), 0); /* nothing of it was asked for */
	f.spec.memory.reserve_bytes = GIB;
	assert_int_equal(decide(&f, &g, &e), -EOPNOTSUPP);
	assert_int_equal(e.kind, ERR_HOST);
	assert_non_null(strstr(e.message, "memory is on cgroup v1"));
	f.spec.memory.reserve_bytes = 0;
	f.spec.counts.pids = 10;
	assert_int_equal(decide(&f, &g, &e), -EOPNOTSUPP);
	assert_non_null(strstr(e.message, "pids controller"));
}

static void test_room(void **state)
{
	struct fixture f = fixture_make();
	struct admission_room room;

	(void)state;
	promise(&f, "a", 1500, GIB);
	promise(&f, "b", 600, 0);
	f.ledger.entries = f.entries;
	admission_cpu_room(&f.host, &f.ledger, &room);
	assert_int_equal(room.total, 1900);
	assert_int_equal(room.promised, 2100);
	assert_int_equal(room.left, 0);
	admission_memory_room(&f.host, &f.ledger, &room);
	assert_true(room.left == 2 * GIB + 3 * (GIB / 4));
	f.host.capacity.memory_reserved = 5 * GIB;
	admission_memory_room(&f.host, &f.ledger, &room);
	assert_int_equal(room.total, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fits),
		cmocka_unit_test(test_message_of_a_refusal),
		cmocka_unit_test(test_long_lists_are_cut),
		cmocka_unit_test(test_own_entry_does_not_count),
		cmocka_unit_test(test_nothing_asked_is_always_admitted),
		cmocka_unit_test(test_pinned_machines),
		cmocka_unit_test(test_unpinned_beside_pinned),
		cmocka_unit_test(test_cpus_that_are_not_there),
		cmocka_unit_test(test_reservation_above_own_limit),
		cmocka_unit_test(test_quality),
		cmocka_unit_test(test_require),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
