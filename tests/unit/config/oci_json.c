/* SPDX-License-Identifier: Apache-2.0 */
/* The shape of config.json, read back with jansson: runtime-spec config.md, config-linux.md. */
#include "tests/unit/helper.h"

#include "config/keys.h"
#include "config/machine_ini.h"
#include "config/oci_json.h"
#include "security/security.h"

#include <jansson.h>

static const char text[] =
	"[machine]\n"
	"image = debian-12\n"
	"command = /sbin/init --x\n"
	"init = systemd\n"
	"hostname = web\n"
	"user = 1000:100\n"
	"directory = /srv\n"
	"environment = A=\xc3\xa4\n"
	"capabilities = chown net_admin\n"
	"new-privileges = no\n"
	"restart = always\n"
	"[cpu]\nreserve = 0.5\nshare = 2\nlimit = 1.5\nburst = 20ms\ncpus = 0-1\n"
	"[memory]\nreserve = 256M\nlimit = 1G\nswap = 512M\n"
	"[counts]\npids = 500\n"
	"[ids]\nbase = 268435456\ncount = 65536\n";

struct fixture {
	struct arena arena;
	struct spec spec;
	json_t *root;
};

static void print_again(struct fixture *f)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	json_error_t error;

	oci_json_print(&f->spec, "/var/lib/x/rootfs", &out);
	json_decref(f->root);
	f->root = json_loads(strbuf_text(&out), JSON_REJECT_DUPLICATES, &error);
	if (!f->root)
		fail_msg("%d: %s", error.line, error.text);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err e = ERR_INIT;

	assert_non_null(f);
	*state = f;
	if (machine_ini_parse("m", text, strlen(text), &f->arena, &f->spec, &e) < 0)
		fail_msg("%s", e.message);
	f->spec.name = "web";
	print_again(f);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	json_decref(f->root);
	arena_done(&f->arena);
	free(f);
	return 0;
}

/* "linux.resources.cpu.shares"; numbers index arrays. */
static const json_t *at(const struct fixture *f, const char *path)
{
	const json_t *j = f->root;
	char part[64];

	while (j && *path) {
		size_t n = strcspn(path, ".");

		(void)snprintf(part, sizeof(part), "%.*s", (int)n, path);
		j = json_is_array(j) ? json_array_get(j, strtoul(part, NULL, 10))
				     : json_object_get(j, part);
		path += n + (path[n] == '.');
	}
	return j;
}

static void check_string(const struct fixture *f, const char *path, const char *value)
{
	if (!at(f, path) || !json_is_string(at(f, path)))
		fail_msg("no text at %s", path);
	assert_string_equal(json_string_value(at(f, path)), value);
}

static void check_integer(const struct fixture *f, const char *path, json_int_t value)
{
	if (!at(f, path) || !json_is_integer(at(f, path)))
		fail_msg("no integer at %s", path);
	assert_int_equal(json_integer_value(at(f, path)), value);
}

static bool array_has(const json_t *array, const char *field, const char *value)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *j = json_array_get(array, i);
		const char *s = json_string_value(field ? json_object_get(j, field) : j);

		if (s && strcmp(s, value) == 0)
			return true;
	}
	return false;
}

static void test_process(void **state)
{
	const struct fixture *f = *state;

	check_string(f, "ociVersion", "1.2.0");
	check_string(f, "process.args.1", "--x");
	assert_int_equal(json_array_size(at(f, "process.args")), 2);
	check_string(f, "process.env.0", "A=\xc3\xa4");
	check_string(f, "process.cwd", "/srv");
	check_integer(f, "process.user.uid", 1000);
	check_integer(f, "process.user.gid", 100);
	assert_true(json_is_true(at(f, "process.terminal")));
	assert_true(json_is_true(at(f, "process.noNewPrivileges")));
	assert_int_equal(json_array_size(at(f, "process.capabilities.bounding")), 2);
	check_string(f, "process.capabilities.effective.0", "CAP_CHOWN");
	check_string(f, "process.capabilities.permitted.1", "CAP_NET_ADMIN");
	check_string(f, "root.path", "/var/lib/x/rootfs");
	assert_true(json_is_false(at(f, "root.readonly")));
	check_string(f, "hostname", "web");
}

static void test_mounts(void **state)
{
	struct fixture *f = *state;
	static const char *const wanted[] = {"/proc",	    "/dev", "/dev/pts",	      "/dev/shm",
					     "/dev/mqueue", "/sys", "/sys/fs/cgroup", "/run"};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		assert_true(array_has(at(f, "mounts"), "destination", wanted[i]));
	assert_int_equal(json_array_size(at(f, "mounts")), sizeof(wanted) / sizeof(*wanted));
	for (size_t i = 0; i < json_array_size(at(f, "mounts")); i++) {
		const json_t *m = json_array_get(at(f, "mounts"), i);

		assert_true(json_is_string(json_object_get(m, "type")));
		assert_true(json_is_string(json_object_get(m, "source")));
		assert_true(array_has(json_object_get(m, "options"), NULL, "nosuid"));
	}
	assert_true(array_has(at(f, "linux.maskedPaths"), NULL, "/proc/kcore"));
	assert_true(array_has(at(f, "linux.readonlyPaths"), NULL, "/proc/sysrq-trigger"));
	assert_false(array_has(at(f, "linux.readonlyPaths"), NULL, "/proc/sys"));
	f->spec.init = SPEC_INIT_COMMAND;
	print_again(f);
	assert_true(array_has(at(f, "linux.readonlyPaths"), NULL, "/proc/sys"));
	assert_false(array_has(at(f, "mounts"), "destination", "/run"));
}

static void test_namespaces(void **state)
{
	struct fixture *f = *state;
	static const char *const wanted[] = {"pid",    "ipc",  "uts",	  "mount",
					     "cgroup", "time", "network", "user"};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		assert_true(array_has(at(f, "linux.namespaces"), "type", wanted[i]));
	check_integer(f, "linux.uidMappings.0.containerID", 0);
	check_integer(f, "linux.uidMappings.0.hostID", 268435456);
	check_integer(f, "linux.gidMappings.0.size", 65536);
	f->spec.network = SPEC_NETWORK_HOST;
	f->spec.idmap = (struct spec_idmap){.count = 0};
	print_again(f);
	assert_int_equal(json_array_size(at(f, "linux.namespaces")), 6);
	assert_false(array_has(at(f, "linux.namespaces"), "type", "network"));
	assert_null(at(f, "linux.uidMappings"));
	check_string(f, "mounts.0.source", "/sys");
}

static void test_resources(void **state)
{
	struct fixture *f = *state;

	check_integer(f, "linux.resources.cpu.shares", 2048);
	check_integer(f, "linux.resources.cpu.quota", 150000);
	check_integer(f, "linux.resources.cpu.period", 100000);
	check_integer(f, "linux.resources.cpu.burst", 20000);
	check_string(f, "linux.resources.cpu.cpus", "0-1");
	check_integer(f, "linux.resources.memory.limit", 1LL << 30);
	check_integer(f, "linux.resources.memory.swap", 1536LL << 20);
	check_integer(f, "linux.resources.memory.reservation", 256LL << 20);
	check_integer(f, "linux.resources.pids.limit", 500);
	assert_true(json_is_false(at(f, "linux.resources.devices.0.allow")));
	f->spec.cpu.claim.share_milli = 0;
	print_again(f);
	check_integer(f, "linux.resources.cpu.quota", 50000);
	check_integer(f, "linux.resources.cpu.shares", 512);
	f->spec.cpu = (struct spec_cpu){.claim = {0, 1, UINT64_MAX}};
	f->spec.memory = (struct spec_memory){0, UINT64_MAX, UINT64_MAX};
	f->spec.counts.pids = UINT64_MAX;
	print_again(f);
	check_integer(f, "linux.resources.cpu.shares", 2);
	assert_null(at(f, "linux.resources.cpu.quota"));
	assert_null(at(f, "linux.resources.memory"));
	assert_null(at(f, "linux.resources.pids"));
}

/* What a bundle asks for by annotations is what was printed: the contract survives the way. */
static void test_annotations(void **state)
{
	struct fixture *f = *state;
	json_t *all = json_object_get(f->root, "annotations");
	size_t prefix = strlen(CONFIG_ANNOTATION);
	const char *name;
	json_t *value;
	struct spec back;

	assert_string_equal(json_string_value(json_object_get(all, "org.bulkhead.cpu.reserve")),
			    "0.5");
	assert_string_equal(json_string_value(json_object_get(all, "org.bulkhead.restart")),
			    "always");
	assert_string_equal(
		json_string_value(json_object_get(all, "org.opencontainers.image.stopSignal")),
		"SIGRTMIN+3");
	spec_set_defaults(&back, &f->arena);
	json_object_foreach(all, name, value)
	{
		struct err e = ERR_INIT;

		assert_true(json_is_string(value));
		if (strncmp(name, CONFIG_ANNOTATION, prefix) != 0)
			continue;
		if (machine_key_set(&back, &f->arena, name + prefix, json_string_value(value), &e) <
		    0)
			fail_msg("%s", e.message);
	}
	assert_memory_equal(&back.cpu.claim, &f->spec.cpu.claim, sizeof(back.cpu.claim));
	assert_int_equal(back.cpu.burst_usec, f->spec.cpu.burst_usec);
	assert_true(CPU_EQUAL(&back.cpu.cpus, &f->spec.cpu.cpus));
	assert_memory_equal(&back.memory, &f->spec.memory, sizeof(back.memory));
	assert_int_equal(back.counts.pids, 500);
	assert_int_equal(back.init, SPEC_INIT_SYSTEMD);
	assert_int_equal(back.restart, SPEC_RESTART_ALWAYS);
	assert_string_equal(back.image, "debian-12");
}

static void test_names(void **state)
{
	struct fixture *f = *state;
	const char *argv[] = {"\xff", NULL};

	f->spec.process.user = "www-data:adm";
	f->spec.process.argv = argv;
	f->spec.hostname = NULL;
	f->spec.init = SPEC_INIT_SYSV;
	print_again(f);
	check_integer(f, "process.user.uid", 0);
	assert_string_equal(
		json_string_value(json_object_get(at(f, "annotations"), "org.bulkhead.user")),
		"www-data:adm");
	assert_string_equal(json_string_value(json_object_get(
				    at(f, "annotations"), "org.opencontainers.image.stopSignal")),
			    "SIGPWR");
	check_string(f, "process.args.0", "\xef\xbf\xbd");
	check_string(f, "hostname", "web");
}

/* Both lists of hidden paths stand in two folders that cannot see each other: they must agree. */
static void test_hidden_paths(void **state)
{
	struct fixture *f = *state;
	static const enum spec_init inits[] = {SPEC_INIT_COMMAND, SPEC_INIT_SYSTEMD};
	const struct host host = {.kernel.release = 0};

	for (size_t i = 0; i < sizeof(inits) / sizeof(*inits); i++) {
		_cleanup_plan_ struct plan plan = PLAN_INIT;
		size_t masked = 0, readonly = 0;

		f->spec.init = inits[i];
		print_again(f);
		assert_int_equal(rootfs_plan(&f->spec, &host, &plan, NULL), 0);
		for (size_t k = 0; k < plan.count; k++) {
			const struct op *op = &plan.ops[k];

			if (op->kind == OP_MASK) {
				assert_true(
					array_has(at(f, "linux.maskedPaths"), NULL, op->subject));
				masked++;
			} else if (op->kind == OP_READONLY &&
				   strncmp(op->subject, "/proc/", 6) == 0) {
				assert_true(
					array_has(at(f, "linux.readonlyPaths"), NULL, op->subject));
				readonly++;
			}
		}
		assert_int_equal(json_array_size(at(f, "linux.maskedPaths")), masked);
		assert_int_equal(json_array_size(at(f, "linux.readonlyPaths")), readonly);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_process),	 TEST(test_mounts),	 TEST(test_namespaces),
		TEST(test_resources),	 TEST(test_annotations), TEST(test_names),
		TEST(test_hidden_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
