/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words and quotes in configuration files. Pure.
 *
 * A command line is split at blanks. '...' is literal; in "..." the escapes \n \t \r \" \\ and \xHH
 * (not \x00) mean what they mean in C; outside of quotes a backslash keeps the next character.
 * Nothing is expanded: this is not a shell. Every text is UTF-8, because it is printed as JSON too.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

#define WORDS_MAX 1024

/* Splits into at most WORDS_MAX words; `what` names the key in messages. NULL-terminated. */
int words_split(const char *what, const char *text, struct arena *a, const char *const **ret_words,
		struct err *e);

/* One value: taken as it is, but when it begins with '"' it is a whole "..." and decoded. */
int words_unquote(const char *what, const char *text, struct arena *a, const char **ret_value,
		  struct err *e);

/* Well-formed UTF-8 (RFC 3629) without a NUL. */
bool words_is_utf8(const char *text);

/* True when words_split() reads `word` back as one word without quotes. */
bool words_is_plain(const char *word);

/* Appends `word` so that words_split() reads it back. */
void words_quote(const char *word, struct strbuf *out);

/* Appends `value` so that a line of an INI file and words_unquote() read it back. */
void words_quote_value(const char *value, struct strbuf *out);
