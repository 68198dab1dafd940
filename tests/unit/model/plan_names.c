/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/helper.h"

#include "model/plan.h"

static void test_every_kind_has_its_own_name(void **state)
{
	(void)state;
	for (int kind = OP_UNSET + 1; kind < OP_KIND_MAX; kind++) {
		const char *name = op_kind_name((enum op_kind)kind);

		if (!name)
			fail_msg("kind %d has no name: add it to model/plan.c", kind);
		assert_int_equal(op_kind_find(name), kind);
	}
	assert_null(op_kind_name(OP_UNSET));
	assert_null(op_kind_name(OP_KIND_MAX));
	assert_int_equal(op_kind_find("no-such-thing"), OP_UNSET);
	assert_int_equal(op_kind_find(""), OP_UNSET);
	assert_string_equal(op_kind_name(OP_CGROUP_MAKE), "cgroup-make");
}

static void test_every_stage_has_its_own_name(void **state)
{
	(void)state;
	for (int stage = OP_STAGE_UNSET + 1; stage < OP_STAGE_MAX; stage++) {
		const char *name = op_stage_name((enum op_stage)stage);

		assert_non_null(name);
		assert_int_equal(op_stage_find(name), stage);
	}
	assert_null(op_stage_name(OP_STAGE_MAX));
	assert_int_equal(op_stage_find("nowhere"), OP_STAGE_UNSET);
}

static void test_order_is_by_stage_and_stable(void **state)
{
	static const enum op_stage stages[] = {OP_STAGE_READY, OP_STAGE_HOST, OP_STAGE_CHILD,
					       OP_STAGE_HOST, OP_STAGE_READY};
	static const uint64_t expected[] = {1, 3, 2, 0, 4};
	_cleanup_plan_ struct plan p = PLAN_INIT;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		PLAN_ADD(&p, stages[i], OP_CGROUP_MAKE, .subject = "cpu", .number = i);
	plan_order(&p);
	assert_int_equal(p.count, 5);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(p.ops[i].number, expected[i]);
}

static void test_plan_owns_its_strings(void **state)
{
	_cleanup_plan_ struct plan p = PLAN_INIT;
	char text[] = "web";

	(void)state;
	for (int i = 0; i < 1000; i++)
		PLAN_ADD(&p, OP_STAGE_HOST, OP_LEDGER_ENTER, .subject = text);
	text[0] = 'x';
	assert_int_equal(p.count, 1000);
	assert_string_equal(p.ops[999].subject, "web");
	assert_null(p.ops[0].value);
	plan_order(&p);
	PLAN_ADD(&p, OP_STAGE_HOST, OP_LEDGER_ENTER, .subject = "more");
	assert_string_equal(p.ops[1000].subject, "more");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_has_its_own_name),
		cmocka_unit_test(test_every_stage_has_its_own_name),
		cmocka_unit_test(test_order_is_by_stage_and_stable),
		cmocka_unit_test(test_plan_owns_its_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
