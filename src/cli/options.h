/* SPDX-License-Identifier: Apache-2.0 */
/*
 * argv -> options and words, by the tables of a verb. Long options may be shortened as long as they
 * are unique, short ones may be joined (-it), "--" ends them. Pure.
 */
#pragma once

#include "cli/verb.h"

struct options_input {
	const char *const *argv; /* NULL-terminated, from the first word to look at */
	bool stop_at_word;
};

/*
 * Appends to c->values. The words go to c->words (c->arena). With stop_at_word everything from the
 * first word on is a word. `ret_used`, may be NULL: how many of argv were options (stop_at_word).
 * ERR_INPUT with a suggestion. c->verb may be NULL: only the global options are known.
 */
int options_parse(struct call *c, const struct options_input *input, size_t *ret_used,
		  struct err *e);

/* Calls `each` for the rows of a verb: its own, the shared ones, the global ones. */
void options_foreach(const struct verb *verb,
		     void (*each)(const struct option_row *row, bool global, void *data),
		     void *data);
