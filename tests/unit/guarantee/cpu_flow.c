/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/helper.h"

#include "guarantee/cpu_flow.h"

#include <time.h>

static cpu_set_t set_of(unsigned int mask)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (unsigned int cpu = 0; cpu < 32; cpu++) {
		if (mask >> cpu & 1)
			CPU_SET(cpu, &set);
	}
	return set;
}

static void test_plain(void **state)
{
	const cpu_set_t all = set_of(3);
	struct cpu_demand d[] = {{1000, set_of(1)}, {1000, set_of(3)}, {1, set_of(3)}};

	(void)state;
	assert_int_equal(cpu_flow_missing(2000, &all, d, 0), 0);
	assert_int_equal(cpu_flow_missing(2000, &all, d, 2), 0);
	assert_int_equal(cpu_flow_missing(2000, &all, d, 3), 1);
	d[1].cpus = set_of(1);
	assert_int_equal(cpu_flow_missing(2000, &all, d, 2), 1000);
}

/* The first comer sits where only the second can: it has to move. */
static void test_others_move(void **state)
{
	const cpu_set_t all = set_of(7);
	const struct cpu_demand d[] = {
		{1000, set_of(3)}, {1000, set_of(6)}, {1000, set_of(1)}, {0, set_of(4)}};

	(void)state;
	assert_int_equal(cpu_flow_missing(3000, &all, d, 4), 0);
}

static void test_supply_that_does_not_divide(void **state)
{
	const cpu_set_t all = set_of(7);
	const struct cpu_demand fits[] = {{1000, set_of(7)}}, not [] = {{334, set_of(1)}};
	const struct cpu_demand just[] = {{333, set_of(1)}, {333, set_of(2)}, {334, set_of(7)}};

	(void)state;
	assert_int_equal(cpu_flow_missing(1000, &all, fits, 1), 0);
	assert_int_equal(cpu_flow_missing(1000, &all, not, 1), 1);
	assert_int_equal(cpu_flow_missing(1000, &all, just, 3), 0);
}

/*
 * The theorem of Hall and Hoffman: what is missing is the worst, over all sets of CPUs, of what is
 * demanded inside the set beyond what the set gives.
 */
static uint64_t missing_by_subsets(unsigned int cpus, const unsigned int *masks,
				   const uint64_t *reserves, size_t count)
{
	uint64_t worst = 0;

	for (unsigned int inside = 0; inside < 1u << cpus; inside++) {
		uint64_t demanded = 0, given = 1000u * (unsigned int)__builtin_popcount(inside);

		for (size_t i = 0; i < count; i++)
			demanded += (masks[i] & ~inside) == 0 ? reserves[i] : 0;
		if (demanded > given && demanded - given > worst)
			worst = demanded - given;
	}
	return worst;
}

static void test_against_all_subsets(void **state)
{
	uint64_t random = 20261121;
	int tight = 0;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)random);
	for (int n = 0; n < 6000; n++) {
		unsigned int cpus = 1 + (unsigned int)(random_next(&random) % 7), masks[12];
		size_t count = 1 + random_next(&random) % 12;
		const cpu_set_t all = set_of((1u << cpus) - 1);
		struct cpu_demand demands[12];
		uint64_t reserves[12], expected;

		for (size_t i = 0; i < count; i++) {
			masks[i] = 1 + (unsigned int)(random_next(&random) % ((1u << cpus) - 1));
			reserves[i] = random_next(&random) % (2000 * cpus / count + 1);
			demands[i] = (struct cpu_demand){reserves[i], set_of(masks[i])};
		}
		expected = missing_by_subsets(cpus, masks, reserves, count);
		assert_int_equal(cpu_flow_missing(1000 * cpus, &all, demands, count), expected);
		tight += expected > 0;
	}
	assert_in_range(tight, 500, 5500);
}

static void test_many_machines_are_quick(void **state)
{
	struct cpu_demand *demands = calloc(4096, sizeof(*demands));
	uint64_t random = 7;
	struct timespec from, to;
	cpu_set_t all;

	(void)state;
	assert_non_null(demands);
	CPU_ZERO(&all);
	for (size_t cpu = 0; cpu < 256; cpu++)
		CPU_SET(cpu, &all);
	for (size_t i = 0; i < 4096; i++) {
		size_t first = random_next(&random) % 249;

		for (size_t cpu = first; cpu < first + 8; cpu++)
			CPU_SET(cpu, &demands[i].cpus);
		demands[i].reserve = 58;
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &from);
	(void)cpu_flow_missing(256000, &all, demands, 4096);
	(void)clock_gettime(CLOCK_MONOTONIC, &to);
	free(demands);
	print_message("4096 pinned machines on 256 CPUs: %.1f ms\n",
		      1e3 * (double)(to.tv_sec - from.tv_sec) +
			      1e-6 * (double)(to.tv_nsec - from.tv_nsec));
	/* Generous: a loaded host under sanitizers. */
	assert_true(to.tv_sec - from.tv_sec < 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_others_move),
		cmocka_unit_test(test_supply_that_does_not_divide),
		cmocka_unit_test(test_against_all_subsets),
		cmocka_unit_test(test_many_machines_are_quick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
