/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/follow.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

static int open_log(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

/* The directory is watched: the file's own watch would be lost with the file. */
static int watch_directory(const char *path)
{
	_cleanup_fd_ int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char directory[PATHS_MAX];
	char *slash;

	if (fd < 0)
		return -errno;
	(void)snprintf(directory, sizeof(directory), "%s", path);
	slash = strrchr(directory, '/');
	if (!slash)
		return -EINVAL;
	*slash = '\0';
	if (inotify_add_watch(fd, directory, IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_ONLYDIR) < 0)
		return -errno;
	return TAKE_FD(fd);
}

int follow_open(struct follow *f, const char *path, bool watch, struct err *e)
{
	*f = FOLLOW_INIT;
	(void)snprintf(f->path, sizeof(f->path), "%s", path);
	if (watch) {
		/* Before the first look, so that no change is missed. Out of inotify instances:
		 * the caller polls by time. */
		int fd = watch_directory(path);

		f->inotify = fd < 0 ? -EBADF : fd;
	}
	f->fd = open_log(path);
	if (f->fd < 0 && f->fd != -ENOENT)
		return err_sys(e, f->fd, "cannot open %s", path);
	return 0;
}

/* True when the path now leads to another file than the one that is open. */
static bool was_rotated(const struct follow *f)
{
	struct stat now, then;

	if (stat(f->path, &now) < 0 || f->fd < 0 || fstat(f->fd, &then) < 0)
		return false;
	return now.st_ino != then.st_ino || now.st_dev != then.st_dev;
}

static ssize_t read_once(const struct follow *f, char *buffer, size_t bytes)
{
	ssize_t n;

	do
		n = read(f->fd, buffer, bytes);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

ssize_t follow_read(struct follow *f, char *buffer, size_t bytes)
{
	bool rotated;
	ssize_t n;
	int fd;

	if (f->fd < 0)
		f->fd = open_log(f->path);
	if (f->fd < 0)
		return f->fd == -ENOENT ? 0 : f->fd;
	/* Asked before reading: what was written before the rotation is then read all. */
	rotated = was_rotated(f);
	n = read_once(f, buffer, bytes);
	if (n != 0 || !rotated)
		return n;
	fd = open_log(f->path);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	(void)fd_close(f->fd);
	f->fd = fd;
	return read_once(f, buffer, bytes);
}

void follow_acknowledge(struct follow *f)
{
	char events[4096];

	while (f->inotify >= 0 && read(f->inotify, events, sizeof(events)) > 0)
		;
}

void follow_done(struct follow *f)
{
	f->fd = fd_close(f->fd);
	f->inotify = fd_close(f->inotify);
}
