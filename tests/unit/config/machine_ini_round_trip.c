/* SPDX-License-Identifier: Apache-2.0 */
/* Property: whatever spec is printed, reading it gives the same spec and the same text. */
#include "tests/unit/helper.h"

#include "base/units.h"
#include "config/machine_ini.h"
#include "model/capability_names.h"

static uint64_t seed = 20261121;

static uint64_t below(uint64_t n)
{
	return random_next(&seed) % n;
}

static bool coin(void)
{
	return below(2);
}

static const char *random_text(struct arena *a, size_t max)
{
	static const char *const pieces[] = {
		"a",	"Z",	       "0",   " ", "=",	 ";",	     "#",
		"[",	"]",	       "\"",  "'", "\\", "\n",	     "\t",
		"\x01", ",",	       ":",   "/", "-",	 "\xc3\xa4", "\xe2\x82\xac",
		"$(x)", "key = value", "\x7f"};
	_cleanup_strbuf_ struct strbuf b = STRBUF_INIT;

	for (size_t n = below(max + 1); n > 0; n--)
		strbuf_append(&b, pieces[below(sizeof(pieces) / sizeof(*pieces))]);
	return arena_strdup(a, strbuf_text(&b));
}

static const char *const *random_argv(struct arena *a)
{
	size_t n = below(6);
	const char **v = ARENA_ARRAY(a, const char *, n + 1);

	for (size_t i = 0; i < n; i++)
		v[i] = i == 0 ? arena_printf(a, "/%s", random_text(a, 4)) : random_text(a, 12);
	return v;
}

static const char *const *random_env(struct arena *a)
{
	size_t n = below(5);
	const char **v = ARENA_ARRAY(a, const char *, n + 1);

	for (size_t i = 0; i < n; i++)
		v[i] = arena_printf(a, "V%zu=%s", i, random_text(a, 12));
	return v;
}

static void random_process(struct spec_process *p, struct arena *a)
{
	static const char *const users[] = {NULL, "0", "1000:1000", "www-data", "a.b:c_d"};
	static const char *const directories[] = {NULL, "/", "/srv/a b", "/x;y#z"};

	p->argv = random_argv(a);
	p->env = random_env(a);
	p->user = users[below(5)];
	p->cwd = directories[below(4)];
	p->capabilities_default = coin();
	p->capabilities = p->capabilities_default ? 0 : random_next(&seed) & CAPABILITY_ALL;
	p->capabilities_add = p->capabilities_default ? random_next(&seed) & CAPABILITY_ALL : 0;
	p->capabilities_drop = p->capabilities_default
				       ? random_next(&seed) & CAPABILITY_ALL & ~p->capabilities_add
				       : 0;
	p->no_new_privs_default = coin();
	p->no_new_privs = !p->no_new_privs_default && coin();
	p->seccomp = coin();
	p->terminal = coin();
}

static void random_cpu(struct spec_cpu *cpu)
{
	cpu->claim.reserve = below(1001);
	cpu->claim.share_milli = 1 + below(10000000);
	cpu->claim.limit = coin() ? UNIT_NONE : 1000 + below(1000000);
	cpu->burst_usec = cpu->claim.limit == UNIT_NONE ? 0 : below(100001);
	cpu->pinned = coin();
	CPU_ZERO(&cpu->cpus);
	for (size_t n = 1 + below(20); cpu->pinned && n > 0; n--)
		CPU_SET(below(CPU_SETSIZE), &cpu->cpus);
}

static void random_spec(struct spec *s, struct arena *a)
{
	static const char *const hostnames[] = {NULL, "h", "web.example.org"};

	spec_set_defaults(s, a);
	s->image = coin() ? "debian-12" : "";
	s->hostname = hostnames[below(3)];
	random_process(&s->process, a);
	s->init = (enum spec_init)below(SPEC_INIT_MAX);
	s->network = (enum spec_network)(1 + below(SPEC_NETWORK_MAX - 1));
	s->restart = (enum spec_restart)(1 + below(SPEC_RESTART_MAX - 1));
	s->stop_timeout_usec = below(86400000001);
	s->ephemeral = s->restart == SPEC_RESTART_NO && coin();
	s->require = coin();
	random_cpu(&s->cpu);
	s->memory.limit_bytes = coin() ? UNIT_NONE : (1 << 20) + below(1ULL << 50);
	s->memory.reserve_bytes = below(1 << 20);
	s->memory.swap_bytes = coin() ? UNIT_NONE : below(1ULL << 60);
	s->counts.pids = coin() ? UNIT_NONE : 1 + below(4194304);
	if (coin())
		s->idmap = (struct spec_idmap){.base = (uint32_t)(1 + below(65534)) * 65536,
					       .count = 65536};
}

static void same_vector(const char *const *a, const char *const *b)
{
	size_t i = 0;

	for (; a[i] && b[i]; i++)
		assert_string_equal(a[i], b[i]);
	assert_true(!a[i] && !b[i]);
}

static void same_text(const char *a, const char *b)
{
	assert_string_equal(a ? a : "", b ? b : "");
}

static void same_spec(const struct spec *a, const struct spec *b)
{
	const struct spec_process *p = &a->process, *q = &b->process;

	same_vector(p->argv, q->argv);
	same_vector(p->env, q->env);
	same_text(p->user, q->user);
	same_text(p->cwd, q->cwd);
	same_text(a->image, b->image);
	same_text(a->hostname, b->hostname);
	assert_true(p->capabilities == q->capabilities);
	assert_true(p->capabilities_add == q->capabilities_add);
	assert_true(p->capabilities_drop == q->capabilities_drop);
	assert_true(p->capabilities_default == q->capabilities_default);
	assert_true(p->no_new_privs == q->no_new_privs);
	assert_true(p->no_new_privs_default == q->no_new_privs_default);
	assert_true(p->seccomp == q->seccomp && p->terminal == q->terminal);
	assert_true(a->kind == b->kind && a->init == b->init && a->network == b->network);
	assert_true(a->restart == b->restart && a->stdio == b->stdio);
	assert_true(a->stop_timeout_usec == b->stop_timeout_usec);
	assert_true(a->ephemeral == b->ephemeral && a->require == b->require);
	assert_memory_equal(&a->idmap, &b->idmap, sizeof(a->idmap));
	assert_memory_equal(&a->cpu.claim, &b->cpu.claim, sizeof(a->cpu.claim));
	assert_true(a->cpu.burst_usec == b->cpu.burst_usec && a->cpu.pinned == b->cpu.pinned);
	assert_true(CPU_EQUAL(&a->cpu.cpus, &b->cpu.cpus));
	assert_memory_equal(&a->memory, &b->memory, sizeof(a->memory));
	assert_true(a->counts.pids == b->counts.pids);
}

static void test_round_trip(void **state)
{
	(void)state;
	for (int round = 0; round < 3000; round++) {
		_cleanup_arena_ struct arena a = ARENA_INIT;
		_cleanup_strbuf_ struct strbuf text = STRBUF_INIT, again = STRBUF_INIT;
		struct err e = ERR_INIT;
		struct spec s, back;

		random_spec(&s, &a);
		machine_ini_print(&s, &text);
		if (machine_ini_parse("f", strbuf_text(&text), text.length, &a, &back, &e) < 0)
			fail_msg("%s in:\n%s", e.message, strbuf_text(&text));
		same_spec(&s, &back);
		machine_ini_print(&back, &again);
		assert_string_equal(strbuf_text(&text), strbuf_text(&again));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_round_trip)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
