/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/helper.h"

#include "base/units.h"
#include "config/keys.h"
#include "config/machine_ini.h"
#include "model/capability_names.h"

static int parse(const char *text, struct arena *a, struct spec *ret, struct err *e)
{
	return machine_ini_parse("m.ini", text, strlen(text), a, ret, e);
}

static void test_defaults(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct spec s;

	(void)state;
	assert_int_equal(parse("", &a, &s, NULL), 0);
	assert_int_equal(s.kind, SPEC_KIND_CONTAINER);
	assert_int_equal(s.init, SPEC_INIT_UNSET);
	assert_int_equal(s.stdio, SPEC_STDIO_CONSOLE);
	assert_int_equal(s.network, SPEC_NETWORK_NONE);
	assert_int_equal(s.restart, SPEC_RESTART_NO);
	assert_int_equal(s.stop_timeout_usec, 10000000);
	assert_string_equal(s.image, "");
	assert_null(s.hostname);
	assert_null(s.process.user);
	assert_null(s.process.cwd);
	assert_null(s.process.argv[0]);
	assert_null(s.process.env[0]);
	assert_true(s.process.terminal && s.process.seccomp);
	assert_true(s.process.capabilities_default && s.process.no_new_privs_default);
	assert_false(s.ephemeral || s.require || s.cpu.pinned);
	assert_int_equal(s.cpu.claim.reserve, 0);
	assert_int_equal(s.cpu.claim.share_milli, 1000);
	assert_true(s.cpu.claim.limit == UNIT_NONE && s.memory.limit_bytes == UNIT_NONE);
	assert_true(s.memory.swap_bytes == UNIT_NONE && s.counts.pids == UNIT_NONE);
	assert_int_equal(s.idmap.count, 0);
	machine_ini_print(&s, &out);
	assert_string_equal(strbuf_text(&out), "");
}

static const char full[] = "[machine]\n"
			   "image = debian-12\n"
			   "command = /usr/bin/env\n"
			   "argument = -S\n"
			   "argument = say \"hello\" ; # not a comment\n"
			   "argument = \"\"\n"
			   "argument = \"two\\nlines\"\n"
			   "init = systemd\n"
			   "hostname = web.example.org\n"
			   "user = www-data:adm\n"
			   "directory = /srv\n"
			   "environment = LANG=C.UTF-8\n"
			   "environment = \"EMPTY= \"\n"
			   "terminal = no\n"
			   "capabilities = default +net_admin -mknod\n"
			   "new-privileges = no\n"
			   "seccomp = no\n"
			   "restart = on-failure\n"
			   "stop-timeout = 1.5s\n"
			   "require = yes\n"
			   "\n"
			   "[cpu]\n"
			   "reserve = 0.5\n"
			   "share = 2\n"
			   "limit = 1.5\n"
			   "burst = 20ms\n"
			   "cpus = 0-1,8\n"
			   "\n"
			   "[memory]\n"
			   "reserve = 256M\n"
			   "limit = 1.5G\n"
			   "swap = 0\n"
			   "\n"
			   "[counts]\n"
			   "pids = 500\n"
			   "\n"
			   "[network]\n"
			   "mode = host\n"
			   "\n"
			   "[ids]\n"
			   "base = 268435456\n"
			   "count = 65536\n";

static void test_every_key(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct err e = ERR_INIT;
	struct spec s;

	(void)state;
	if (parse(full, &a, &s, &e) < 0)
		fail_msg("%s", e.message);
	assert_string_equal(s.process.argv[2], "say \"hello\" ; # not a comment");
	assert_string_equal(s.process.argv[3], "");
	assert_string_equal(s.process.argv[4], "two\nlines");
	assert_null(s.process.argv[5]);
	assert_string_equal(s.process.env[1], "EMPTY= ");
	assert_int_equal(s.process.capabilities_add, CAPABILITY_BIT(12));
	assert_int_equal(s.process.capabilities_drop, CAPABILITY_BIT(27));
	assert_true(s.process.no_new_privs && !s.process.no_new_privs_default);
	assert_int_equal(s.cpu.claim.limit, 1500);
	assert_int_equal(s.cpu.burst_usec, 20000);
	assert_int_equal(CPU_COUNT(&s.cpu.cpus), 3);
	assert_int_equal(s.memory.limit_bytes, 1536ULL << 20);
	assert_int_equal(s.idmap.base, 0x10000000);
	machine_ini_print(&s, &out);
	assert_string_equal(strbuf_text(&out), full);
	assert_int_equal(spec_check(&s, &e), 0);
}

/* text of a file -> the message; the code is -EINVAL where none is given */
static const struct {
	const char *text, *message;
	int code;
} bad[] = {
	{"[cpuu]\n", "m.ini:1: unknown section [cpuu], did you mean [cpu]; valid are machine, ", 0},
	{"[]\n", "m.ini:1: unknown section []", 0},
	{"\n[xyz]\n", "m.ini:2: unknown section [xyz]; valid are machine, cpu, memory, counts, ",
	 0},
	{"[cpu]\nreserv=1",
	 "m.ini:2: unknown key 'reserv' in [cpu], did you mean 'cpu.reserve'; "
	 "valid are reserve, share, limit, burst, cpus",
	 0},
	{"[machine]\nreserve=1", "did you mean 'cpu.reserve'", 0},
	{"[counts]\nqqq=1", "m.ini:2: unknown key 'qqq' in [counts]; valid are pids", 0},
	{"[cpu]\nshare=1\nshare=1", "m.ini:3: cpu.share is there twice", -EEXIST},
	{"[cpu]\nshare=1\n[memory]\n[cpu]\nshare=1", "m.ini:5: cpu.share is there twice", -EEXIST},
	{"[machine]\ncommand=a\ncommand=b", "m.ini:3: machine.command is there twice", -EEXIST},
	{"[cpu]\nlimit=", "m.ini:2: cpu.limit has no value: ", 0},
	{"[machine]\nhostname=", "without the line it is unset", 0},
	{"[cpu]\nreserve=x", "m.ini:2: cpu.reserve: 'x' is not valid", 0},
	{"[cpu]\nreserve=-1", "m.ini:2: cpu.reserve", 0},
	{"[cpu]\nreserve=none", "cpu.reserve: none is out of range: 0 to 1024", -ERANGE},
	{"[cpu]\nreserve=1025", "cpu.reserve: 1025 is out of range: 0 to 1024", -ERANGE},
	{"[cpu]\nshare=10001", "cpu.share: 10001 is out of range: 0 to 10000", -ERANGE},
	{"[cpu]\nlimit=0", "cpu.limit: 0 is out of range: 0.01 to 1024, or none", -ERANGE},
	{"[cpu]\ncpus=", "m.ini:2: cpu.cpus has no value", 0},
	{"[cpu]\ncpus=0-", "cpu.cpus: '0-' is not a list of CPUs below 1024", 0},
	{"[cpu]\ncpus=1024", "cpu.cpus: '1024' is not a list", -ERANGE},
	{"[memory]\nlimit=4K", "memory.limit: 4K is out of range: 1M to 1024P, or none", -ERANGE},
	{"[memory]\nreserve=7E", "memory.reserve", 0},
	{"[counts]\npids=0", "counts.pids: 0 is out of range", -ERANGE},
	{"[counts]\npids=5000000", "counts.pids: 5000000 is out of range", -ERANGE},
	{"[machine]\nstop-timeout=2d", "machine.stop-timeout: 2d is out of range: 0 to 1d",
	 -ERANGE},
	{"[machine]\nstop-timeout=none", "machine.stop-timeout: none is out of range", -ERANGE},
	{"[machine]\nkind=unikernel", "machine.kind: 'unikernel' is not valid: container", 0},
	{"[machine]\nrestart=alway", "'alway' is not valid: no, on-failure, always", 0},
	{"[machine]\ninit=upstart", "'upstart' is not valid: auto, command, systemd, sysv", 0},
	{"[network]\nmode=bridge", "network.mode: 'bridge' is not valid: none, host", 0},
	{"[machine]\nterminal=maybe", "machine.terminal: 'maybe' is not valid: yes or no", 0},
	{"[machine]\nnew-privileges=x", "'x' is not valid: auto, yes or no", 0},
	{"[machine]\nimage=Debian", "machine.image: image name 'Debian' is not valid", 0},
	{"[machine]\nimage=../x", "machine.image: image name '../x' is not valid", 0},
	{"[machine]\nhostname=-x", "machine.hostname: '-x' is not valid", 0},
	{"[machine]\nhostname=a b", "machine.hostname: 'a b' is not valid", 0},
	{"[machine]\nuser=a:b:c", "machine.user: 'a:b:c' is not valid: USER or USER:GROUP", 0},
	{"[machine]\nuser=:x", "machine.user", 0},
	{"[machine]\nuser=x:", "machine.user", 0},
	{"[machine]\ndirectory=srv", "machine.directory: 'srv' is not an absolute path", 0},
	{"[machine]\ndirectory=\"/a\\nb\"", "machine.directory: has a control character", 0},
	{"[machine]\ncommand=\"a", "m.ini:2: machine.command: a '\"' is not closed", 0},
	{"[machine]\ncommand='' a", "machine.command: the first word, the program, is empty", 0},
	{"[machine]\ncommand=\xff", "machine.command: is not UTF-8", -EILSEQ},
	{"[machine]\nargument=a", "machine.argument: there is no command yet", 0},
	{"[machine]\ncommand=a\nargument=\"b\" c", "' c' stands behind the closing '\"'", 0},
	{"[machine]\nenvironment=A", "machine.environment: 'A' is not KEY=VALUE", 0},
	{"[machine]\nenvironment==A", "machine.environment: '=A' is not KEY=VALUE", 0},
	{"[machine]\nenvironment=A B=C", "the name of a variable has no blanks", 0},
	{"[machine]\ncapabilities=net_admn", "'net_admn', the nearest is 'net_admin'", 0},
	{"[machine]\ncapabilities=default kill", "'kill' changes the default: write +kill", 0},
	{"[machine]\ncapabilities=,", "machine.capabilities: is empty", 0},
	{"[machine]\ncapabilities=kill all", "there is no capability 'all'", 0},
	{"[ids]\nbase=-1", "ids.base: '-1' is not a number from 0 to 4294967294", 0},
	{"[ids]\nbase=4294967295", "ids.base: '4294967295' is not a number", 0},
	{"[ids]\nbase=99999999999999999999", "is not a number", 0},
	{"[cpu]\nreserve=2\nlimit=1", "m.ini: cpu.reserve 2 is above cpu.limit 1: raise", 0},
	{"[cpu]\nshare=0", "m.ini: cpu.share 0 without cpu.reserve leaves the machine no CPU", 0},
	{"[cpu]\nburst=10ms", "cpu.burst 10ms needs a cpu.limit", 0},
	{"[cpu]\nlimit=0.5\nburst=51ms", "cpu.burst 51ms is too long: at most 50ms", -ERANGE},
	{"[cpu]\nreserve=2\ncpus=1", "cpu.reserve 2 is more than the 1 CPUs of cpu.cpus", 0},
	{"[memory]\nreserve=2G\nlimit=1G", "memory.reserve 2G is above memory.limit 1G", 0},
	{"[ids]\nbase=65536", "ids.base 65536 with ids.count 0 is not valid", 0},
	{"[ids]\nbase=65537\ncount=65536", "ids.base 65537", 0},
	{"[ids]\ncount=65536", "ids.base 0", 0},
	{"[machine]\nephemeral=yes\nrestart=always", "machine.restart must be no for an eph", 0},
};

static void test_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		_cleanup_arena_ struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct spec s = {.name = "untouched"};
		int code = bad[i].code ? bad[i].code : -EINVAL;

		if (parse(bad[i].text, &a, &s, &e) != code || e.code != code)
			fail_msg("'%s' gave %d: %s", bad[i].text, e.code, e.message);
		if (!strstr(e.message, bad[i].message))
			fail_msg("'%s' is not in '%s'", bad[i].message, e.message);
		assert_int_equal(e.kind, ERR_INPUT);
		assert_string_equal(s.name, "untouched");
		assert_int_equal(parse(bad[i].text, &a, &s, NULL), code);
	}
}

static const struct {
	const char *text, *printed;
	bool from_default;
	uint64_t set, add, drop;
} capabilities[] = {
	{"default", "default", true, 0, 0, 0},
	{"all", "all", false, CAPABILITY_ALL, 0, 0},
	{"none", "none", false, 0, 0, 0},
	{"chown", "chown", false, 1, 0, 0},
	{"CAP_KILL,chown", "chown kill", false, 0x21, 0, 0},
	{"+chown", "default +chown", true, 0, 1, 0},
	{"-chown +kill", "default +kill -chown", true, 0, 0x20, 1},
	{"default +chown -chown", "default -chown", true, 0, 0, 1},
	{"none +chown", "chown", false, 1, 0, 0},
	{"chown kill -kill", "chown", false, 1, 0, 0},
};

static void test_capabilities(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(capabilities) / sizeof(*capabilities); i++) {
		_cleanup_arena_ struct arena a = ARENA_INIT;
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
		const struct config_key *key;
		struct spec s;

		spec_set_defaults(&s, &a);
		assert_int_equal(
			machine_key_set(&s, &a, "capabilities", capabilities[i].text, NULL), 0);
		assert_int_equal(s.process.capabilities_default, capabilities[i].from_default);
		assert_true(s.process.capabilities == capabilities[i].set);
		assert_true(s.process.capabilities_add == capabilities[i].add);
		assert_true(s.process.capabilities_drop == capabilities[i].drop);
		assert_int_equal(config_key_find("machine.capabilities", &key, NULL), 0);
		key->type->print(key, &s, 0, &out);
		assert_string_equal(strbuf_text(&out), capabilities[i].printed);
	}
	for (int i = 0; i < CAPABILITY_COUNT; i++)
		assert_int_equal(capability_find(capability_name(i)), i);
	assert_null(capability_name(-1));
	assert_null(capability_name(CAPABILITY_COUNT));
	assert_int_equal(capability_find("cap_"), -1);
}

static void test_set(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct spec s;

	(void)state;
	spec_set_defaults(&s, &a);
	assert_int_equal(machine_key_set(&s, &a, "cpu.reserve", "0.75", &e), 0);
	assert_int_equal(s.cpu.claim.reserve, 750);
	assert_int_equal(machine_key_set(&s, &a, "restart", "always", &e), 0);
	assert_int_equal(s.restart, SPEC_RESTART_ALWAYS);
	assert_int_equal(machine_key_set(&s, &a, "cpu.reserve", "", &e), 0);
	assert_int_equal(s.cpu.claim.reserve, 0);
	assert_int_equal(machine_key_set(&s, &a, "hostname", "h", &e), 0);
	assert_int_equal(machine_key_set(&s, &a, "hostname", "", &e), 0);
	assert_null(s.hostname);
	assert_int_equal(machine_key_set(&s, &a, "environment", "A=1", &e), 0);
	assert_int_equal(machine_key_set(&s, &a, "environment", "AB=2", &e), 0);
	assert_int_equal(machine_key_set(&s, &a, "environment", "A=3", &e), 0);
	assert_string_equal(s.process.env[0], "A=3");
	assert_string_equal(s.process.env[1], "AB=2");
	assert_null(s.process.env[2]);
	assert_int_equal(machine_key_set(&s, &a, "environment", "", &e), 0);
	assert_null(s.process.env[0]);
	assert_int_equal(machine_key_set(&s, &a, "command", "a b c", &e), 0);
	assert_int_equal(machine_key_set(&s, &a, "argument", "", &e), 0);
	assert_string_equal(s.process.argv[0], "a");
	assert_null(s.process.argv[1]);
	assert_int_equal(machine_key_set(&s, &a, "machine.kind", "x", &e), -EINVAL);
	assert_int_equal(s.kind, SPEC_KIND_CONTAINER);
	assert_int_equal(machine_key_set(&s, &a, "new-privileges", "yes", &e), 0);
	assert_int_equal(machine_key_set(&s, &a, "new-privileges", "x", &e), -EINVAL);
	assert_false(s.process.no_new_privs || s.process.no_new_privs_default);
}

/* `bulkhead set` never pulls the image or the ids from under a machine's files. */
static void test_change(void **state)
{
	static const char *const fixed[] = {"image", "machine.kind", "ephemeral", "ids.base",
					    "ids.count"};
	_cleanup_arena_ struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct spec s;

	(void)state;
	spec_set_defaults(&s, &a);
	assert_int_equal(machine_key_change(&s, &a, "cpu.reserve", "0.75", &e), 0);
	assert_int_equal(s.cpu.claim.reserve, 750);
	assert_int_equal(machine_key_change(&s, &a, "cpu.reserv", "1", &e), -EINVAL);
	for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++) {
		assert_int_equal(machine_key_change(&s, &a, fixed[i], "65536", &e), -EPERM);
		assert_non_null(strstr(e.message, "is fixed when a machine is created"));
	}
	assert_int_equal(s.idmap.base, 0);
}

static void test_set_errors(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct spec s;
	char *big = malloc(MACHINE_INI_MAX_BYTES + 1);

	(void)state;
	assert_non_null(big);
	memset(big, 'x', MACHINE_INI_MAX_BYTES);
	big[MACHINE_INI_MAX_BYTES] = '\0';
	spec_set_defaults(&s, &a);
	assert_int_equal(machine_key_set(&s, &a, "command", big, &e), -E2BIG);
	assert_int_equal(machine_key_set_list(&s, &a, "cpu", big, &e), -E2BIG);
	assert_int_equal(machine_key_set(&s, &a, big, "1", &e), -EINVAL);
	assert_int_equal(machine_key_set(&s, &a, "cpu.", "1", &e), -EINVAL);
	assert_int_equal(machine_key_set(&s, &a, ".reserve", "1", &e), -EINVAL);
	assert_int_equal(machine_key_set(&s, &a, "memory.reserv", "1", &e), -EINVAL);
	assert_non_null(strstr(e.message, "did you mean 'memory.reserve'"));
	assert_int_equal(machine_key_set(&s, &a, "reserve", "1", &e), -EINVAL);
	assert_non_null(strstr(e.message, "did you mean 'cpu.reserve'"));
	free(big);
}

static void test_set_list(void **state)
{
	static const struct {
		const char *section, *list, *message;
	} wrong[] = {
		{"cpu", "0.5", "--cpu: '0.5' is not KEY=VALUE"},
		{"cpu", "", "--cpu: '' is not KEY=VALUE"},
		{"cpu", "reserve=1,", "--cpu: '' is not KEY=VALUE"},
		{"cpu", ",reserve=1", "--cpu: '' is not KEY=VALUE"},
		{"cpu", "reserve=1,reserve=2", "--cpu: 'reserve' is given twice"},
		{"cpu", "reserve=1,2", "cpu.reserve: '1,2' is not valid"},
		{"cpu", "quota=1", "unknown key 'quota' in [cpu]"},
		{"cpus", "quota=1", "unknown section [cpus], did you mean [cpu]"},
		{"network", "bridge", "network.mode: 'bridge' is not valid"},
	};
	_cleanup_arena_ struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct spec s;

	(void)state;
	spec_set_defaults(&s, &a);
	assert_int_equal(
		machine_key_set_list(&s, &a, "cpu", "cpus=0-1,3,5-6,share=2,limit=1.5", &e), 0);
	assert_int_equal(CPU_COUNT(&s.cpu.cpus), 5);
	assert_int_equal(s.cpu.claim.share_milli, 2000);
	assert_int_equal(s.cpu.claim.limit, 1500);
	assert_int_equal(machine_key_set_list(&s, &a, "cpu", "share=3,cpus=1,2", &e), 0);
	assert_int_equal(CPU_COUNT(&s.cpu.cpus), 2);
	assert_int_equal(machine_key_set_list(&s, &a, "cpu", "cpus=,limit=", &e), 0);
	assert_false(s.cpu.pinned);
	assert_true(s.cpu.claim.limit == UNIT_NONE);
	assert_int_equal(machine_key_set_list(&s, &a, "network", "host", &e), 0);
	assert_int_equal(s.network, SPEC_NETWORK_HOST);
	assert_int_equal(machine_key_set_list(&s, &a, "network", "mode=none", &e), 0);
	assert_int_equal(s.network, SPEC_NETWORK_NONE);
	assert_int_equal(machine_key_set_list(&s, &a, "memory", "limit=1G,swap=0", &e), 0);
	assert_int_equal(s.memory.swap_bytes, 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_int_not_equal(
			machine_key_set_list(&s, &a, wrong[i].section, wrong[i].list, &e), 0);
		if (!strstr(e.message, wrong[i].message))
			fail_msg("'%s' is not in '%s'", wrong[i].message, e.message);
	}
}

/* What is set without machine_key_set() is looked at all the same. */
static void test_check(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	static char long_argument[MACHINE_INI_MAX_BYTES];
	const char *argv[] = {"/bin/true", NULL, NULL};
	const char *env[] = {"A=1", "B", NULL};
	struct err e = ERR_INIT;
	struct spec s;

	(void)state;
	spec_set_defaults(&s, &a);
	assert_int_equal(spec_check(&s, &e), -EINVAL);
	assert_non_null(strstr(e.message, "machine.command is missing"));
	s.process.argv = argv;
	assert_int_equal(spec_check(&s, &e), 0);
	s.process.cwd = "srv";
	assert_int_equal(spec_check(&s, &e), -EINVAL);
	s.process.cwd = NULL;
	s.process.user = "a b";
	assert_int_equal(spec_check(&s, &e), -EINVAL);
	s.process.user = NULL;
	s.hostname = "a b";
	assert_int_equal(spec_check(&s, &e), -EINVAL);
	s.hostname = NULL;
	s.image = "../x";
	assert_int_equal(spec_check(&s, &e), -EINVAL);
	s.image = "x";
	s.process.env = env;
	assert_int_equal(spec_check(&s, &e), -EINVAL);
	assert_non_null(strstr(e.message, "'B' is not KEY=VALUE"));
	env[1] = "B=\xff";
	assert_int_equal(spec_check(&s, &e), -EILSEQ);
	env[1] = NULL;
	memset(long_argument, 'x', sizeof(long_argument) - 1);
	argv[1] = long_argument;
	assert_int_equal(spec_check(&s, &e), -E2BIG);
	argv[1] = long_argument + MACHINE_INI_MAX_BYTES - 10000;
	assert_int_equal(spec_check(&s, &e), 0);
	argv[1] = "\xff\xfe";
	assert_int_equal(spec_check(&s, &e), -EILSEQ);
	argv[1] = NULL;
	s.cpu.pinned = true;
	assert_int_equal(spec_check(&s, &e), -EINVAL);
	s.cpu.pinned = false;
	s.kind = SPEC_KIND_UNSET;
	assert_int_equal(spec_check(&s, &e), -EINVAL);
	assert_int_equal(e.kind, ERR_BUG);
}

/* The worst that passes without being printed: as many lines and as many escapes as there can be.
 */
static void test_check_size(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	const char *argv[1025] = {"/bin/true"}, *env[1025] = {NULL};
	static const char escapes[] = "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01";
	struct err e = ERR_INIT;
	struct spec s, back;

	(void)state;
	spec_set_defaults(&s, &a);
	s.process.argv = argv;
	s.process.env = env;
	for (int i = 0; i < 1024; i++) {
		env[i] = arena_printf(&a, "\xc2\x80=");
		argv[i] = i == 0 ? "/bin/true" : i < 90 ? escapes : "";
	}
	assert_int_equal(spec_check(&s, &e), 0);
	machine_ini_print(&s, &text);
	assert_true(text.length <= MACHINE_INI_MAX_BYTES);
	env[1] = NULL;
	text.length = 0;
	machine_ini_print(&s, &text);
	assert_int_equal(machine_ini_parse("m", strbuf_text(&text), text.length, &a, &back, &e), 0);
	assert_string_equal(back.process.argv[89], escapes);
}

static void test_check_counts(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	const char *argv[1026];
	struct err e = ERR_INIT;
	struct spec s;

	(void)state;
	spec_set_defaults(&s, &a);
	s.process.argv = argv;
	for (int i = 0; i < 1025; i++)
		argv[i] = "x";
	argv[1025] = NULL;
	assert_int_equal(spec_check(&s, &e), -E2BIG);
	assert_string_equal(e.message, "machine.command: 1025 are given, at most 1024 are taken");
	argv[1024] = NULL;
	assert_int_equal(spec_check(&s, &e), 0);
}

static void test_limits(void **state)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct spec s;
	char variable[32];

	(void)state;
	spec_set_defaults(&s, &a);
	assert_int_equal(machine_key_set(&s, &a, "command", "a", &e), 0);
	for (int i = 0; i < 1024; i++) {
		(void)snprintf(variable, sizeof(variable), "V%d=", i);
		assert_int_equal(machine_key_set(&s, &a, "environment", variable, &e), 0);
		if (i > 0)
			assert_int_equal(machine_key_set(&s, &a, "argument", "b", &e), 0);
	}
	assert_int_equal(machine_key_set(&s, &a, "environment", "V0=again", &e), 0);
	assert_int_equal(machine_key_set(&s, &a, "environment", "W=", &e), -E2BIG);
	assert_string_equal(e.message, "machine.environment: at most 1024 variables");
	assert_int_equal(machine_key_set(&s, &a, "argument", "c", &e), -E2BIG);
	assert_string_equal(e.message, "machine.argument: at most 1024 arguments");
	assert_string_equal(s.process.env[0], "V0=again");
	assert_string_equal(s.process.argv[1023], "b");
	assert_null(s.process.argv[1024]);
	assert_int_equal(spec_check(&s, &e), 0);
	assert_int_equal(machine_key_set(&s, &a, "hostname", "\"\"", &e), 0);
	assert_null(s.hostname);
	assert_int_equal(
		machine_key_set(&s, &a, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.b", "1", &e),
		-EINVAL);
}

/* Every row can be helped with, and its default is what no line gives. */
static void test_table(void **state)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);

	(void)state;
	assert_true(count > 25);
	for (size_t i = 0; i < count; i++) {
		const struct config_key *found;
		char full_name[64];

		(void)snprintf(full_name, sizeof(full_name), "%s.%s", keys[i].section,
			       keys[i].name);
		assert_string_equal(keys[i].full, full_name);
		assert_int_equal(config_key_find(full_name, &found, NULL), 0);
		assert_ptr_equal(found, &keys[i]);
		assert_true(keys[i].when > CONFIG_WHEN_UNSET && keys[i].when < CONFIG_WHEN_MAX);
		assert_true(keys[i].valid[0] != '\0' && keys[i].help[0] != '\0');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),     cmocka_unit_test(test_every_key),
		cmocka_unit_test(test_errors),	     cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_set),	     cmocka_unit_test(test_set_errors),
		cmocka_unit_test(test_change),	     cmocka_unit_test(test_set_list),
		cmocka_unit_test(test_check),	     cmocka_unit_test(test_table),
		cmocka_unit_test(test_limits),	     cmocka_unit_test(test_check_size),
		cmocka_unit_test(test_check_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
