/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold of a whole definition. Each rule is one function, and a row of the table. */
#include "base/units.h"
#include "config/machine_ini.h"
#include "config/values.h"
#include "config/words.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define IDS 65536u
/* The bandwidth period that quotas are written for, sched-bwc.rst. */
#define PERIOD_USEC 100000u

static int check_kind(const struct spec *spec, struct err *e)
{
	if (spec->kind != SPEC_KIND_CONTAINER || spec->network == SPEC_NETWORK_UNSET ||
	    spec->restart == SPEC_RESTART_UNSET)
		return err_set(e, ERR_BUG, -EINVAL,
			       "kind, network.mode or restart of the machine is not set");
	return 0;
}

static int check_cpu_claim(const struct spec *spec, struct err *e)
{
	const struct claim *c = &spec->cpu.claim;
	char reserve[UNIT_TEXT_MAX], limit[UNIT_TEXT_MAX];

	if (c->reserve > c->limit)
		return err_set(e, ERR_INPUT, -EINVAL,
			       "cpu.reserve %s is above cpu.limit %s: raise the limit or lower the "
			       "reservation",
			       unit_print(UNIT_CPU, c->reserve, reserve),
			       unit_print(UNIT_CPU, c->limit, limit));
	if (c->reserve == 0 && c->share_milli == 0)
		return err_set(
			e, ERR_INPUT, -EINVAL,
			"cpu.share 0 without cpu.reserve leaves the machine no CPU: give one "
			"of them");
	return 0;
}

/* sched-bwc.rst: a burst is at most the quota of one period. */
static int check_cpu_burst(const struct spec *spec, struct err *e)
{
	char burst[UNIT_TEXT_MAX], most[UNIT_TEXT_MAX];
	uint64_t limit = spec->cpu.claim.limit;
	uint64_t quota;

	if (spec->cpu.burst_usec == 0)
		return 0;
	if (limit == UNIT_NONE)
		return err_set(e, ERR_INPUT, -EINVAL,
			       "cpu.burst %s needs a cpu.limit: without one there is nothing to "
			       "exceed",
			       unit_print(UNIT_TIME, spec->cpu.burst_usec, burst));
	quota = limit * PERIOD_USEC / 1000;
	if (spec->cpu.burst_usec > quota)
		return err_set(e, ERR_INPUT, -ERANGE,
			       "cpu.burst %s is too long: at most %s, what cpu.limit gives in one "
			       "period of 100ms",
			       unit_print(UNIT_TIME, spec->cpu.burst_usec, burst),
			       unit_print(UNIT_TIME, quota, most));
	return 0;
}

static int check_cpus(const struct spec *spec, struct err *e)
{
	char reserve[UNIT_TEXT_MAX];
	int count = CPU_COUNT(&spec->cpu.cpus);

	if (!spec->cpu.pinned)
		return 0;
	if (count == 0)
		return err_set(e, ERR_INPUT, -EINVAL, "cpu.cpus is empty: give at least one CPU");
	if (spec->cpu.claim.reserve > (uint64_t)count * 1000)
		return err_set(e, ERR_INPUT, -EINVAL,
			       "cpu.reserve %s is more than the %d CPUs of cpu.cpus give",
			       unit_print(UNIT_CPU, spec->cpu.claim.reserve, reserve), count);
	return 0;
}

static int check_memory(const struct spec *spec, struct err *e)
{
	const struct spec_memory *m = &spec->memory;
	char reserve[UNIT_TEXT_MAX], limit[UNIT_TEXT_MAX];

	if (m->reserve_bytes > m->limit_bytes)
		return err_set(e, ERR_INPUT, -EINVAL,
			       "memory.reserve %s is above memory.limit %s: raise the limit or "
			       "lower the reservation",
			       unit_print(UNIT_BYTES, m->reserve_bytes, reserve),
			       unit_print(UNIT_BYTES, m->limit_bytes, limit));
	return 0;
}

static int check_ids(const struct spec *spec, struct err *e)
{
	const struct spec_idmap *ids = &spec->idmap;

	if (ids->count == 0 && ids->base == 0)
		return 0;
	if (ids->count != IDS || ids->base == 0 || ids->base % IDS != 0)
		return err_set(e, ERR_INPUT, -EINVAL,
			       "ids.base %" PRIu32 " with ids.count %" PRIu32
			       " is not valid: a multiple of %u above 0 with count %u, or neither",
			       ids->base, ids->count, IDS, IDS);
	return 0;
}

static int check_ephemeral(const struct spec *spec, struct err *e)
{
	if (spec->ephemeral && spec->restart != SPEC_RESTART_NO)
		return err_set(e, ERR_INPUT, -EINVAL,
			       "machine.restart must be no for an ephemeral machine: it is deleted "
			       "when it ends");
	return 0;
}

typedef int check_fn(const char *what, const char *text, struct err *e);

/* What config_text rows check when they are read; whoever fills a spec by hand has not been there.
 */
static int check_texts(const struct spec *spec, struct err *e)
{
	const struct {
		const char *key, *text;
		check_fn *check;
	} texts[] = {
		{"machine.image", spec->image, config_check_image},
		{"machine.hostname", spec->hostname, config_check_hostname},
		{"machine.user", spec->process.user, config_check_user},
		{"machine.directory", spec->process.cwd, config_check_directory},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		bool is_given = texts[i].text && texts[i].text[0] != '\0';
		int r = is_given ? texts[i].check(texts[i].key, texts[i].text, e) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

static int check_vector(const char *key, const char *const *v, check_fn *check, struct err *e)
{
	size_t count = 0;

	for (; v && v[count]; count++) {
		int r = check(key, v[count], e);

		if (r < 0)
			return r;
	}
	if (count > WORDS_MAX)
		return err_set(e, ERR_INPUT, -E2BIG, "%s: %zu are given, at most %d are taken", key,
			       count, WORDS_MAX);
	return 0;
}

static int check_utf8(const char *what, const char *text, struct err *e)
{
	if (words_is_utf8(text))
		return 0;
	return err_set(e, ERR_INPUT, -EILSEQ,
		       "%s: is not UTF-8: bytes above 0x7f are taken as UTF-8 only", what);
}

static size_t vector_bytes(const char *const *v)
{
	size_t bytes = 0;

	for (; v && *v; v++)
		bytes += strlen(*v);
	return bytes;
}

/*
 * A byte takes at most four in the file (\x01), a line at most 17 more, and there are at most 2048
 * lines: below a sixteenth of the limit it need not be printed to know.
 */
static int check_size(const struct spec *spec, struct err *e)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	if (vector_bytes(spec->process.argv) + vector_bytes(spec->process.env) <
	    MACHINE_INI_MAX_BYTES / 16)
		return 0;
	machine_ini_print(spec, &text);
	if (text.length <= MACHINE_INI_MAX_BYTES)
		return 0;
	return err_set(e, ERR_INPUT, -E2BIG,
		       "the definition has %zu bytes: at most %d; shorten the arguments or the "
		       "environment",
		       text.length, MACHINE_INI_MAX_BYTES);
}

static int check_vectors(const struct spec *spec, struct err *e)
{
	const struct spec_process *p = &spec->process;
	int r = check_vector("machine.command", p->argv, check_utf8, e);

	if (r == 0)
		r = check_vector("machine.environment", p->env, check_utf8, e);
	if (r == 0)
		r = check_vector("machine.environment", p->env, config_check_variable, e);
	return r;
}

static int (*const rules[])(const struct spec *spec, struct err *e) = {
	check_kind, check_cpu_claim, check_cpu_burst, check_cpus,    check_memory,
	check_ids,  check_ephemeral, check_texts,     check_vectors, check_size,
};

int spec_check_relations(const struct spec *spec, struct err *e)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		int r = rules[i](spec, e);

		if (r < 0)
			return r;
	}
	return 0;
}

int spec_check(const struct spec *spec, struct err *e)
{
	const char *const *argv = spec->process.argv;
	int r = spec_check_relations(spec, e);

	if (r == 0 && (!argv || !argv[0] || !argv[0][0]))
		r = err_set(e, ERR_INPUT, -EINVAL,
			    "machine.command is missing, and the image names none: give a command");
	return r;
}
