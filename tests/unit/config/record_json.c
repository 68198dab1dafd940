/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/helper.h"

#include "base/cleanup.h"
#include "config/record_json.h"
#include "model/spec.h"

static void record_example(struct record *r)
{
	*r = RECORD_INIT;
	(void)strcpy(r->name, "web");
	r->state = RECORD_RUNNING;
	r->transaction = RECORD_START;
	r->init_pid = 4711;
	r->init_start_ticks = UINT64_C(123456789012);
	r->started_usec = UINT64_C(1732147200123456);
	r->idmap_base = 0x10000000;
	r->init_kind = SPEC_INIT_SYSTEMD;
	r->stop_timeout_usec = 10000000;
	r->ephemeral = true;
	(void)strcpy(r->tree_cgroup, "bulkhead/web");
	PLAN_ADD(&r->undo, OP_STAGE_HOST, OP_LEDGER_ENTER, .subject = "web");
	PLAN_ADD(&r->undo, OP_STAGE_HOST, OP_CGROUP_MAKE, .subject = "cpu",
		 .value = "bulkhead/we\"b\\\n\t\x01\x7f\x80\xff\xc3\xa4", .number = UINT64_MAX,
		 .flags = INT64_MAX);
	PLAN_ADD(&r->undo, OP_STAGE_PARENT, OP_CGROUP_WRITE, .subject = "", .source = "a",
		 .name = "n", .value = "", .number = (uint64_t)INT64_MAX + 1);
}

static void text_equal(const char *a, const char *b)
{
	if (!a || !b)
		assert_ptr_equal(a, b);
	else
		assert_string_equal(a, b);
}

static void record_equal(const struct record *a, const struct record *b)
{
	assert_string_equal(a->name, b->name);
	assert_int_equal(a->state, b->state);
	assert_int_equal(a->transaction, b->transaction);
	assert_int_equal(a->init_pid, b->init_pid);
	assert_true(a->init_start_ticks == b->init_start_ticks);
	assert_true(a->started_usec == b->started_usec);
	assert_int_equal(a->idmap_base, b->idmap_base);
	assert_int_equal(a->init_kind, b->init_kind);
	assert_true(a->stop_timeout_usec == b->stop_timeout_usec);
	assert_int_equal(a->ephemeral, b->ephemeral);
	assert_string_equal(a->tree_cgroup, b->tree_cgroup);
	assert_int_equal(a->undo.count, b->undo.count);
	for (size_t i = 0; i < a->undo.count; i++) {
		const struct op *x = &a->undo.ops[i], *y = &b->undo.ops[i];

		assert_int_equal(x->kind, y->kind);
		assert_int_equal(x->stage, y->stage);
		text_equal(x->subject, y->subject);
		text_equal(x->source, y->source);
		text_equal(x->name, y->name);
		text_equal(x->value, y->value);
		assert_true(x->number == y->number);
		assert_true(x->flags == y->flags);
	}
}

static void test_record_round_trip(void **state)
{
	_cleanup_record_ struct record a = RECORD_INIT, b = RECORD_INIT;
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct err e = ERR_INIT;

	(void)state;
	record_example(&a);
	record_json_print(&a, &text);
	if (record_json_parse("f", text.text, text.length, &b, &e) < 0)
		fail_msg("%s in %s", e.message, text.text);
	record_equal(&a, &b);
}

static void test_every_truncation_is_an_error(void **state)
{
	_cleanup_record_ struct record a = RECORD_INIT;
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	(void)state;
	record_example(&a);
	record_json_print(&a, &text);
	for (size_t i = 0; i < text.length; i++) {
		struct record b = {.init_pid = 42};
		struct err e = ERR_INIT;
		/* Its own allocation, so that reading past the end is seen. */
		_cleanup_free_ char *part = malloc(i + 1);

		memcpy(part, text.text, i);
		assert_int_equal(record_json_parse("journal/web.start", part, i, &b, &e), -EBADMSG);
		assert_int_equal(b.init_pid, 42);
		assert_non_null(strstr(e.message, "journal/web.start"));
	}
}

static const char *const bad_records[] = {
	"\n",
	"[]\n",
	"{}\n",
	"null\n",
	"{\"version\":1,\"record\":{},\"undo\":[]}\n",
	"{\"version\":2,\"record\":{\"name\":\"a\",\"state\":\"intent\",\"transaction\":\"start\"},"
	"\"undo\":[]}\n",
#define RECORD(fields) "{\"version\":1,\"record\":{" fields "},\"undo\":[]}\n"
#define HEAD "\"name\":\"a\",\"state\":\"intent\",\"transaction\":\"start\""
	RECORD("\"name\":\"A\",\"state\":\"intent\",\"transaction\":\"start\""),
	RECORD("\"name\":\"../a\",\"state\":\"intent\",\"transaction\":\"start\""),
	RECORD("\"name\":\"a\",\"state\":\"running?\",\"transaction\":\"start\""),
	RECORD("\"name\":\"a\",\"state\":2,\"transaction\":\"start\""),
	RECORD("\"name\":\"a\",\"state\":\"intent\",\"transaction\":\"\""),
	RECORD(HEAD ",\"surprise\":1"),
	RECORD(HEAD ",\"init_pid\":-1"),
	RECORD(HEAD ",\"init_pid\":2147483648"),
	RECORD(HEAD ",\"init_pid\":1.5"),
	RECORD(HEAD ",\"init_pid\":\"1\""),
	RECORD(HEAD ",\"idmap_base\":4294967296"),
	RECORD(HEAD ",\"init_kind\":99"),
	RECORD(HEAD ",\"ephemeral\":1"),
	RECORD(HEAD ",\"ephemeral\":null"),
	RECORD(HEAD ",\"started_usec\":\"99999999999999999999999\""),
	RECORD(HEAD ",\"started_usec\":99999999999999999999999"),
	RECORD(HEAD ",\"tree_cgroup\":\"\\u0100\""),
	RECORD(HEAD ",\"tree_cgroup\":\"\\u0000\""),
	RECORD(HEAD "," HEAD),
#define UNDO(op) "{\"version\":1,\"record\":{" HEAD "},\"undo\":[" op "]}\n"
	UNDO("{}"),
	UNDO("1"),
	UNDO("{\"kind\":\"launch-missiles\",\"stage\":\"host\"}"),
	UNDO("{\"kind\":\"cgroup-make\",\"stage\":\"moon\"}"),
	UNDO("{\"kind\":\"cgroup-make\"}"),
	UNDO("{\"kind\":\"cgroup-make\",\"stage\":\"host\",\"subject\":1}"),
	UNDO("{\"kind\":\"cgroup-make\",\"stage\":\"host\",\"number\":-1}"),
	"{\"version\":1,\"record\":{" HEAD "},\"undo\":{}}\n",
	"{\"version\":1,\"record\":{" HEAD "},\"undo\":[],\"more\":1}\n",
	"{\"version\":1,\"record\":{" HEAD "},\"undo\":[]}{}\n",
};

static void test_bad_records(void **state)
{
	static const char good[] = RECORD(HEAD), good_op[] = UNDO("{\"kind\":\"cgroup-make\","
								  "\"stage\":\"host\"}");
	_cleanup_record_ struct record r = RECORD_INIT, op = RECORD_INIT;

	(void)state;
	assert_int_equal(record_json_parse("f", good, strlen(good), &r, NULL), 0);
	assert_int_equal(record_json_parse("f", good_op, strlen(good_op), &op, NULL), 0);
	for (size_t i = 0; i < sizeof(bad_records) / sizeof(*bad_records); i++) {
		struct record bad = RECORD_INIT;
		struct err e = ERR_INIT;

		if (record_json_parse("f", bad_records[i], strlen(bad_records[i]), &bad, &e) !=
		    -EBADMSG)
			fail_msg("taken: %s", bad_records[i]);
		assert_int_equal(e.kind, ERR_HOST);
	}
}

static void test_limits(void **state)
{
	_cleanup_record_ struct record a = RECORD_INIT, b = RECORD_INIT;
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT, more = STRBUF_INIT, big = STRBUF_INIT;
	struct err e = ERR_INIT;

	(void)state;
	record_example(&a);
	while (a.undo.count < 512)
		PLAN_ADD(&a.undo, OP_STAGE_HOST, OP_LEDGER_ENTER, .subject = "web");
	record_json_print(&a, &text);
	assert_int_equal(record_json_parse("f", text.text, text.length, &b, &e), 0);
	record_equal(&a, &b);
	PLAN_ADD(&a.undo, OP_STAGE_HOST, OP_LEDGER_ENTER, .subject = "web");
	record_json_print(&a, &more);
	record_done(&b);
	assert_int_equal(record_json_parse("f", more.text, more.length, &b, &e), -EBADMSG);
	while (big.length <= 1024 * 1024)
		strbuf_append(&big,
			      "                                                            \n");
	assert_int_equal(record_json_parse("f", big.text, big.length, &b, &e), -EBADMSG);
	assert_non_null(strstr(e.message, "too large"));
}

static void ledger_example(struct ledger *ledger)
{
	static struct grant grants[2];

	memset(grants, 0, sizeof(grants));
	for (size_t i = 0; i < 2; i++) {
		(void)strcpy(grants[i].name, i ? "web" : "db");
		grants[i].cpu = CLAIM_DEFAULT;
		grants[i].memory_limit_bytes = UINT64_MAX;
		grants[i].memory_swap_bytes = i ? 0 : UINT64_MAX;
		grants[i].pids = i ? 100 : UINT64_MAX;
		grants[i].cpu_promise.quality = GRANT_KEPT;
		grants[i].memory_promise.quality = GRANT_KEPT;
		grants[i].pids_promise.quality = GRANT_KEPT;
	}
	grants[1].cpu = (struct claim){.reserve = 500, .share_milli = 0, .limit = 500};
	grants[1].cpu_pinned = true;
	CPU_SET(0, &grants[1].cpus);
	CPU_SET(1, &grants[1].cpus);
	CPU_SET(1023, &grants[1].cpus);
	grants[1].memory_reserve_bytes = UINT64_C(1) << 40;
	grants[1].memory_promise.quality = GRANT_BEST_EFFORT;
	(void)strcpy(grants[1].memory_promise.reason, "memory is on cgroup v1");
	*ledger = (struct ledger){.entries = grants, .count = 2};
}

static void test_ledger_round_trip(void **state)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct ledger a, b = {.entries = NULL};
	struct err e = ERR_INIT;

	(void)state;
	ledger_example(&a);
	ledger_json_print(&a, &text);
	if (ledger_json_parse("f", text.text, text.length, &b, &e) < 0)
		fail_msg("%s in %s", e.message, text.text);
	assert_int_equal(b.count, 2);
	/* calloc()ed and static: padding is zero in both. */
	assert_memory_equal(a.entries, b.entries, 2 * sizeof(*a.entries));
	free(b.entries);
	for (size_t i = 0; i < text.length; i++)
		assert_int_equal(ledger_json_parse("f", text.text, i, &b, NULL), -EBADMSG);
}

static void test_empty_ledger(void **state)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	const struct ledger a = {.entries = NULL};
	struct ledger b = {.count = 3};

	(void)state;
	ledger_json_print(&a, &text);
	assert_int_equal(ledger_json_parse("f", text.text, text.length, &b, NULL), 0);
	assert_int_equal(b.count, 0);
	free(b.entries);
}

static const char *const bad_ledgers[] = {
#define LEDGER(grants) "{\"version\":1,\"grants\":[" grants "]}\n"
	LEDGER("{}"),
	LEDGER("{\"name\":\"\"}"),
	LEDGER("{\"name\":\"web\"},{\"name\":\"db\"}"),
	LEDGER("{\"name\":\"web\"},{\"name\":\"web\"}"),
	LEDGER("{\"name\":\"web\",\"cpus\":\"3-1\"}"),
	LEDGER("{\"name\":\"web\",\"cpus\":\"1024\"}"),
	LEDGER("{\"name\":\"web\",\"cpu_quality\":\"fine\"}"),
	LEDGER("{\"name\":\"web\",\"cpu_reserve\":\"none\"}"),
};

static void test_bad_ledgers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_ledgers) / sizeof(*bad_ledgers); i++) {
		struct ledger l = {.count = 7};

		if (ledger_json_parse("f", bad_ledgers[i], strlen(bad_ledgers[i]), &l, NULL) !=
		    -EBADMSG)
			fail_msg("taken: %s", bad_ledgers[i]);
		assert_int_equal(l.count, 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record_round_trip),
		cmocka_unit_test(test_every_truncation_is_an_error),
		cmocka_unit_test(test_bad_records),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_ledger_round_trip),
		cmocka_unit_test(test_empty_ledger),
		cmocka_unit_test(test_bad_ledgers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
