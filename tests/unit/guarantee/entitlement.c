/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/helper.h"

#include "base/units.h"
#include "base/wide.h"
#include "guarantee/entitlement.h"

#define CASES 20000
#define COUNT_MAX 24
#define SEED UINT64_C(20261121)

#define HOG(reserve_, share_)                                                                  \
	{                                                                                      \
		.claim = {.reserve = (reserve_), .share_milli = (share_), .limit = UNIT_NONE}, \
		.demand = UNIT_NONE                                                            \
	}

static void test_example_of_the_design(void **state)
{
	struct contender all[] = {HOG(500, 1000), HOG(300, 2000), HOG(0, 1000)};

	(void)state;
	entitlement_fill(2000, all, 3);
	assert_int_equal(all[0].entitled, 800);
	assert_int_equal(all[1].entitled, 900);
	assert_int_equal(all[2].entitled, 300);
	/* B idles: its reservation and its share go to the others. */
	all[1].demand = 0;
	entitlement_fill(2000, all, 3);
	assert_int_equal(all[0].entitled, 1250);
	assert_int_equal(all[1].entitled, 0);
	assert_int_equal(all[2].entitled, 750);
}

static void test_share_0_makes_the_reservation_the_limit(void **state)
{
	struct contender all[] = {HOG(500, 0), HOG(0, 1000), HOG(0, 0)};

	(void)state;
	entitlement_fill(2000, all, 3);
	assert_int_equal(all[0].entitled, 500);
	assert_int_equal(all[1].entitled, 1500);
	assert_int_equal(all[2].entitled, 0);
}

static void test_demand_below_the_reservation_lends_the_rest(void **state)
{
	struct contender all[] = {HOG(1000, 1000), HOG(500, 1000)};

	(void)state;
	all[0].demand = 100;
	entitlement_fill(2000, all, 2);
	assert_int_equal(all[0].entitled, 100);
	assert_int_equal(all[1].entitled, 1900);
}

static void test_reservations_that_do_not_fit_shrink_in_proportion(void **state)
{
	struct contender all[] = {HOG(3000, 1000), HOG(1000, 5000), HOG(0, 9000)};

	(void)state;
	entitlement_fill(2000, all, 3);
	assert_int_equal(all[0].entitled, 1333);
	assert_int_equal(all[1].entitled, 666);
	assert_int_equal(all[2].entitled, 0);
}

static void test_edges(void **state)
{
	struct contender big[] = {HOG(UINT64_MAX / 2, UINT64_MAX), HOG(0, UINT64_MAX), HOG(0, 1)};
	struct contender one[] = {HOG(0, 1)};

	(void)state;
	entitlement_fill(1000, NULL, 0);
	entitlement_fill(0, one, 1);
	assert_int_equal(one[0].entitled, 0);
	entitlement_fill(UINT64_MAX, one, 1);
	assert_true(one[0].entitled == UINT64_MAX);
	entitlement_fill(UINT64_MAX, big, 3);
	assert_true(big[0].entitled >= UINT64_MAX / 2);
	assert_true((wide_u128)big[0].entitled + big[1].entitled + big[2].entitled <= UINT64_MAX);
}

struct random_case {
	uint64_t capacity;
	size_t count;
	struct contender all[COUNT_MAX];
};

static uint64_t below(uint64_t *random, uint64_t limit)
{
	return random_next(random) % limit;
}

/* Some of each: idle, greedy, bounded; small units and huge ones; reservations that fit or not. */
static void case_make(uint64_t *random, struct random_case *c)
{
	static const uint64_t capacities[] = {1, 7, 1000, 2000, 64000, UINT64_C(100000000000)};

	c->capacity = capacities[below(random, 6)];
	c->count = 1 + below(random, COUNT_MAX);
	for (size_t i = 0; i < c->count; i++) {
		struct contender *x = &c->all[i];
		uint64_t part = c->capacity / c->count + 1;

		*x = (struct contender){.claim = CLAIM_DEFAULT, .demand = UNIT_NONE};
		if (below(random, 2))
			x->claim.reserve = below(random, below(random, 8) ? part : 4 * part);
		if (below(random, 3))
			x->claim.share_milli = below(random, 5) ? below(random, 10000) : 0;
		if (below(random, 3) == 0)
			x->claim.limit = x->claim.reserve + below(random, 2 * part);
		if (below(random, 2))
			x->demand = below(random, 4) ? below(random, 3 * part) : 0;
	}
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t cap(const struct contender *c)
{
	uint64_t limit = c->claim.share_milli ? c->claim.limit : c->claim.reserve;

	return least(c->demand, limit);
}

static bool fits(const struct random_case *c)
{
	wide_u128 sum = 0;

	for (size_t i = 0; i < c->count; i++)
		sum += least(c->all[i].claim.reserve, cap(&c->all[i]));
	return sum <= c->capacity;
}

static void check_bounds(const struct random_case *c)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct contender *x = &c->all[i];

		assert_true(x->entitled <= cap(x));
		assert_true(x->entitled <= c->capacity);
		if (fits(c))
			assert_true(x->entitled >= least(x->claim.reserve, cap(x)));
	}
}

/* Nothing is left idle while somebody may still take it, but for the rounding of each. */
static void check_sum(const struct random_case *c)
{
	wide_u128 given = 0, wanted = 0;
	bool is_anyone_open = false;

	for (size_t i = 0; i < c->count; i++) {
		const struct contender *x = &c->all[i];

		given += x->entitled;
		wanted += cap(x);
		is_anyone_open |= x->entitled < cap(x);
	}
	if (wanted > c->capacity)
		wanted = c->capacity;
	assert_true(given <= wanted);
	assert_true(given + c->count >= wanted);
	if (!is_anyone_open)
		assert_true(given == wanted);
}

/*
 * What is above the reservations is in proportion to the shares for all that are not full, and who
 * is full got no more than that: x_i / S_i <= (x_j + 1) / S_j for every j that is not full.
 */
static void check_shares(const struct random_case *c)
{
	for (size_t i = 0; i < c->count && fits(c); i++) {
		const struct contender *x = &c->all[i];
		uint64_t extra = x->entitled - least(x->claim.reserve, x->entitled);

		for (size_t j = 0; j < c->count; j++) {
			const struct contender *y = &c->all[j];
			uint64_t other;

			if (y->entitled >= cap(y) || y->claim.share_milli == 0)
				continue;
			other = y->entitled - y->claim.reserve;
			if ((wide_u128)extra * y->claim.share_milli >
			    ((wide_u128)other + 1) * x->claim.share_milli)
				fail_msg("%zu has more of the excess than %zu", i, j);
		}
	}
}

static void check_permutation(const struct random_case *c, uint64_t *random)
{
	struct random_case shuffled = *c;
	size_t place[COUNT_MAX];

	for (size_t i = 0; i < c->count; i++)
		place[i] = i;
	for (size_t i = c->count - 1; i > 0; i--) {
		size_t j = below(random, i + 1), swapped = place[i];

		place[i] = place[j];
		place[j] = swapped;
	}
	for (size_t i = 0; i < c->count; i++)
		shuffled.all[place[i]] = c->all[i];
	entitlement_fill(shuffled.capacity, shuffled.all, shuffled.count);
	for (size_t i = 0; i < c->count; i++)
		assert_true(shuffled.all[place[i]].entitled == c->all[i].entitled);
}

static void test_properties(void **state)
{
	uint64_t random = SEED;
	unsigned int fitting = 0;

	(void)state;
	print_message("seed %llu, %d cases\n", (unsigned long long)SEED, CASES);
	for (int n = 0; n < CASES; n++) {
		struct random_case c;

		case_make(&random, &c);
		entitlement_fill(c.capacity, c.all, c.count);
		check_bounds(&c);
		check_sum(&c);
		check_shares(&c);
		check_permutation(&c, &random);
		fitting += fits(&c);
	}
	/* The generator makes both kinds. */
	assert_in_range(fitting, CASES / 4, CASES * 99 / 100);
}

/* More demand of one never takes from another's reservation, and never lowers its own part. */
static void test_monotone_in_demand(void **state)
{
	uint64_t random = SEED + 1;

	(void)state;
	for (int n = 0; n < CASES / 4; n++) {
		struct random_case before, after;

		case_make(&random, &before);
		after = before;
		after.all[0].demand = least(after.all[0].demand, UNIT_NONE / 2) + 100;
		entitlement_fill(before.capacity, before.all, before.count);
		entitlement_fill(after.capacity, after.all, after.count);
		if (!fits(&before) || !fits(&after))
			continue;
		assert_true(after.all[0].entitled + 1 >= before.all[0].entitled);
		for (size_t i = 1; i < before.count; i++)
			assert_true(after.all[i].entitled <= before.all[i].entitled + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_example_of_the_design),
		cmocka_unit_test(test_share_0_makes_the_reservation_the_limit),
		cmocka_unit_test(test_demand_below_the_reservation_lends_the_rest),
		cmocka_unit_test(test_reservations_that_do_not_fit_shrink_in_proportion),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_properties),
		cmocka_unit_test(test_monotone_in_demand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
