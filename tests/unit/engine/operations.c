/* SPDX-License-Identifier: Apache-2.0 */
/* The table of operations is complete, and a plan's text says all that its operations hold. */
#include "engine/apply.h"
#include "engine/operation.h"
#include "engine/print.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>

#include <cmocka.h>

static void test_every_kind_has_a_row_and_a_name(void **state)
{
	(void)state;
	for (int kind = OP_UNSET + 1; kind < OP_KIND_MAX; kind++) {
		const char *name = op_kind_name((enum op_kind)kind);

		assert_non_null(name);
		assert_int_equal(op_kind_find(name), kind);
		assert_non_null(operation_get((enum op_kind)kind)->apply);
	}
}

/* What the child does ends with the child: nothing there may need an undo. */
static void test_only_host_operations_have_an_undo(void **state)
{
	static const enum op_kind with_undo[] = {
		OP_LEDGER_ENTER, OP_IDRANGE_TAKE, OP_MACHINEDIR_MAKE, OP_DEFINITION_WRITE,
		OP_LAYER_MAKE,	 OP_CGROUP_MAKE,  OP_SCOPE_START,     OP_SPAWN,
	};
	size_t found = 0;

	(void)state;
	for (int kind = OP_UNSET + 1; kind < OP_KIND_MAX; kind++)
		found += operation_get((enum op_kind)kind)->undo != NULL;
	for (size_t i = 0; i < sizeof(with_undo) / sizeof(with_undo[0]); i++)
		assert_non_null(operation_get(with_undo[i])->undo);
	assert_int_equal(found, sizeof(with_undo) / sizeof(with_undo[0]));
}

static void test_text_of_a_plan(void **state)
{
	_cleanup_plan_ struct plan plan = PLAN_INIT;
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	(void)state;
	PLAN_ADD(&plan, OP_STAGE_CHILD, OP_MOUNT, .subject = "/proc", .source = "proc",
		 .flags = MS_NOSUID | MS_NODEV);
	PLAN_ADD(&plan, OP_STAGE_HOST, OP_CGROUP_MAKE, .subject = "cpu", .value = "b/web",
		 .number = 7);
	PLAN_ADD(&plan, OP_STAGE_CONFINE, OP_CAPABILITIES, .flags = 3);
	PLAN_ADD(&plan, OP_STAGE_CONFINE, OP_CHDIR, .value = "/a \"b\"\n");
	plan_order(&plan);
	plan_print(&plan, &text);
	assert_string_equal(strbuf_text(&text),
			    "host     cgroup-make      controller=cpu path=b/web owner=7\n"
			    "child    mount            at=/proc type=proc flags=nosuid,nodev\n"
			    "confine  capabilities     set=chown,dac_override\n"
			    "confine  chdir            directory=\"/a \\\"b\\\"\\x0a\"\n");
}

static void test_order_keeps_what_was_appended_first(void **state)
{
	_cleanup_plan_ struct plan plan = PLAN_INIT;

	(void)state;
	for (uint64_t i = 0; i < 100; i++)
		PLAN_ADD(&plan, i % 2 ? OP_STAGE_CHILD : OP_STAGE_HOST, OP_MKDIR, .subject = "/",
			 .number = i);
	plan_order(&plan);
	for (size_t i = 0; i < 50; i++) {
		assert_int_equal(plan.ops[i].number, 2 * i);
		assert_int_equal(plan.ops[50 + i].number, 2 * i + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_has_a_row_and_a_name),
		cmocka_unit_test(test_only_host_operations_have_an_undo),
		cmocka_unit_test(test_text_of_a_plan),
		cmocka_unit_test(test_order_keeps_what_was_appended_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
