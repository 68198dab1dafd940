/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/helper.h"

#include "base/units.h"
#include "guarantee/weights.h"

#define PPM 1000000

static void test_static_example(void **state)
{
	static const struct claim claims[] = {
		{.reserve = 500, .share_milli = 1000, .limit = UNIT_NONE},
		{.reserve = 300, .share_milli = 2000, .limit = UNIT_NONE},
		{.reserve = 0, .share_milli = 1000, .limit = UNIT_NONE},
		{.reserve = 0, .share_milli = 0, .limit = 0},
	};
	uint32_t ppm[4];

	(void)state;
	weights_static(2000, claims, ppm, 4);
	assert_in_range(ppm[0], 400000 - 2, 400000);
	assert_in_range(ppm[1], 450000 - 2, 450000);
	assert_in_range(ppm[2], 150000 - 2, 150000);
	assert_int_equal(ppm[3], 1);
}

static void test_static_alone_has_all(void **state)
{
	const struct claim claim = CLAIM_DEFAULT;
	uint32_t ppm = 0;

	(void)state;
	weights_static(1900, &claim, &ppm, 1);
	assert_int_equal(ppm, PPM);
	weights_static(0, &claim, &ppm, 1);
	assert_in_range(ppm, 1, PPM);
}

/* w_i / sum w >= R_i / C whenever the reservations fit: the floors hold without the governor. */
static void test_static_floors(void **state)
{
	uint64_t random = 20261121;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)random);
	for (int n = 0; n < 5000; n++) {
		struct claim claims[32];
		uint32_t ppm[32];
		size_t count = 1 + random_next(&random) % 32;
		uint64_t capacity = 1000 * (1 + random_next(&random) % 64), sum = 0;

		for (size_t i = 0; i < count; i++)
			claims[i] = (struct claim){
				.reserve = random_next(&random) % (capacity / count + 1),
				.share_milli = random_next(&random) % 5000,
				.limit = UNIT_NONE,
			};
		weights_static(capacity, claims, ppm, count);
		for (size_t i = 0; i < count; i++)
			sum += ppm[i];
		for (size_t i = 0; i < count; i++) {
			uint64_t floor_ppm = claims[i].reserve * PPM / capacity;

			/* Each weight is rounded by at most 2 ppm. */
			assert_true((uint64_t)ppm[i] * PPM / sum + 2 * count + 2 >= floor_ppm);
		}
	}
}

static void test_dynamic_follows_entitlement(void **state)
{
	struct contender all[] = {
		{.claim = {500, 1000, UNIT_NONE}, .demand = UNIT_NONE},
		{.claim = {300, 2000, UNIT_NONE}, .demand = 0},
		{.claim = {0, 1000, UNIT_NONE}, .demand = UNIT_NONE},
	};
	uint32_t ppm[3];

	(void)state;
	entitlement_fill(2000, all, 3);
	weights_dynamic(2000, all, ppm, 3);
	assert_int_equal(ppm[0], 625000);
	assert_int_equal(ppm[2], 375000);
	/* When B wakes it has at least its floor among them: w / (w + 1000000) >= 0.15. */
	assert_true((double)ppm[1] / (ppm[1] + 1e6) >= 0.15 - 1e-6);
}

static void test_idle_has_its_floor_at_once(void **state)
{
	(void)state;
	for (uint64_t reserve = 0; reserve <= 1980; reserve += 20) {
		struct contender all[] = {
			{.claim = {0, 1000, UNIT_NONE}, .demand = UNIT_NONE},
			{.claim = {reserve, 0, reserve}, .demand = 0},
		};
		uint32_t ppm[2];

		entitlement_fill(2000, all, 2);
		weights_dynamic(2000, all, ppm, 2);
		assert_in_range(ppm[0], 1, PPM);
		assert_in_range(ppm[1], 1, PPM);
		if ((double)ppm[1] / ((double)ppm[0] + ppm[1]) < (double)reserve / 2000 - 0.001)
			fail_msg("reserve %d: weights %u and %u", (int)reserve, ppm[0], ppm[1]);
	}
}

static void test_idle_without_reservation_does_not_starve(void **state)
{
	struct contender all[] = {
		{.claim = CLAIM_DEFAULT, .demand = UNIT_NONE},
		{.claim = CLAIM_DEFAULT, .demand = 0},
	};
	uint32_t ppm[2];

	(void)state;
	entitlement_fill(2000, all, 2);
	weights_dynamic(2000, all, ppm, 2);
	assert_int_equal(ppm[0], PPM);
	assert_int_equal(ppm[1], PPM / 2);
}

static void test_nobody(void **state)
{
	struct contender idle = {.claim = CLAIM_DEFAULT};
	struct contender poor = {.claim = {0, 0, 0}, .demand = UNIT_NONE};
	uint32_t ppm = 0;

	(void)state;
	weights_static(1000, NULL, NULL, 0);
	weights_dynamic(1000, NULL, NULL, 0);
	weights_dynamic(1000, &idle, &ppm, 1);
	assert_in_range(ppm, 1, PPM);
	weights_dynamic(1000, &poor, &ppm, 1);
	assert_int_equal(ppm, 1);
}

static void test_scales(void **state)
{
	(void)state;
	assert_int_equal(weights_to_cpu_weight(PPM), 10000);
	assert_int_equal(weights_to_cpu_weight(1), 1);
	assert_int_equal(weights_to_cpu_weight(0), 1);
	assert_int_equal(weights_to_cpu_weight(UINT32_MAX), 10000);
	assert_int_equal(weights_to_cpu_weight(150000), 1500);
	assert_int_equal(weights_to_cpu_shares(PPM), 262144);
	assert_int_equal(weights_to_cpu_shares(1), 2);
	assert_int_equal(weights_to_cpu_shares(UINT32_MAX), 262144);
	assert_int_equal(weights_to_cpu_shares(500000), 131072);
	for (uint32_t ppm = 1; ppm < PPM; ppm += 7) {
		assert_true(weights_to_cpu_weight(ppm) <= weights_to_cpu_weight(ppm + 7));
		assert_true(weights_to_cpu_shares(ppm) <= weights_to_cpu_shares(ppm + 7));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_static_example),
		cmocka_unit_test(test_static_alone_has_all),
		cmocka_unit_test(test_static_floors),
		cmocka_unit_test(test_dynamic_follows_entitlement),
		cmocka_unit_test(test_idle_has_its_floor_at_once),
		cmocka_unit_test(test_idle_without_reservation_does_not_starve),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_scales),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
