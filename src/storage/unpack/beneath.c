/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/unpack/beneath.h"

#include "base/cleanup.h"
#include "storage/entry_name.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static int open_directory(int root, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};
	int fd = (int)syscall(SYS_openat2, root, *path ? path : ".", &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

static int make_one(int directory, const char *name, size_t length)
{
	char component[ENTRY_NAME_MAX + 1];

	memcpy(component, name, length);
	component[length] = '\0';
	if (mkdirat(directory, component, 0755) < 0 && errno != EEXIST)
		return -errno;
	return open_directory(directory, component);
}

int beneath_make_directory(int root, const char *path)
{
	_cleanup_fd_ int fd = open_directory(root, path);

	if (fd != -ENOENT)
		return TAKE_FD(fd);
	fd = open_directory(root, "");
	while (fd >= 0 && *path != '\0') {
		size_t length = strcspn(path, "/");
		int next = make_one(fd, path, length);

		(void)fd_close(fd);
		fd = next;
		path += length;
		path += *path == '/';
	}
	return TAKE_FD(fd);
}

int beneath_open_parent(int root, const char *path, const char **ret_leaf)
{
	char directory[ENTRY_PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) : 0;

	memcpy(directory, path, length);
	directory[length] = '\0';
	*ret_leaf = slash ? slash + 1 : path;
	return open_directory(root, directory);
}
