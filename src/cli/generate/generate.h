/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documentation from the tables that the program runs by: man pages and bash completion. A program
 * of the build, not installed.
 */
#pragma once

#include "cli/verb.h"

#include <stdio.h>

/*
 * A page's hand-written text: paragraphs between blank lines, "# SECTION" heads, lines indented by
 * four blanks as they are, `words` in bold.
 */
void roff_print_text(const char *text, FILE *out);
/* One line, escaped for roff. */
void roff_print_line(const char *text, FILE *out);
/* The part of `text` under "# SECTION", malloc()ed; NULL when there is none. */
char *roff_section(const char *text, const char *section);

void manpage_print_verb(const struct verb *verb, const char *text, FILE *out);
void manpage_print_program(const char *text, FILE *out);
/* bulkheadd.8 and the like: "NAME SECTION SUMMARY" come from the text's "# NAME" line. */
void manpage_print_plain(const char *name, const char *section, const char *text, FILE *out);
/* machine.ini.5: the text, and the table of keys. */
void manpage_print_keys(const char *text, FILE *out);

/* The tables, then `script`, which completes by them. */
void completion_print(const char *script, FILE *out);
