/* SPDX-License-Identifier: Apache-2.0 */
#include "security/users.h"

#include "base/cleanup.h"
#include "kernel/path.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#define FIELDS_MAX 7
#define NAME_MAX_BYTES 256
#define ID_NONE UINT32_MAX

/* Returns false to end the reading. `fields` are terminated pieces of the line. */
typedef bool line_fn(char *fields[static FIELDS_MAX], size_t count, void *data);

/* A decimal id below 2^32 - 1, the whole text. */
static bool parse_id(const char *text, uint32_t *ret)
{
	uint64_t value = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		value = 10 * value + (uint64_t)(*text - '0');
		if (value >= ID_NONE)
			return false;
	}
	*ret = (uint32_t)value;
	return true;
}

static bool give_line(char *line, line_fn *each, void *data)
{
	char *fields[FIELDS_MAX];
	size_t count = 0;

	while (line && count < FIELDS_MAX) {
		char *next = strchr(line, ':');

		if (next)
			*next++ = '\0';
		fields[count++] = line;
		line = next;
	}
	for (size_t i = count; i < FIELDS_MAX; i++)
		fields[i] = NULL;
	return each(fields, count, data);
}

struct lines {
	char text[USERS_LINE_MAX];
	size_t used;
	bool too_long; /* the rest of a line that did not fit is passed over */
};

/* Gives every complete line in the buffer, keeps the rest at its start. */
static bool lines_take(struct lines *l, line_fn *each, void *data)
{
	char *start = l->text;
	char *end;

	while ((end = memchr(start, '\n', l->used - (size_t)(start - l->text)))) {
		bool skipped = l->too_long;

		*end = '\0';
		l->too_long = false;
		if (!skipped && !give_line(start, each, data))
			return false;
		start = end + 1;
	}
	l->used -= (size_t)(start - l->text);
	memmove(l->text, start, l->used);
	if (l->used == sizeof(l->text) - 1) {
		l->too_long = true;
		l->used = 0;
	}
	return true;
}

static int read_lines(int fd, line_fn *each, void *data)
{
	struct lines l;
	size_t total = 0;

	l.used = 0;
	l.too_long = false;
	for (;;) {
		ssize_t n = read(fd, l.text + l.used, sizeof(l.text) - 1 - l.used);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		total += (size_t)n;
		if (total > USERS_FILE_MAX)
			return -EFBIG;
		l.used += (size_t)n;
		if (!lines_take(&l, each, data))
			return 0;
	}
	l.text[l.used] = '\0';
	if (l.used > 0 && !l.too_long)
		(void)give_line(l.text, each, data);
	return 0;
}

/* A file that is not there has no lines. Nothing but a regular file is read: a FIFO would block. */
static int each_line(int root_fd, const char *path, line_fn *each, void *data)
{
	_cleanup_fd_ int fd = path_open(root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	struct stat st;

	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	return S_ISREG(st.st_mode) ? read_lines(fd, each, data) : -EINVAL;
}

struct search {
	const char *name; /* NULL: by id */
	uint32_t id;
	bool found;
	char found_name[NAME_MAX_BYTES];
	uint32_t gid; /* the user's group */
	struct users_identity *identity;
};

static bool is_wanted(const struct search *s, const char *name, uint32_t id)
{
	return s->name ? strcmp(s->name, name) == 0 : s->id == id;
}

static bool match_user(char *fields[static FIELDS_MAX], size_t count, void *data)
{
	struct search *s = data;
	size_t length = strlen(fields[0]);
	uint32_t uid, gid;

	if (count < 4 || length >= sizeof(s->found_name) || !parse_id(fields[2], &uid) ||
	    !parse_id(fields[3], &gid) || !is_wanted(s, fields[0], uid))
		return true;
	s->found = true;
	s->id = uid;
	s->gid = gid;
	memcpy(s->found_name, fields[0], length + 1);
	return false;
}

static bool match_group(char *fields[static FIELDS_MAX], size_t count, void *data)
{
	struct search *s = data;
	uint32_t gid;

	if (count < 3 || !parse_id(fields[2], &gid) || !is_wanted(s, fields[0], gid))
		return true;
	s->found = true;
	s->id = gid;
	return false;
}

static bool list_has(const char *list, const char *name)
{
	size_t length = strlen(name);

	while (list && *list) {
		size_t n = strcspn(list, ",");

		if (n == length && memcmp(list, name, n) == 0)
			return true;
		list += n + (list[n] == ',');
	}
	return false;
}

static bool collect_group(char *fields[static FIELDS_MAX], size_t count, void *data)
{
	struct search *s = data;
	struct users_identity *identity = s->identity;
	uint32_t gid;

	if (count < 4 || !parse_id(fields[2], &gid) || gid == identity->gid ||
	    !list_has(fields[3], s->found_name))
		return true;
	identity->groups[identity->group_count++] = gid;
	return identity->group_count < USERS_GROUPS_MAX;
}

static int find_user(int root_fd, const char *user, struct search *s, struct err *e)
{
	int r;

	s->name = parse_id(user, &s->id) ? NULL : user;
	r = each_line(root_fd, "etc/passwd", match_user, s);
	if (r < 0)
		return err_sys(e, r, "the machine's /etc/passwd");
	if (!s->found && s->name)
		return err_set(
			e, ERR_INPUT, -ENOENT,
			"user %s: the machine's /etc/passwd has none; give a number, or add it",
			user);
	return 0;
}

static int find_group(int root_fd, const char *group, uint32_t *ret_gid, struct err *e)
{
	struct search s = {.name = group};
	int r;

	if (parse_id(group, ret_gid))
		return 0;
	r = each_line(root_fd, "etc/group", match_group, &s);
	if (r < 0)
		return err_sys(e, r, "the machine's /etc/group");
	if (!s.found)
		return err_set(
			e, ERR_INPUT, -ENOENT,
			"group %s: the machine's /etc/group has none; give a number, or add it",
			group);
	*ret_gid = s.id;
	return 0;
}

/* An id past the range is nobody's file on the host: setresuid(2) would say EINVAL. */
static int check_range(const struct users_identity *identity, uint32_t id_count, struct err *e)
{
	uint32_t highest = identity->uid > identity->gid ? identity->uid : identity->gid;

	for (size_t i = 0; i < identity->group_count; i++)
		highest = identity->groups[i] > highest ? identity->groups[i] : highest;
	if (id_count == 0 || highest < id_count)
		return 0;
	return err_set(e, ERR_INPUT, -ERANGE,
		       "user or group %u: a machine has ids 0 to %u; choose a lower one", highest,
		       id_count - 1);
}

int users_find(int root_fd, const char *user, uint32_t id_count, struct users_identity *ret,
	       struct err *e)
{
	struct search s = {.identity = ret};
	char name[NAME_MAX_BYTES];
	const char *colon = strchr(user, ':');
	size_t length = colon ? (size_t)(colon - user) : strlen(user);
	int r;

	if (length == 0 || length >= sizeof(name))
		return err_set(e, ERR_INPUT, -EINVAL,
			       "user %s: USER or USER:GROUP, names or numbers", user);
	memcpy(name, user, length);
	name[length] = '\0';
	ret->group_count = 0;
	r = find_user(root_fd, name, &s, e);
	if (r < 0)
		return r;
	ret->uid = s.id;
	ret->gid = s.found ? s.gid : 0;
	if (colon) {
		r = find_group(root_fd, colon + 1, &ret->gid, e);
	} else if (s.found) {
		r = each_line(root_fd, "etc/group", collect_group, &s);
		if (r < 0)
			return err_sys(e, r, "the machine's /etc/group");
	}
	return r < 0 ? r : check_range(ret, id_count, e);
}
