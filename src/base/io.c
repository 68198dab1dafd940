/* SPDX-License-Identifier: Apache-2.0 */
#include "base/io.h"

#include "base/cleanup.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int io_mkdir(int dirfd, const char *path, mode_t mode, struct err *e)
{
	struct stat st;
	int error;

	if (mkdirat(dirfd, path, mode) == 0)
		return 0;
	error = errno;
	if (error == EEXIST && fstatat(dirfd, path, &st, 0) == 0) {
		if (S_ISDIR(st.st_mode))
			return 0;
		error = ENOTDIR;
	}
	return err_sys(e, -error, "make directory %s", path);
}

int io_mkdir_parents(const char *path, mode_t mode, struct err *e)
{
	char partial[PATH_MAX];
	size_t length = strlen(path);

	if (length == 0 || length >= sizeof(partial))
		return err_sys(e, length ? -ENAMETOOLONG : -ENOENT, "make directory '%.80s'", path);
	for (size_t i = 1; i <= length; i++) {
		int r;

		if ((path[i] != '/' && path[i] != '\0') || path[i - 1] == '/')
			continue;
		memcpy(partial, path, i);
		partial[i] = '\0';
		r = io_mkdir(AT_FDCWD, partial, mode, e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Fills `buffer` until the end of the file or until `size` bytes are there. */
static ssize_t read_up_to(int fd, char *buffer, size_t size)
{
	size_t used = 0;

	while (used < size) {
		ssize_t n = read(fd, buffer + used, size - used);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	return (ssize_t)used;
}

static int open_for_reading(int dirfd, const char *path, struct err *e)
{
	int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return fd >= 0 ? fd : err_sys(e, -errno, "open %s", path);
}

int io_read_file(int dirfd, const char *path, size_t max, char **ret_text, size_t *ret_bytes,
		 struct err *e)
{
	_cleanup_fd_ int fd = open_for_reading(dirfd, path, e);
	_cleanup_free_ char *text = NULL;
	size_t used = 0;

	if (fd < 0)
		return fd;
	/* Kernel files have no size: one byte more than fits tells the end from the limit. */
	for (size_t size = 4096;; size *= 2) {
		size_t room = size < max + 1 ? size : max + 1;
		char *grown = realloc(text, room + 1);
		ssize_t n;

		if (!grown)
			return err_sys(e, -ENOMEM, "read %s", path);
		text = grown;
		n = read_up_to(fd, text + used, room - used);
		if (n < 0)
			return err_sys(e, (int)n, "read %s", path);
		used += (size_t)n;
		if (used < room)
			break;
		if (room > max)
			return err_set(e, ERR_HOST, -EFBIG, "%s is larger than %zu bytes", path,
				       max);
	}
	text[used] = '\0';
	*ret_text = TAKE_PTR(text);
	if (ret_bytes)
		*ret_bytes = used;
	return 0;
}

int io_read_small(int dirfd, const char *path, char *buffer, size_t size, struct err *e)
{
	_cleanup_fd_ int fd = open_for_reading(dirfd, path, e);
	ssize_t n;

	assert(size > 1);
	if (fd < 0)
		return fd;
	n = read_up_to(fd, buffer, size);
	if (n < 0)
		return err_sys(e, (int)n, "read %s", path);
	if ((size_t)n == size)
		return err_set(e, ERR_HOST, -EFBIG, "%s is larger than %zu bytes", path, size - 1);
	if (n > 0 && buffer[n - 1] == '\n')
		n--;
	buffer[n] = '\0';
	return 0;
}

int io_write_kernel(int dirfd, const char *path, const char *text, struct err *e)
{
	_cleanup_fd_ int fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	size_t bytes = strlen(text);
	ssize_t n;

	if (fd < 0)
		return err_sys(e, -errno, "open %s for writing", path);
	do {
		n = write(fd, text, bytes);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(e, -errno, "write '%.100s' to %s", text, path);
	if ((size_t)n != bytes)
		return err_sys(e, -EIO, "write '%.100s' to %s: only %zd bytes taken", text, path,
			       n);
	return 0;
}

int io_write_all(int fd, const void *data, size_t bytes)
{
	const char *p = data;

	while (bytes > 0) {
		ssize_t n = write(fd, p, bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		bytes -= (size_t)n;
	}
	return 0;
}
