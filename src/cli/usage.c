/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/usage.h"

#include "cli/options.h"

#include <string.h>

#define HELP_COLUMN 30
#define LINE_WIDTH 96

const char *usage_synopsis(const struct verb *verb, char buffer[static USAGE_SYNOPSIS_MAX])
{
	(void)snprintf(buffer, USAGE_SYNOPSIS_MAX, "bulkhead %s [OPTIONS]%s%s", verb->name,
		       verb->words[0] ? " " : "", verb->words);
	return buffer;
}

const char *usage_option(const struct option_row *row, char buffer[static USAGE_SYNOPSIS_MAX])
{
	static const char *const between[] = {
		[OPTION_FLAG] = "", [OPTION_VALUE] = " ", [OPTION_BOOL] = "[="};
	char letter[8] = "    ";

	if (row->letter)
		(void)snprintf(letter, sizeof(letter), "-%c, ", row->letter);
	(void)snprintf(buffer, USAGE_SYNOPSIS_MAX, "%s--%s%s%s%s", letter, row->name,
		       between[row->takes], row->takes == OPTION_FLAG ? "" : row->argument,
		       row->takes == OPTION_BOOL ? "]" : "");
	return buffer;
}

/* The text from HELP_COLUMN on, broken between words. */
static void print_wrapped(FILE *out, size_t column, const char *text)
{
	const char *gap = "";

	while (*text) {
		size_t length = strcspn(text, " ");

		if (column + 1 + length > LINE_WIDTH) {
			(void)fprintf(out, "\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
			gap = "";
		}
		(void)fprintf(out, "%s%.*s", gap, (int)length, text);
		column += length + 1;
		text += length;
		text += *text == ' ';
		gap = " ";
	}
	(void)fputc('\n', out);
}

static void print_entry(FILE *out, const char *left, const char *help)
{
	size_t length = strlen(left);

	(void)fprintf(out, "  %s", left);
	if (length + 4 > HELP_COLUMN)
		(void)fprintf(out, "\n%*s", HELP_COLUMN, "");
	else
		(void)fprintf(out, "%*s", (int)(HELP_COLUMN - 2 - length), "");
	print_wrapped(out, HELP_COLUMN, help);
}

struct option_printer {
	FILE *out;
	bool global;
	bool titled;
};

static void print_option(const struct option_row *row, bool global, void *data)
{
	struct option_printer *p = data;
	char left[USAGE_SYNOPSIS_MAX];

	if (global != p->global)
		return;
	if (!p->titled)
		(void)fprintf(p->out, "\n%s:\n", global ? "Options of every verb" : "Options");
	p->titled = true;
	print_entry(p->out, usage_option(row, left), row->help);
}

static void print_options(const struct verb *verb, FILE *out)
{
	struct option_printer own = {.out = out, .global = false};
	struct option_printer global = {.out = out, .global = true};

	options_foreach(verb, print_option, &own);
	options_foreach(verb, print_option, &global);
}

void usage_print_verb(const struct verb *verb, FILE *out)
{
	char synopsis[USAGE_SYNOPSIS_MAX];

	(void)fprintf(out, "Usage: %s\n\n%s.\n", usage_synopsis(verb, synopsis), verb->summary);
	print_options(verb, out);
}

static void print_verb_line(FILE *out, const struct verb *verb)
{
	char left[USAGE_SYNOPSIS_MAX];

	(void)snprintf(left, sizeof(left), "%s%s%s", verb->name, verb->words[0] ? " " : "",
		       verb->words);
	print_entry(out, left, verb->summary);
}

void usage_print_group(const char *group, FILE *out)
{
	size_t length = strlen(group);

	(void)fprintf(out, "Usage: bulkhead %s VERB [OPTIONS] ...\n\n", group);
	for (const struct verb *v = verb_table; v->name; v++) {
		if (strncmp(v->name, group, length) == 0 && v->name[length] == ' ')
			print_verb_line(out, v);
	}
}

void usage_print_program(FILE *out)
{
	const char *group = "";

	(void)fprintf(out,
		      "Usage: bulkhead [OPTIONS] VERB [OPTIONS] ...\n\n"
		      "Machines on one kernel, each with the resources that it was promised.\n");
	for (const struct verb *v = verb_table; v->name; v++) {
		if (strcmp(group, v->group) != 0)
			(void)fprintf(out, "\n%s:\n", v->group);
		group = v->group;
		print_verb_line(out, v);
	}
	print_options(NULL, out);
	(void)fprintf(out, "\n'bulkhead VERB --help' explains one of them, 'man bulkhead-VERB' at "
			   "length.\n");
}
