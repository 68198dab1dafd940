/* SPDX-License-Identifier: Apache-2.0 */
#include "security/destination.h"

#include "base/cleanup.h"
#include "kernel/path.h"

#include <fcntl.h>
#include <sys/stat.h>

static int refuse(const char *path, int r, struct err *e)
{
	if (r == -ELOOP || r == -ENOTDIR)
		return err_set(e, ERR_INPUT, r,
			       "%s of the image is a link or a file: Bulkhead mounts there, and "
			       "follows no links of an image; make it a directory",
			       path);
	return err_sys(e, r, "%s below the machine's root", path);
}

int destination_directory(int root_fd, const char *path, struct err *e)
{
	const char *name;
	_cleanup_fd_ int parent = path_open_parent(root_fd, path, &name);
	int fd;

	if (parent < 0)
		return refuse(path, parent, e);
	fd = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		if (mkdirat(parent, name, 0755) < 0)
			return refuse(path, -errno, e);
		fd = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	}
	return fd < 0 ? refuse(path, -errno, e) : fd;
}

int destination_file(int root_fd, const char *path, struct err *e)
{
	const char *name;
	_cleanup_fd_ int parent = path_open_parent(root_fd, path, &name);
	_cleanup_fd_ int fd = -EBADF;
	struct stat st;

	if (parent < 0)
		return refuse(path, parent, e);
	fd = openat(parent, name, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd >= 0)
		return TAKE_FD(fd);
	fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return refuse(path, -errno, e);
	if (fstat(fd, &st) < 0)
		return refuse(path, -errno, e);
	return S_ISLNK(st.st_mode) ? refuse(path, -ELOOP, e) : TAKE_FD(fd);
}
