/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/*
 * The new text is a file without a name until it is whole, so a writer that is killed leaves
 * nothing; only between linkat(2) and rename(2) is there a temporary name, one per file, which the
 * next writer or io_remove_file() takes away.
 */
struct names {
	char directory[PATH_MAX];
	char temporary[PATH_MAX];
};

static int names_make(const char *path, struct names *ret)
{
	const char *slash = strrchr(path, '/');
	int length = slash ? (int)(slash - path) : 0;
	const char *base = slash ? slash + 1 : path;
	int n;

	if (strlen(path) + sizeof(".new") >= PATH_MAX)
		return -ENAMETOOLONG;
	if (slash)
		(void)snprintf(ret->directory, sizeof(ret->directory), "%.*s/", length, path);
	else
		(void)snprintf(ret->directory, sizeof(ret->directory), ".");
	n = snprintf(ret->temporary, sizeof(ret->temporary), "%.*s%s.%s.new", length, path,
		     slash ? "/" : "", base);
	return n < 0 || (size_t)n >= sizeof(ret->temporary) ? -ENAMETOOLONG : 0;
}

static int write_text(int fd, enum io_durability durability, const char *text, size_t bytes)
{
	int r = io_write_all(fd, text, bytes);

	if (r == 0 && durability == IO_DURABLE && fsync(fd) < 0)
		r = -errno;
	return r;
}

static int link_nameless(int fd, int dirfd, const char *name)
{
	char self[32];

	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, self, dirfd, name, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

/* Gives the nameless file the name `path`, replacing what is there. */
static int publish(int fd, int dirfd, const char *path, const char *temporary)
{
	int r = link_nameless(fd, dirfd, path);

	if (r != -EEXIST)
		return r;
	r = link_nameless(fd, dirfd, temporary);
	if (r == -EEXIST) {
		/* Left by a writer that was killed. */
		(void)unlinkat(dirfd, temporary, 0);
		r = link_nameless(fd, dirfd, temporary);
	}
	if (r < 0)
		return r;
	if (renameat(dirfd, temporary, dirfd, path) < 0) {
		r = -errno;
		(void)unlinkat(dirfd, temporary, 0);
	}
	return r;
}

/* For file systems without O_TMPFILE (9p, older overlayfs): needs one writer at a time. */
static int replace_named(int dirfd, const char *path, mode_t mode, const char *temporary,
			 enum io_durability durability, const char *text, size_t bytes)
{
	_cleanup_fd_ int fd = -EBADF;
	int r;

	(void)unlinkat(dirfd, temporary, 0);
	fd = openat(dirfd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return -errno;
	r = write_text(fd, durability, text, bytes);
	if (r == 0 && renameat(dirfd, temporary, dirfd, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(dirfd, temporary, 0);
	return r;
}

static int sync_directory(int dirfd, const char *directory)
{
	_cleanup_fd_ int fd = openat(dirfd, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && fsync(fd) == 0 ? 0 : -errno;
}

int io_replace_file(int dirfd, const char *path, mode_t mode, enum io_durability durability,
		    const char *text, size_t bytes, struct err *e)
{
	_cleanup_fd_ int fd = -EBADF;
	struct names names;
	int r = names_make(path, &names);

	if (r < 0)
		return err_sys(e, r, "write %.200s", path);
	fd = openat(dirfd, names.directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
	if (fd >= 0) {
		r = write_text(fd, durability, text, bytes);
		if (r == 0)
			r = publish(fd, dirfd, path, names.temporary);
	} else if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL) {
		r = replace_named(dirfd, path, mode, names.temporary, durability, text, bytes);
	} else {
		r = -errno;
	}
	if (r == 0 && durability == IO_DURABLE)
		r = sync_directory(dirfd, names.directory);
	return r < 0 ? err_sys(e, r, "write %s", path) : 0;
}

int io_remove_file(int dirfd, const char *path, struct err *e)
{
	struct names names;
	int r = names_make(path, &names);

	if (r < 0)
		return err_sys(e, r, "remove %.200s", path);
	(void)unlinkat(dirfd, names.temporary, 0);
	if (unlinkat(dirfd, path, 0) < 0 && errno != ENOENT)
		return err_sys(e, -errno, "remove %s", path);
	return 0;
}
