/* SPDX-License-Identifier: Apache-2.0 */
#include "host/mountinfo.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* "\040" and the like; the result is never longer. */
static void unescape(char *s)
{
	char *to = s;

	while (*s) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
		    s[3] >= '0' && s[3] <= '7') {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

/* ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [OPTIONAL...] - TYPE SOURCE SUPER */
static bool parse_line(char *line, struct mountinfo_line *ret)
{
	enum { FIELDS = 6 };
	char *save = NULL, *field[FIELDS], *word;

	for (int i = 0; i < FIELDS; i++) {
		field[i] = strtok_r(i == 0 ? line : NULL, " ", &save);
		if (!field[i])
			return false;
	}
	do {
		word = strtok_r(NULL, " ", &save);
	} while (word && strcmp(word, "-") != 0);
	if (!word)
		return false;
	*ret = (struct mountinfo_line){.id = atoi(field[0]),
				       .parent = atoi(field[1]),
				       .root = field[3],
				       .point = field[4],
				       .options = field[5]};
	unescape(field[3]);
	unescape(field[4]);
	ret->type = strtok_r(NULL, " ", &save);
	/* The source may be empty, and then there is one word less. */
	word = strtok_r(NULL, " ", &save);
	ret->super = strtok_r(NULL, " ", &save);
	if (!ret->super)
		ret->super = word;
	return ret->type && ret->super;
}

int mountinfo_parse(const char *text, struct mountinfo *ret, struct err *e)
{
	_cleanup_mountinfo_ struct mountinfo m = MOUNTINFO_INIT;
	size_t lines = 1;
	char *save = NULL;

	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	m.text = strdup(text);
	m.lines = calloc(lines, sizeof(*m.lines));
	if (!m.text || !m.lines)
		return err_sys(e, -ENOMEM, "mountinfo");
	for (char *line = strtok_r(m.text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (!parse_line(line, &m.lines[m.count]))
			return err_set(e, ERR_HOST, -EBADMSG,
				       "mountinfo: line %zu is not understood", m.count + 1);
		m.count++;
	}
	*ret = m;
	m = MOUNTINFO_INIT;
	return 0;
}

static const struct mountinfo_line *find_id(const struct mountinfo *m, int id)
{
	for (size_t i = 0; i < m->count; i++) {
		if (m->lines[i].id == id)
			return &m->lines[i];
	}
	return NULL;
}

static bool is_at_or_above(const char *above, const char *path)
{
	size_t n = strlen(above);

	if (strcmp(above, "/") == 0)
		return true;
	return strncmp(above, path, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

/* Whether a child of `parent` other than `self` lies at or above `point`. A child that lies above
 * and is older would be the parent itself. */
static bool child_covers(const struct mountinfo *m, int parent, const struct mountinfo_line *self,
			 const char *point)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct mountinfo_line *l = &m->lines[i];

		if (l != self && l->parent == parent && l->id != parent &&
		    is_at_or_above(l->point, point))
			return true;
	}
	return false;
}

bool mountinfo_is_covered(const struct mountinfo *m, const struct mountinfo_line *line)
{
	const struct mountinfo_line *self = NULL;
	const char *point = line->point;

	/* No chain is longer than the number of mounts. */
	for (size_t i = 0; line && i < m->count; i++) {
		if (child_covers(m, line->id, self, point))
			return true;
		self = line;
		line = line->parent == line->id ? NULL : find_id(m, line->parent);
	}
	return false;
}

void mountinfo_done(struct mountinfo *m)
{
	free(m->lines);
	free(m->text);
	*m = MOUNTINFO_INIT;
}
