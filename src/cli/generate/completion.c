/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/generate/generate.h"
#include "cli/options.h"
#include "config/keys.h"

#include <string.h>

static void print_option(const struct option_row *row, bool global, void *data)
{
	FILE *out = data;

	(void)global;
	(void)fprintf(out, "\t\t'--%s %s'\n", row->name,
		      row->takes == OPTION_VALUE ? row->argument : "");
	if (row->letter)
		(void)fprintf(out, "\t\t'-%c %s'\n", row->letter,
			      row->takes == OPTION_VALUE ? row->argument : "");
}

/* Each case sets `words`, what the verb takes, and `options`, "--name ARGUMENT" each. */
static void print_cases(FILE *out)
{
	(void)fputs("_bulkhead_verb() {\n\tcase $1 in\n", out);
	for (const struct verb *v = verb_table; v->name; v++) {
		(void)fprintf(out, "\t'%s')\n\t\twords='%s'\n\t\toptions=(\n", v->name, v->words);
		options_foreach(v, print_option, out);
		(void)fputs("\t\t) ;;\n", out);
	}
	(void)fputs("\t'')\n\t\twords=VERB\n\t\toptions=(\n", out);
	options_foreach(NULL, print_option, out);
	(void)fputs("\t\t) ;;\n\t*) return 1 ;;\n\tesac\n}\n\n", out);
}

/* The words that a verb may begin with: "image" once. */
static void print_verbs(FILE *out)
{
	const char *last = "";
	size_t last_length = 0;

	(void)fputs("_bulkhead_verbs='", out);
	for (const struct verb *v = verb_table; v->name; v++) {
		size_t length = strcspn(v->name, " ");

		if (length != last_length || strncmp(last, v->name, length) != 0)
			(void)fprintf(out, "%.*s ", (int)length, v->name);
		last = v->name;
		last_length = length;
	}
	(void)fputs("'\n_bulkhead_second='", out);
	for (const struct verb *v = verb_table; v->name; v++) {
		if (strchr(v->name, ' '))
			(void)fprintf(out, "%s\n", v->name);
	}
	(void)fputs("'\n", out);
}

static void print_keys(FILE *out)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);

	(void)fputs("_bulkhead_keys='", out);
	for (size_t i = 0; i < count; i++) {
		if (keys[i].when != CONFIG_CREATE)
			(void)fprintf(out, "%s= ", keys[i].full);
	}
	(void)fputs("'\n\n", out);
}

void completion_print(const char *script, FILE *out)
{
	(void)fputs("# bash completion for bulkhead(1), generated from its tables of verbs.\n",
		    out);
	print_verbs(out);
	print_keys(out);
	print_cases(out);
	(void)fputs(script, out);
}
