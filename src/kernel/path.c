/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/path.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* openat2(2): -EAGAIN when something was renamed or mounted during a ".."; it is safe to repeat. */
#define RACES_MAX 64

int path_open(int root_fd, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC),
		.mode = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? mode : 0,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd = -1;

	for (int i = 0; i < RACES_MAX; i++) {
		fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return fd < 0 ? -errno : (int)fd;
}

static int open_directory(int root_fd, const char *path)
{
	return path_open(root_fd, path, O_PATH | O_DIRECTORY, 0);
}

/* One step of the walk: `prefix` up to and with the component `name`, whose directory is open. */
static int open_or_make(int root_fd, const char *prefix, int parent_fd, mode_t mode)
{
	const char *slash = strrchr(prefix, '/');
	const char *name = slash ? slash + 1 : prefix;
	int fd = open_directory(root_fd, prefix);

	if (fd != -ENOENT)
		return fd;
	if (mkdirat(parent_fd, name, mode) < 0 && errno != EEXIST)
		return -errno;
	return open_directory(root_fd, prefix);
}

/*
 * Always resolved from the root, component by component, so that a link on the way is bounded by
 * the root; only the last component of a prefix is made, below a descriptor.
 */
int path_open_directory_make(int root_fd, const char *path, mode_t mode)
{
	char prefix[PATH_MAX];
	_cleanup_fd_ int parent = -EBADF;
	size_t length = strlen(path);
	size_t at = 0;

	if (length >= sizeof(prefix))
		return -ENAMETOOLONG;
	memcpy(prefix, path, length + 1);
	parent = open_directory(root_fd, path);
	if (parent != -ENOENT)
		return TAKE_FD(parent);
	parent = open_directory(root_fd, "/");
	while (parent >= 0) {
		int next;

		at += strspn(prefix + at, "/");
		if (prefix[at] == '\0')
			break;
		at += strcspn(prefix + at, "/");
		prefix[at] = '\0';
		next = open_or_make(root_fd, prefix, parent, mode);
		prefix[at] = path[at];
		(void)fd_close(parent);
		parent = next;
	}
	return TAKE_FD(parent);
}

/* Splits into the directory (copied, "/" for none) and the last component. */
static int split(const char *path, char directory[static PATH_MAX], const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t bytes = (size_t)(name - path);

	if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return -EINVAL;
	if (bytes >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(directory, path, bytes);
	directory[bytes] = '\0';
	if (bytes == 0)
		memcpy(directory, "/", 2);
	*ret_name = name;
	return 0;
}

int path_open_file_make(int root_fd, const char *path, mode_t mode)
{
	char directory[PATH_MAX];
	_cleanup_fd_ int parent = -EBADF;
	const char *name;
	int fd = path_open(root_fd, path, O_PATH, 0);
	int r;

	if (fd != -ENOENT)
		return fd;
	r = split(path, directory, &name);
	if (r < 0)
		return r;
	parent = path_open_directory_make(root_fd, directory, 0755);
	if (parent < 0)
		return parent;
	/* With O_EXCL a link at the end is not followed, and nothing that exists is opened. */
	fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return errno == EEXIST ? path_open(root_fd, path, O_PATH, 0) : -errno;
	(void)fd_close(fd);
	fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int path_open_parent(int root_fd, const char *path, const char **ret_name)
{
	char directory[PATH_MAX];
	const char *name;
	int fd, r = split(path, directory, &name);

	if (r < 0)
		return r;
	fd = open_directory(root_fd, directory);
	if (fd >= 0)
		*ret_name = name;
	return fd;
}

const char *path_of_fd(int fd, char buffer[static PATH_FD_MAX])
{
	(void)snprintf(buffer, PATH_FD_MAX, "/proc/self/fd/%d", fd);
	return buffer;
}
