/* SPDX-License-Identifier: Apache-2.0 */
#include "governor/host_part.h"
#include "resource/cgroup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define BASE 148437u

/*
 * Two CPUs, the machines hungry, `rivals` processes of the host on each CPU: what the machines get
 * is what the scheduler gives to a group of this weight beside them.
 */
static uint64_t delivered(uint32_t ppm, uint64_t rivals)
{
	uint64_t group = (uint64_t)ppm * 256 * 1024 / 1000000 / 2;

	return 2000 * group / (group + rivals * 1024);
}

static uint64_t settle(uint32_t *ppm, uint64_t rivals, int periods)
{
	for (int i = 0; i < periods; i++) {
		const struct host_part_sample sample = {
			.is_hungry = true,
			.had_milli = delivered(*ppm, rivals),
			.promised_milli = 1900,
			.base_ppm = BASE,
		};

		*ppm = host_part_next(*ppm, &sample);
	}
	return delivered(*ppm, rivals);
}

static void test_both_get_their_part(void **state)
{
	static const uint64_t rivals[] = {1, 2, 5, 6};

	(void)state;
	for (size_t i = 0; i < sizeof(rivals) / sizeof(rivals[0]); i++) {
		uint32_t ppm = 0;
		uint64_t had = settle(&ppm, rivals[i], 10);

		assert_in_range(had, 1900 * 96 / 100, 1970);
		/* And it stays there. */
		assert_in_range(settle(&ppm, rivals[i], 100), 1900 * 96 / 100, 1970);
	}
}

static void test_an_idle_host_takes_nothing(void **state)
{
	uint32_t ppm = 1000000;

	(void)state;
	(void)settle(&ppm, 0, 100);
	assert_int_equal(ppm, BASE);
}

static void test_nobody_hungry_goes_back(void **state)
{
	const struct host_part_sample sample = {.promised_milli = 1900, .base_ppm = BASE};
	uint32_t ppm = 1000000;

	(void)state;
	for (int i = 0; i < 100; i++)
		ppm = host_part_next(ppm, &sample);
	assert_int_equal(ppm, BASE);
}

static void test_a_base_at_the_top_stays(void **state)
{
	struct host_part_sample sample = {
		.is_hungry = true, .had_milli = 1, .promised_milli = 1900, .base_ppm = 1000000};

	(void)state;
	assert_int_equal(host_part_next(0, &sample), 1000000);
	assert_int_equal(host_part_next(1000000, &sample), 1000000);
	sample.had_milli = 2000;
	assert_int_equal(host_part_next(1000000, &sample), 1000000);
}

static void test_base_of_hosts(void **state)
{
	struct host host = {.capacity = {.cpu_millicpus = 2000, .cpu_reserved = 100}};

	(void)state;
	CPU_SET(0, &host.capacity.cpus);
	CPU_SET(1, &host.capacity.cpus);
	host.cgroups.controller[CGROUP_CPU].version = CGROUP_V1;
	assert_int_equal(cgroup_parent_weight(&host), BASE);
	host.cgroups.controller[CGROUP_CPU].version = CGROUP_V2;
	assert_int_equal(cgroup_parent_weight(&host), 380000);
	host.cgroups.systemd = true;
	assert_int_equal(cgroup_parent_weight(&host), 570000);
	host.capacity.cpu_reserved = 0;
	assert_int_equal(cgroup_parent_weight(&host), 1000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_get_their_part),
		cmocka_unit_test(test_an_idle_host_takes_nothing),
		cmocka_unit_test(test_nobody_hungry_goes_back),
		cmocka_unit_test(test_a_base_at_the_top_stays),
		cmocka_unit_test(test_base_of_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
