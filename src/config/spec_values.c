/* SPDX-License-Identifier: Apache-2.0 */
/* Values of struct spec that fill more than one field: CPUs, capabilities, new privileges. */
#include "config/cpu_list.h"
#include "config/nearest.h"
#include "config/values.h"
#include "model/capability_names.h"
#include "model/spec.h"

#include <errno.h>
#include <string.h>

#define SEPARATORS " \t,"

static int cpus_parse(const struct config_key *key, const char *text, void *object, struct arena *a,
		      struct err *e)
{
	struct spec *spec = object;
	cpu_set_t set;
	int r = 0;

	(void)a;
	CPU_ZERO(&set);
	if (strcmp(text, "all") != 0)
		r = cpu_list_parse(text, &set);
	if (r < 0)
		return err_set(e, ERR_INPUT, r, "%s: '%.40s' is not a list of CPUs below %d: %s",
			       key->full, text, CPU_SETSIZE, key->valid);
	spec->cpu.pinned = strcmp(text, "all") != 0;
	spec->cpu.cpus = set;
	return 0;
}

static void cpus_print(const struct config_key *key, const void *object, size_t index,
		       struct strbuf *out)
{
	const struct spec *spec = object;

	(void)key;
	(void)index;
	if (spec->cpu.pinned)
		cpu_list_print(&spec->cpu.cpus, out);
	else
		strbuf_append(out, "all");
}

const struct config_type config_cpus = {.parse = cpus_parse, .print = cpus_print};

/* Capabilities: default | all | none | names, with +name and -name behind the first word. */

struct capability_choice {
	bool from_default;
	uint64_t set, add, drop;
};

static void choice_change(struct capability_choice *c, char sign, uint64_t bits)
{
	c->set |= bits;
	c->add |= bits;
	c->drop &= ~bits;
	if (sign == '-') {
		c->set &= ~bits;
		c->add &= ~bits;
		c->drop |= bits;
	}
}

static int unknown_capability(const struct config_key *key, const char *word, struct err *e)
{
	const char *best = "net_admin";
	size_t distance = (size_t)-1;

	for (int i = 0; i < CAPABILITY_COUNT; i++) {
		size_t d = nearest_distance(word, capability_name(i));

		if (d < distance) {
			best = capability_name(i);
			distance = d;
		}
	}
	return err_set(e, ERR_INPUT, -EINVAL,
		       "%s: there is no capability '%.40s', the nearest is '%s'; valid are %s",
		       key->full, word, best, key->valid);
}

static int choice_word(const struct config_key *key, const char *word, struct capability_choice *c,
		       struct err *e)
{
	char sign = *word == '-' || *word == '+' ? *word++ : ' ';
	int number = capability_find(word);

	if (number < 0)
		return unknown_capability(key, word, e);
	if (sign == ' ' && c->from_default)
		return err_set(e, ERR_INPUT, -EINVAL,
			       "%s: '%.40s' changes the default: write +%.40s or -%.40s", key->full,
			       word, word, word);
	choice_change(c, sign, CAPABILITY_BIT(number));
	return 0;
}

/* The first word says what the signs behind it change; without one it is the default. */
static void choice_begin(const char *word, struct capability_choice *c, bool *ret_taken)
{
	*ret_taken = true;
	*c = (struct capability_choice){.set = 0};
	if (strcmp(word, "all") == 0) {
		c->set = CAPABILITY_ALL;
	} else if (strcmp(word, "default") == 0) {
		c->from_default = true;
	} else if (strcmp(word, "none") != 0) {
		c->from_default = *word == '+' || *word == '-';
		*ret_taken = false;
	}
}

static int capabilities_parse(const struct config_key *key, const char *text, void *object,
			      struct arena *a, struct err *e)
{
	struct spec_process *process = &((struct spec *)object)->process;
	struct capability_choice c = {.from_default = true};
	char *copy = arena_strdup(a, text), *save = NULL;
	bool first = true;

	for (char *word = strtok_r(copy, SEPARATORS, &save); word;
	     word = strtok_r(NULL, SEPARATORS, &save), first = false) {
		bool taken = false;
		int r = 0;

		if (first)
			choice_begin(word, &c, &taken);
		if (!taken)
			r = choice_word(key, word, &c, e);
		if (r < 0)
			return r;
	}
	if (first)
		return err_set(e, ERR_INPUT, -EINVAL, "%s: is empty: %s", key->full, key->valid);
	process->capabilities_default = c.from_default;
	process->capabilities = c.from_default ? 0 : c.set;
	process->capabilities_add = c.from_default ? c.add : 0;
	process->capabilities_drop = c.from_default ? c.drop : 0;
	return 0;
}

static void print_names(uint64_t set, const char *sign, struct strbuf *out)
{
	for (int i = 0; i < CAPABILITY_COUNT; i++) {
		if (set & CAPABILITY_BIT(i))
			strbuf_printf(out, "%s%s%s", out->length ? " " : "", sign,
				      capability_name(i));
	}
}

static void capabilities_print(const struct config_key *key, const void *object, size_t index,
			       struct strbuf *out)
{
	const struct spec_process *process = &((const struct spec *)object)->process;
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	(void)key;
	(void)index;
	if (process->capabilities_default) {
		strbuf_append(&text, "default");
		print_names(process->capabilities_add, "+", &text);
		print_names(process->capabilities_drop, "-", &text);
	} else if (process->capabilities == 0) {
		strbuf_append(&text, "none");
	} else if (process->capabilities == CAPABILITY_ALL) {
		strbuf_append(&text, "all");
	} else {
		print_names(process->capabilities, "", &text);
	}
	strbuf_append(out, strbuf_text(&text));
}

const struct config_type config_capabilities = {.parse = capabilities_parse,
						.print = capabilities_print};

/* New privileges: auto | yes | no; the kernel's switch says it the other way round. */

static int new_privileges_parse(const struct config_key *key, const char *text, void *object,
				struct arena *a, struct err *e)
{
	struct spec_process *process = &((struct spec *)object)->process;
	const struct config_key plain = {.full = key->full};
	bool allowed = true;
	int r;

	if (strcmp(text, "auto") == 0) {
		process->no_new_privs_default = true;
		process->no_new_privs = false;
		return 0;
	}
	r = config_bool.parse(&plain, text, &allowed, a, NULL);
	if (r < 0)
		return err_set(e, ERR_INPUT, r, "%s: '%.40s' is not valid: %s", key->full, text,
			       key->valid);
	process->no_new_privs_default = false;
	process->no_new_privs = !allowed;
	return 0;
}

static void new_privileges_print(const struct config_key *key, const void *object, size_t index,
				 struct strbuf *out)
{
	const struct spec_process *process = &((const struct spec *)object)->process;

	(void)key;
	(void)index;
	if (process->no_new_privs_default)
		strbuf_append(out, "auto");
	else
		strbuf_append(out, process->no_new_privs ? "no" : "yes");
}

const struct config_type config_new_privileges = {.parse = new_privileges_parse,
						  .print = new_privileges_print};
