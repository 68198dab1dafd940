/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/generate/generate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void print_char(char c, bool line_start, FILE *out)
{
	if (line_start && (c == '.' || c == '\''))
		(void)fputs("\\&", out);
	if (c == '\\')
		(void)fputs("\\e", out);
	else if (c == '-')
		(void)fputs("\\-", out);
	else
		(void)fputc(c, out);
}

static void print_span(const char *text, size_t length, bool marked, FILE *out)
{
	bool bold = false;

	for (size_t i = 0; i < length; i++) {
		if (marked && text[i] == '`') {
			bold = !bold;
			(void)fputs(bold ? "\\fB" : "\\fR", out);
			continue;
		}
		print_char(text[i], i == 0, out);
	}
	(void)fputc('\n', out);
}

void roff_print_line(const char *text, FILE *out)
{
	print_span(text, strlen(text), true, out);
}

static void print_heading(const char *line, size_t length, FILE *out)
{
	(void)fprintf(out, ".SH %.*s\n", (int)length - 2, line + 2);
}

struct roff_state {
	bool literal;
	bool paragraph; /* the next text begins one */
};

static void end_literal(struct roff_state *s, FILE *out)
{
	if (s->literal)
		(void)fputs(".EE\n.RE\n", out);
	s->literal = false;
}

static void print_text_line(struct roff_state *s, const char *line, size_t length, FILE *out)
{
	bool literal = length > 4 && strncmp(line, "    ", 4) == 0;

	if (!literal && length > 0)
		end_literal(s, out);
	if (length > 2 && strncmp(line, "# ", 2) == 0) {
		print_heading(line, length, out);
		s->paragraph = false;
	} else if (literal) {
		if (!s->literal)
			(void)fputs(".PP\n.RS 4\n.EX\n", out);
		s->literal = true;
		print_span(line + 4, length - 4, false, out);
	} else if (length == 0) {
		s->paragraph = true;
		if (s->literal)
			(void)fputc('\n', out);
	} else {
		if (s->paragraph)
			(void)fputs(".PP\n", out);
		s->paragraph = false;
		print_span(line, length, true, out);
	}
}

void roff_print_text(const char *text, FILE *out)
{
	struct roff_state state = {.literal = false};

	while (*text) {
		size_t length = strcspn(text, "\n");

		print_text_line(&state, text, length, out);
		text += length;
		text += *text == '\n';
	}
	end_literal(&state, out);
}

char *roff_section(const char *text, const char *section)
{
	size_t length = strlen(section);

	for (const char *at = text; at; at = strstr(at, "\n# ")) {
		const char *body, *end;

		at += *at == '\n';
		if (strncmp(at, "# ", 2) != 0 || strncmp(at + 2, section, length) != 0 ||
		    at[2 + length] != '\n')
			continue;
		body = at + 2 + length + 1;
		end = strstr(body, "\n# ");
		return end ? strndup(body, (size_t)(end - body) + 1) : strdup(body);
	}
	return NULL;
}
