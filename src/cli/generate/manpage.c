/* SPDX-License-Identifier: Apache-2.0 */
#include "build_config.h"
#include "cli/generate/generate.h"
#include "cli/options.h"
#include "cli/usage.h"
#include "config/keys.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void print_title(const char *name, const char *section, FILE *out)
{
	(void)fputs(".TH ", out);
	for (; *name; name++)
		(void)fputc(*name == ' ' ? '-' : toupper((unsigned char)*name), out);
	(void)fprintf(out, " %s \"\" \"Bulkhead %s\" \"Bulkhead\"\n.nh\n.ad l\n", section,
		      BULKHEAD_VERSION);
}

/* "bulkhead-image-build" */
static void print_page_name(const struct verb *verb, const char *dash, FILE *out)
{
	(void)fprintf(out, "bulkhead%s", dash);
	for (const char *s = verb->name; *s; s++)
		(void)fputs(*s == ' ' ? dash : (const char[]){*s, '\0'}, out);
}

static void print_section(const char *text, const char *section, FILE *out)
{
	char *body = roff_section(text, section);

	if (body) {
		(void)fprintf(out, ".SH %s\n", section);
		roff_print_text(body, out);
	}
	free(body);
}

struct option_list {
	FILE *out;
	bool global;
};

static void print_option(const struct option_row *row, bool global, void *data)
{
	const struct option_list *list = data;
	char left[USAGE_SYNOPSIS_MAX];
	char line[USAGE_SYNOPSIS_MAX + 8];

	if (global != list->global)
		return;
	(void)usage_option(row, left);
	(void)snprintf(line, sizeof(line), "`%s`", left + strspn(left, " "));
	(void)fputs(".TP\n", list->out);
	roff_print_line(line, list->out);
	(void)snprintf(line, sizeof(line), "%s.", row->help);
	roff_print_line(line, list->out);
}

static void print_options(const struct verb *verb, bool global, FILE *out)
{
	struct option_list list = {.out = out, .global = global};

	options_foreach(verb, print_option, &list);
}

static void print_exit_status(const struct verb *verb, FILE *out)
{
	(void)fputs(".SH EXIT STATUS\n", out);
	roff_print_text(
		"`0` done, `1` failed, `2` the call is wrong, `3` refused by admission: the "
		"reservation does not fit.\n",
		out);
	if (verb && (verb->flags & VERB_PASSES_CODE))
		roff_print_text(
			"\nThe command's own code is passed on: `125` when Bulkhead itself "
			"failed, `126` the command cannot be executed, `127` it was not found, "
			"`128`+N it was killed by signal N.\n",
			out);
}

void manpage_print_verb(const struct verb *verb, const char *text, FILE *out)
{
	char synopsis[USAGE_SYNOPSIS_MAX];
	char page[128];

	(void)snprintf(page, sizeof(page), "bulkhead %s", verb->name);
	print_title(page, "1", out);
	(void)fputs(".SH NAME\n", out);
	print_page_name(verb, "\\-", out);
	(void)fputs(" \\- ", out);
	roff_print_line(verb->summary, out);
	(void)fputs(".SH SYNOPSIS\n", out);
	roff_print_line(usage_synopsis(verb, synopsis), out);
	print_section(text, "DESCRIPTION", out);
	if (verb->options || verb->shared) {
		(void)fputs(".SH OPTIONS\n", out);
		print_options(verb, false, out);
	}
	(void)fputs(".PP\n", out);
	roff_print_text("Options of every verb (`--root`, `--run`, `--json`, ...) are in "
			"`bulkhead`(1).\n",
			out);
	print_exit_status(verb, out);
	print_section(text, "EXAMPLES", out);
	print_section(text, "FILES", out);
	(void)fputs(".SH SEE ALSO\n", out);
	roff_print_text("`bulkhead`(1), `machine.ini`(5), `bulkheadd`(8)\n", out);
}

static void print_verbs(FILE *out)
{
	const char *group = "";

	(void)fputs(".SH VERBS\n", out);
	for (const struct verb *v = verb_table; v->name; v++) {
		if (strcmp(group, v->group) != 0)
			(void)fprintf(out, ".SS %s\n", v->group);
		group = v->group;
		(void)fputs(".TP\n\\fB", out);
		print_page_name(v, "\\-", out);
		(void)fputs("\\fR(1)\n", out);
		roff_print_line(v->summary, out);
	}
}

void manpage_print_program(const char *text, FILE *out)
{
	print_title("bulkhead", "1", out);
	(void)fputs(
		".SH NAME\nbulkhead \\- machines on one kernel, each with the resources that it "
		"was promised\n.SH SYNOPSIS\nbulkhead [OPTIONS] VERB [OPTIONS] ...\n",
		out);
	print_section(text, "DESCRIPTION", out);
	print_verbs(out);
	(void)fputs(".SH OPTIONS\nBefore the verb or after it:\n", out);
	print_options(NULL, true, out);
	print_exit_status(NULL, out);
	print_section(text, "ENVIRONMENT", out);
	print_section(text, "FILES", out);
	print_section(text, "EXAMPLES", out);
	(void)fputs(".SH SEE ALSO\n", out);
	roff_print_text("`machine.ini`(5), `bulkheadd`(8)\n", out);
}

void manpage_print_plain(const char *name, const char *section, const char *text, FILE *out)
{
	print_title(name, section, out);
	roff_print_text(text, out);
}

static void print_key(const struct config_key *key, FILE *out)
{
	static const char *const when[CONFIG_WHEN_MAX] = {
		[CONFIG_LIVE] = "Changes at once, also on a running machine.",
		[CONFIG_NEXT_START] = "A change takes effect at the next start.",
		[CONFIG_CREATE] = "Fixed when the machine is created.",
	};
	char line[512];

	(void)snprintf(line, sizeof(line), "`%s`", key->name);
	(void)fputs(".TP\n", out);
	roff_print_line(line, out);
	roff_print_line(key->help, out);
	(void)snprintf(line, sizeof(line), "Valid: %s.%s%s%s", key->valid,
		       key->fallback[0] ? " Default: " : "", key->fallback,
		       key->fallback[0] ? "." : "");
	roff_print_line(line, out);
	if (when[key->when])
		roff_print_line(when[key->when], out);
}

void manpage_print_keys(const char *text, FILE *out)
{
	const char *section = "";
	size_t count;
	const struct config_key *keys = config_keys(&count);

	print_title("machine.ini", "5", out);
	print_section(text, "NAME", out);
	print_section(text, "DESCRIPTION", out);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(section, keys[i].section) != 0)
			(void)fprintf(out, ".SH [%s]\n", keys[i].section);
		section = keys[i].section;
		print_key(&keys[i], out);
	}
	print_section(text, "EXAMPLES", out);
	print_section(text, "SEE ALSO", out);
}
