/* SPDX-License-Identifier: Apache-2.0 */
#include "config/ini_text.h"

#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <string.h>

#define BLANKS " \t\r\n\f\v"

struct walk {
	const struct ini_text *t;
	size_t used;
	unsigned int number; /* of the line that the reader gave last */
	int status;
	struct err *e;
};

/*
 * inih keeps 49 bytes of a section's name, ignores what stands behind its ']' and does not tell of
 * a section without keys; so sections are looked at here first.
 */
static int check_section(struct walk *w, char *line)
{
	char *start = line + strspn(line, BLANKS);
	char *end = strchr(start, ']');
	struct ini_line l = {.file = w->t->file, .number = w->number};
	int r;

	if (!end)
		return 0; /* inih reports it */
	if (end[1 + strspn(end + 1, BLANKS)] != '\0')
		return err_set(w->e, ERR_INPUT, -EINVAL,
			       "%s:%u: nothing may follow the ']' of a section: put the key on a "
			       "line of its own",
			       w->t->file, w->number);
	*end = '\0';
	l.section = start + 1;
	r = w->t->each(&l, w->t->data, w->e);
	*end = ']';
	return r;
}

static char *read_line(char *line, int room, void *stream)
{
	struct walk *w = stream;
	const char *start = w->t->text + w->used;
	size_t left = w->t->bytes - w->used;
	const char *newline = left ? memchr(start, '\n', left) : NULL;
	size_t bytes = newline ? (size_t)(newline - start) + 1 : left;

	if (left == 0 || w->status < 0 || bytes >= (size_t)room)
		return NULL;
	memcpy(line, start, bytes);
	line[bytes] = '\0';
	w->used += bytes;
	w->number++;
	if (line[strspn(line, BLANKS)] == '[')
		w->status = check_section(w, line);
	return w->status < 0 ? NULL : line;
}

static int take_key(void *user, const char *section, const char *name, const char *value)
{
	struct walk *w = user;
	struct ini_line l = {
		.file = w->t->file,
		.number = w->number,
		.section = section,
		.key = name,
		.value = value,
	};

	if (section[0] == '\0')
		w->status = err_set(w->e, ERR_INPUT, -EINVAL,
				    "%s:%u: key '%.40s' stands before the first [section]",
				    w->t->file, w->number, name);
	else
		w->status = w->t->each(&l, w->t->data, w->e);
	return w->status == 0;
}

static void configure_inih(void)
{
	static char none[] = "";

	ini_use_stack = false;
	ini_allow_realloc = false;
	ini_initial_alloc = ini_max_line = INI_TEXT_MAX_BYTES + 8;
	ini_allow_multiline = false;
	ini_allow_inline_comments = false;
	ini_inline_comment_prefixes = none;
	ini_stop_on_first_error = true;
	ini_allow_no_value = false;
}

int ini_text_parse(const struct ini_text *t, struct err *e)
{
	struct walk w = {.t = t, .e = e};
	int line;

	if (t->bytes > INI_TEXT_MAX_BYTES)
		return err_set(e, ERR_INPUT, -EFBIG, "%s has %zu bytes: at most %d are read",
			       t->file, t->bytes, INI_TEXT_MAX_BYTES);
	if (t->bytes && memchr(t->text, '\0', t->bytes))
		return err_set(e, ERR_INPUT, -EINVAL, "%s is not a text: it has a NUL byte",
			       t->file);
	configure_inih();
	line = ini_parse_stream(read_line, &w, take_key, &w);
	if (w.status < 0)
		return w.status;
	if (line == -2)
		return err_sys(e, -ENOMEM, "read %s", t->file);
	if (line != 0)
		return err_set(e, ERR_INPUT, -EINVAL,
			       "%s:%d: neither '[section]' nor 'key = value'", t->file, line);
	return 0;
}
