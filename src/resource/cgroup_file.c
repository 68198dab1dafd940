/* SPDX-License-Identifier: Apache-2.0 */
#include "resource/cgroup_file.h"

#include "base/cleanup.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[CGROUP_CONTROLLER_MAX] = {
	[CGROUP_CPU] = "cpu",	      [CGROUP_CPUACCT] = "cpuacct", [CGROUP_CPUSET] = "cpuset",
	[CGROUP_MEMORY] = "memory",   [CGROUP_PIDS] = "pids",	    [CGROUP_DEVICES] = "devices",
	[CGROUP_FREEZER] = "freezer", [CGROUP_IO] = "io",	    [CGROUP_TREE] = "tree",
};

const char *cgroup_controller_name(enum cgroup_controller c)
{
	return names[c];
}

enum cgroup_controller cgroup_controller_find(const char *name)
{
	int c = 0;

	while (c < CGROUP_CONTROLLER_MAX && strcmp(names[c], name) != 0)
		c++;
	return (enum cgroup_controller)c;
}

bool cgroup_same_hierarchy(const struct host *host, enum cgroup_controller a,
			   enum cgroup_controller b)
{
	const struct host_controller *x = &host->cgroups.controller[a];
	const struct host_controller *y = &host->cgroups.controller[b];

	return x->version != CGROUP_ABSENT && x->version == y->version &&
	       strcmp(x->mount, y->mount) == 0;
}

const char *cgroup_directory(const struct host *host, enum cgroup_controller c, const char *path,
			     char buffer[static CGROUP_DIRECTORY_MAX])
{
	const struct host_controller *at = &host->cgroups.controller[c];
	const char *parent = at->parent + strspn(at->parent, "/");

	(void)snprintf(buffer, CGROUP_DIRECTORY_MAX, "%s%s%s%s%s", at->mount, *parent ? "/" : "",
		       parent, *path ? "/" : "", path);
	return buffer;
}

int cgroup_file_open(const struct host *host, enum cgroup_controller c, const char *path,
		     const char *file, int flags)
{
	char name[CGROUP_DIRECTORY_MAX + NAME_MAX];
	size_t length;
	int fd;

	if (cgroup_version_of(host, c) == CGROUP_ABSENT)
		return -ENOENT;
	length = strlen(cgroup_directory(host, c, path, name));
	(void)snprintf(name + length, sizeof(name) - length, "/%s", file);
	fd = open(name, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int cgroup_directory_open(const struct host *host, enum cgroup_controller c, const char *path)
{
	return cgroup_file_open(host, c, path, "", O_RDONLY | O_DIRECTORY);
}

int cgroup_file_write(int dirfd, const char *file, const char *text)
{
	_cleanup_fd_ int fd = openat(dirfd, file, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

int cgroup_file_read(int dirfd, const char *file, char *buffer, size_t size)
{
	_cleanup_fd_ int fd = openat(dirfd, file, O_RDONLY | O_CLOEXEC);
	size_t used = 0;

	if (fd < 0)
		return -errno;
	while (used < size - 1) {
		ssize_t n = read(fd, buffer + used, size - 1 - used);

		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	buffer[used] = '\0';
	return (int)used;
}

static const char *after_key(const char *text, const char *key)
{
	size_t length = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, length) == 0 && line[length] == ' ')
			return line + length + 1;
	}
	return NULL;
}

bool cgroup_text_number(const char *text, const char *key, uint64_t *ret_value)
{
	const char *at = key ? after_key(text, key) : text;

	if (!at)
		return false;
	if (strncmp(at, "max", 3) == 0) {
		*ret_value = UINT64_MAX;
		return true;
	}
	if (!isdigit((unsigned char)*at))
		return false;
	*ret_value = strtoull(at, NULL, 10);
	return true;
}

bool cgroup_text_has(const char *text, const char *word, size_t length)
{
	while (*text) {
		size_t n = strcspn(text, " \n");

		if (n == length && memcmp(text, word, n) == 0)
			return true;
		text += n;
		text += strspn(text, " \n");
	}
	return false;
}
