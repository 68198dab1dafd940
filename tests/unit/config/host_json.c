/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/helper.h"

#include "config/host_json.h"

static const char full[] = "{\n"
			   "  \"cgroups\": {\n"
			   "    \"controllers\": {\n"
			   "      \"cpu\": {\n"
			   "        \"version\": \"v2\",\n"
			   "        \"mount\": \"/sys/fs/cgroup\",\n"
			   "        \"parent\": \"\"\n"
			   "      },\n"
			   "      \"memory\": {\n"
			   "        \"version\": \"v1\",\n"
			   "        \"mount\": \"/sys/fs/cgroup/memory\",\n"
			   "        \"parent\": \"docker/x\"\n"
			   "      }\n"
			   "    },\n"
			   "    \"systemd\": true,\n"
			   "    \"can_kill\": false,\n"
			   "    \"can_clone_into\": true\n"
			   "  },\n"
			   "  \"capacity\": {\n"
			   "    \"cpu\": 2,\n"
			   "    \"cpu_host\": 0.1,\n"
			   "    \"memory\": 4294967296,\n"
			   "    \"memory_host\": 268435456,\n"
			   "    \"cpus\": \"0-1,4\"\n"
			   "  },\n"
			   "  \"kernel\": {\n"
			   "    \"release\": \"6.1.0\",\n"
			   "    \"idmap_overlay\": true,\n"
			   "    \"overlay_fd\": false,\n"
			   "    \"time_namespace\": true,\n"
			   "    \"pidfd_exit_info\": false,\n"
			   "    \"seccomp_notify\": true,\n"
			   "    \"memory_swap\": false,\n"
			   "    \"cpu_burst\": true,\n"
			   "    \"may_raise_rlimits\": false\n"
			   "  }\n"
			   "}\n";

static void test_whole(void **state)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct err e = ERR_INIT;
	struct host h;

	(void)state;
	if (host_json_parse("h.json", full, sizeof(full) - 1, &h, &e) < 0)
		fail_msg("%s", e.message);
	assert_int_equal(h.cgroups.controller[CGROUP_CPU].version, CGROUP_V2);
	assert_string_equal(h.cgroups.controller[CGROUP_MEMORY].parent, "docker/x");
	assert_int_equal(h.cgroups.controller[CGROUP_PIDS].version, CGROUP_ABSENT);
	assert_true(h.cgroups.systemd && !h.cgroups.can_kill);
	assert_int_equal(h.capacity.cpu_millicpus, 2000);
	assert_int_equal(h.capacity.cpu_reserved, 100);
	assert_int_equal(CPU_COUNT(&h.capacity.cpus), 3);
	assert_int_equal(h.kernel.release, 6 << 16 | 1 << 8);
	host_json_print(&h, &out);
	assert_string_equal(strbuf_text(&out), full);
}

/* Every number of millicpus comes back, as a fraction of CPUs. */
static void test_cpus_exact(void **state)
{
	struct host h, back;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(host_json_parse("h", full, sizeof(full) - 1, &h, &e), 0);
	for (uint64_t milli = 100; milli <= 1024000; milli += 317) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

		h.capacity.cpu_millicpus = milli;
		host_json_print(&h, &out);
		assert_int_equal(host_json_parse("h", strbuf_text(&out), out.length, &back, &e), 0);
		assert_int_equal(back.capacity.cpu_millicpus, milli);
	}
}

/* Each row replaces one piece of the good text. */
static const struct {
	const char *from, *to, *message;
} bad[] = {
	{"{\n  \"cg", "[\n  \"cg", "h.json:2: "},
	{"\"systemd\": true", "\"systemd\": 1", "'systemd' is not true or false"},
	{"\"cpu_burst\": true", "\"cpu_burst\": {}", "'cpu_burst' is not true or false"},
	{"\"systemd\"", "\"system\"", "unknown field 'system'"},
	{"\"can_kill\"", "\"systemd\"", "duplicate object key"},
	{"\"kernel\"", "\"kernal\"", "unknown field 'kernal'"},
	{"\"memory\": {", "\"mem\": {", "unknown field 'mem'"},
	{"\"version\": \"v1\"", "\"version\": \"v3\"",
	 "cgroups.controllers.memory: 'version' is not v1 or v2"},
	{"\"version\": \"v1\"", "\"version\": null", "'version' is not v1 or v2"},
	{"\"parent\": \"docker/x\"", "\"parents\": \"\"", "unknown field 'parents'"},
	{"\"parent\": \"docker/x\"", "\"parent\": 3", "'parent' is not a path"},
	{"/sys/fs/cgroup/memory", "sys", "'mount' is not an absolute path"},
	{"\"cpu\": 2,", "\"cpu\": \"2\",", "'cpu' is not a number of CPUs"},
	{"\"cpu\": 2,", "\"cpu\": -1,", "'cpu' is not a number of CPUs"},
	{"\"cpu\": 2,", "\"cpu\": 1025,", "'cpu' is not a number of CPUs"},
	{"\"cpu\": 2,", "\"cpu\": 0.05,", "'capacity' is not at least the host's own part"},
	{"\"cpu\": 2,", "", "'cpu' is not a number of CPUs"},
	{"4294967296", "1.5", "'memory' is not a number of bytes"},
	{"4294967296", "-1", "'memory' is not a number of bytes"},
	{"4294967296", "2305843009213693952", "'memory' is not a number of bytes"},
	{"268435456", "4294967297", "'capacity' is not at least"},
	{"0-1,4", "1-", "'capacity.cpus' is not a list of CPUs"},
	{"6.1.0", "6.1", "'kernel.release' is not a version"},
	{"6.1.0", "6.256.0", "'kernel.release' is not a version"},
	{"6.1.0", "6.1.0-13", "'kernel.release' is not a version"},
	{"\"controllers\": {", "\"controllers\": 3, \"x\": {", "unknown field 'x'"},
	{"\"kernel\": {", "\"kernel\": 3, \"x\": {", "unknown field 'x'"},
};

static void test_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
		struct err e = ERR_INIT;
		struct host h;
		const char *at = strstr(full, bad[i].from);

		assert_non_null(at);
		strbuf_append_bytes(&text, full, (size_t)(at - full));
		strbuf_printf(&text, "%s%s", bad[i].to, at + strlen(bad[i].from));
		assert_int_equal(host_json_parse("h.json", strbuf_text(&text), text.length, &h, &e),
				 -EBADMSG);
		if (!strstr(e.message, bad[i].message) || strncmp(e.message, "h.json:", 7) != 0)
			fail_msg("'%s' is not in '%s'", bad[i].message, e.message);
		assert_int_equal(e.kind, ERR_INPUT);
		assert_int_equal(host_json_parse("h", strbuf_text(&text), text.length, &h, NULL),
				 -EBADMSG);
	}
}

/* A text that ends early is never taken for a host. */
static void test_truncated(void **state)
{
	struct host h;

	(void)state;
	for (size_t bytes = 0; bytes < sizeof(full) - 2; bytes++)
		assert_int_equal(host_json_parse("h", full, bytes, &h, NULL), -EBADMSG);
}

static void test_shapes(void **state)
{
	static const char *const rows[] = {
		"{}",
		"[]",
		"3",
		"{\"cgroups\": {}, \"capacity\": {}, \"kernel\": {}}",
		"{\"cgroups\": {\"controllers\": []}, \"capacity\": {}, \"kernel\": {}}",
		"{\"cgroups\": 1, \"capacity\": {}, \"kernel\": {}}"};
	static char big[HOST_JSON_MAX_BYTES + 1];
	struct host h;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(host_json_parse("h", rows[i], strlen(rows[i]), &h, NULL),
				 -EBADMSG);
	memset(big, ' ', sizeof(big));
	assert_int_equal(host_json_parse("h", big, sizeof(big), &h, NULL), -EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),  cmocka_unit_test(test_cpus_exact),
		cmocka_unit_test(test_errors), cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_shapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
