/* SPDX-License-Identifier: Apache-2.0 */
/* The policy in a closed loop with a model of the kernel: weights in, CPU time out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/units.h"
#include "governor/demand.h"
#include "guarantee/entitlement.h"

#define CAPACITY 2000u
#define MACHINES 3u

struct simulated {
	struct claim claim;
	uint64_t wants; /* what it would use */
	struct demand demand;
	uint64_t believed; /* what demand_next() said last */
	uint64_t entitled, used;
};

static struct simulated machines[MACHINES];
static uint32_t seed;

static void setup(uint64_t a, uint64_t b, uint64_t c)
{
	const struct claim claims[MACHINES] = {
		{500, 1000, UNIT_NONE}, {300, 2000, UNIT_NONE}, {0, 1000, UNIT_NONE}};
	const uint64_t wants[MACHINES] = {a, b, c};

	seed = 1;
	for (size_t i = 0; i < MACHINES; i++)
		machines[i] = (struct simulated){.claim = claims[i], .wants = wants[i]};
}

/* -1000 .. 1000, the same in every run. */
static int64_t noise(void)
{
	seed = seed * 1103515245u + 12345u;
	return (int64_t)(seed >> 16) % 2001 - 1000;
}

/* What the contract says when the real wants are known. */
static void ideal(uint64_t ret[static MACHINES])
{
	struct contender c[MACHINES];

	for (size_t i = 0; i < MACHINES; i++)
		c[i] = (struct contender){.claim = machines[i].claim, .demand = machines[i].wants};
	entitlement_fill(CAPACITY, c, MACHINES);
	for (size_t i = 0; i < MACHINES; i++)
		ret[i] = c[i].entitled;
}

/* A fair scheduler: who wants something gets in proportion to its weight, nothing is left idle. */
static void kernel(const uint64_t weights[static MACHINES])
{
	uint64_t left = CAPACITY;
	bool full[MACHINES] = {false};

	for (size_t i = 0; i < MACHINES; i++)
		machines[i].used = 0;
	for (size_t round = 0; round < MACHINES; round++) {
		uint64_t sum = 0, given = 0;

		for (size_t i = 0; i < MACHINES; i++)
			sum += full[i] ? 0 : weights[i];
		for (size_t i = 0; i < MACHINES && sum > 0; i++) {
			struct simulated *m = &machines[i];
			uint64_t part = full[i] ? 0 : left * weights[i] / sum;

			if (part >= m->wants - m->used) {
				part = m->wants - m->used;
				full[i] = true;
			}
			m->used += part;
			given += part;
		}
		left -= given;
	}
}

static void period(int64_t noise_permille, bool with_pressure)
{
	struct contender c[MACHINES];
	uint64_t weights[MACHINES];

	for (size_t i = 0; i < MACHINES; i++)
		c[i] = (struct contender){.claim = machines[i].claim,
					  .demand = machines[i].believed};
	entitlement_fill(CAPACITY, c, MACHINES);
	for (size_t i = 0; i < MACHINES; i++) {
		machines[i].entitled = c[i].entitled;
		weights[i] = c[i].entitled > 0 ? c[i].entitled : 500;
	}
	kernel(weights);
	for (size_t i = 0; i < MACHINES; i++) {
		struct simulated *m = &machines[i];
		int64_t used = (int64_t)m->used;
		struct demand_sample s = {.entitled_milli = m->entitled};

		used += used * noise() / 1000 * noise_permille / 1000;
		s.used_milli = used > 0 ? (uint64_t)used : 0;
		s.waited_milli = !with_pressure				? DEMAND_WAIT_UNKNOWN
				 : m->wants > m->used && m->used < 1000 ? 1000 - m->used
									: 0;
		m->believed = demand_next(&m->demand, &s);
	}
}

static void assert_near(uint64_t value, uint64_t expected, uint64_t permille)
{
	uint64_t slack = expected * permille / 1000 + 1;

	assert_in_range(value, expected > slack ? expected - slack : 0, expected + slack);
}

static void test_all_hungry_stay_hungry(void **state)
{
	uint64_t want[MACHINES];

	(void)state;
	setup(2000, 2000, 2000);
	ideal(want);
	for (int i = 0; i < 300; i++) {
		period(60, false);
		for (size_t m = 0; m < MACHINES && i >= 2; m++)
			assert_near(machines[m].entitled, want[m], 1);
	}
}

static void test_what_an_idle_one_leaves_splits_by_shares(void **state)
{
	uint64_t want[MACHINES];

	(void)state;
	setup(2000, 2000, 2000);
	for (int i = 0; i < 20; i++)
		period(30, true);
	machines[1].wants = 0;
	for (int i = 0; i < 10; i++)
		period(30, true);
	ideal(want);
	for (size_t m = 0; m < MACHINES; m++)
		assert_near(machines[m].entitled, want[m], 1);
	assert_int_equal(machines[1].believed, 0);
}

static void test_waking_is_seen_in_one_period(void **state)
{
	(void)state;
	setup(2000, 0, 2000);
	for (int i = 0; i < 20; i++)
		period(0, false);
	machines[1].wants = 2000;
	period(0, false);
	assert_true(machines[1].believed == UNIT_NONE);
	period(0, false);
	assert_true(machines[1].entitled >= 300);
}

/* B wants less than it may have: the others split the rest by shares, and nothing swings. */
static void limited_is_stable(bool with_pressure)
{
	uint64_t want[MACHINES], changes = 0, before = 0;

	setup(2000, 350, 2000);
	ideal(want);
	for (int i = 0; i < 300; i++) {
		period(20, with_pressure);
		if (i < 20)
			continue;
		assert_true(machines[1].believed != UNIT_NONE);
		/* The tenth that a limited machine gets on top is not used by it. */
		assert_near(machines[0].entitled, want[0], 40);
		assert_near(machines[2].entitled, want[2], 40);
		changes += before != 0 && machines[1].believed > before * 11 / 10;
		before = machines[1].believed;
	}
	assert_int_equal(changes, 0);
}

static void test_limited_is_stable(void **state)
{
	(void)state;
	limited_is_stable(true);
	limited_is_stable(false);
}

static void test_waiting_below_the_entitlement_is_hunger(void **state)
{
	struct demand d = {.at = 0};
	const struct demand_sample starved = {
		.used_milli = 100, .entitled_milli = 500, .waited_milli = 900};

	(void)state;
	for (int i = 0; i < 20; i++)
		assert_true(demand_next(&d, &starved) == UNIT_NONE);
}

static void test_time_to_spare_is_no_hunger(void **state)
{
	struct demand d = {.at = 0};
	/* It used all that it was entitled to, but 40 % of the time nothing of it was runnable. */
	const struct demand_sample s = {
		.used_milli = 330, .entitled_milli = 330, .waited_milli = 270};

	(void)state;
	for (int i = 0; i < 20; i++)
		assert_int_equal(demand_next(&d, &s), 363);
}

static void test_one_quiet_period_changes_nothing(void **state)
{
	struct demand d = {.at = 0};
	const struct demand_sample busy = {500, 500, DEMAND_WAIT_UNKNOWN};
	const struct demand_sample quiet = {300, 500, DEMAND_WAIT_UNKNOWN};

	(void)state;
	assert_true(demand_next(&d, &busy) == UNIT_NONE);
	for (uint32_t i = 1; i < DEMAND_QUIET; i++)
		assert_true(demand_next(&d, &quiet) == UNIT_NONE);
	assert_int_equal(demand_next(&d, &quiet), 550);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_hungry_stay_hungry),
		cmocka_unit_test(test_what_an_idle_one_leaves_splits_by_shares),
		cmocka_unit_test(test_waking_is_seen_in_one_period),
		cmocka_unit_test(test_limited_is_stable),
		cmocka_unit_test(test_waiting_below_the_entitlement_is_hunger),
		cmocka_unit_test(test_time_to_spare_is_no_hunger),
		cmocka_unit_test(test_one_quiet_period_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
