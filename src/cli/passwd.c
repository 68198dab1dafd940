/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/passwd.h"

#include "base/cleanup.h"
#include "kernel/path.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

enum { NAME, PASSWORD, UID, GID, GECOS, HOME, SHELL, FIELDS };

static bool parse_id(const char *text, uint32_t *ret_id)
{
	unsigned long value;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || value > UINT32_MAX)
		return false;
	*ret_id = (uint32_t)value;
	return true;
}

static bool parse_line(char *line, struct passwd_entry *ret)
{
	char *fields[FIELDS];

	for (int i = 0; i < FIELDS; i++) {
		fields[i] = strsep(&line, ":");
		if (!fields[i])
			return false;
	}
	*ret = (struct passwd_entry){
		.name = fields[NAME], .home = fields[HOME], .shell = fields[SHELL]};
	return *ret->name && parse_id(fields[UID], &ret->uid);
}

void passwd_parse(char *text, struct arena *a, struct passwd *ret)
{
	size_t lines = 1;
	char *line;

	for (const char *s = text; *s; s++)
		lines += *s == '\n';
	*ret = (struct passwd){.entries = ARENA_ARRAY(a, struct passwd_entry, lines)};
	while ((line = strsep(&text, "\n"))) {
		if (parse_line(line, &ret->entries[ret->count]))
			ret->count++;
	}
}

static int read_whole(int fd, struct arena *a, char **ret_text, struct err *e)
{
	struct stat st;
	size_t used = 0;
	ssize_t n;
	char *text;

	if (fstat(fd, &st) < 0)
		return err_sys(e, -errno, "cannot look at the machine's /etc/passwd");
	if (!S_ISREG(st.st_mode) || st.st_size > (off_t)PASSWD_MAX_BYTES)
		return err_set(e, ERR_HOST, -EBADMSG,
			       "the machine's /etc/passwd is no file of at most %u bytes",
			       PASSWD_MAX_BYTES);
	text = arena_alloc(a, (size_t)st.st_size + 1);
	while (used < (size_t)st.st_size &&
	       (n = read(fd, text + used, (size_t)st.st_size - used)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, -errno, "cannot read the machine's /etc/passwd");
		used += (size_t)n;
	}
	text[used] = '\0';
	*ret_text = text;
	return 0;
}

int passwd_load(pid_t pid, struct arena *a, struct passwd *ret, struct err *e)
{
	_cleanup_fd_ int root = -EBADF;
	_cleanup_fd_ int fd = -EBADF;
	char path[64];
	char *text = NULL;
	int r;

	(void)snprintf(path, sizeof(path), "/proc/%d/root", (int)pid);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return err_sys(e, -errno, "cannot open the machine's root");
	/* Without O_NONBLOCK a FIFO of that name would hold us. */
	fd = path_open(root, "/etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	*ret = (struct passwd){.entries = NULL};
	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return err_sys(e, fd, "cannot open the machine's /etc/passwd");
	r = read_whole(fd, a, &text, e);
	if (r < 0)
		return r;
	passwd_parse(text, a, ret);
	return 0;
}

const struct passwd_entry *passwd_find_uid(const struct passwd *p, uint32_t uid)
{
	for (size_t i = 0; i < p->count; i++) {
		if (p->entries[i].uid == uid)
			return &p->entries[i];
	}
	return NULL;
}

const struct passwd_entry *passwd_find(const struct passwd *p, const char *user)
{
	size_t length = strcspn(user, ":");
	char name[64];
	uint32_t uid;

	if (length >= sizeof(name))
		return NULL;
	memcpy(name, user, length);
	name[length] = '\0';
	for (size_t i = 0; i < p->count; i++) {
		if (strcmp(p->entries[i].name, name) == 0)
			return &p->entries[i];
	}
	return parse_id(name, &uid) ? passwd_find_uid(p, uid) : NULL;
}
