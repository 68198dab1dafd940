/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/log_follow.h"

#include "model/paths.h"

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#define LOG_NAME "console.log"
/* A rotation links the old file to console.log.1 and renames the new one over console.log, so the
 * old inode is told of it as a change of its link count: IN_ATTRIB. */
#define WATCHED (IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF)

static bool follow_is_current(const struct log_follow *f)
{
	struct stat held, named;

	if (fstat(f->file, &held) < 0 || fstatat(f->directory, f->name, &named, 0) < 0)
		return false;
	return held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

static int follow_watch(struct log_follow *f, struct err *e)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", f->file);
	if (inotify_add_watch(f->notify, path, WATCHED) < 0)
		return err_sys(e, -errno, "cannot watch %s", f->name);
	f->moved = !follow_is_current(f);
	return 0;
}

/* Opens what is not open yet in `f`, and watches; `f` is moved to `ret`. */
static int follow_begin(struct log_follow *f, const char *directory, struct log_follow *ret,
			struct err *e)
{
	int r;

	f->directory = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (f->directory < 0)
		return err_sys(e, -errno, "cannot open directory %s", directory);
	if (f->file < 0)
		f->file = openat(f->directory, f->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (f->file < 0)
		return err_sys(e, -errno, "cannot open %s/%s", directory, f->name);
	f->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (f->notify < 0)
		return err_sys(e, -errno, "cannot follow %s (limit: %s)", f->name,
			       "fs.inotify.max_user_instances");
	r = follow_watch(f, e);
	if (r < 0)
		return r;
	*ret = *f;
	*f = LOG_FOLLOW_INIT;
	return 0;
}

int log_follow_open(const struct settings *s, const char *name, int file, uint64_t offset,
		    struct log_follow *ret, struct err *e)
{
	_cleanup_log_follow_ struct log_follow f = LOG_FOLLOW_INIT;
	struct log_follow begun;
	char path[PATHS_MAX];
	int r;

	f.file = file;
	(void)snprintf(f.name, sizeof(f.name), "%s", LOG_NAME);
	r = follow_begin(&f, paths_machine(s, name, NULL, path), &begun, e);
	if (r < 0)
		return r == -ENOENT
			       ? err_set(e, ERR_INPUT, r, "machine %s has no console log", name)
			       : r;
	if (offset > INT64_MAX || lseek(begun.file, (off_t)offset, SEEK_SET) < 0) {
		log_follow_close(&begun);
		return err_sys(e, -EINVAL, "cannot read the console log of %s", name);
	}
	*ret = begun;
	return 0;
}

int log_follow_open_file(const char *directory, const char *name, struct log_follow *ret,
			 struct err *e)
{
	_cleanup_log_follow_ struct log_follow f = LOG_FOLLOW_INIT;

	assert(strlen(name) < sizeof(f.name));
	(void)snprintf(f.name, sizeof(f.name), "%s", name);
	return follow_begin(&f, directory, ret, e);
}

static void follow_drain_events(struct log_follow *f)
{
	char events[16 * (sizeof(struct inotify_event) + NAME_MAX + 1)]
		__attribute__((aligned(__alignof__(struct inotify_event))));
	bool changed = false;

	while (read(f->notify, events, sizeof(events)) > 0)
		changed = true;
	if (changed && !f->moved)
		f->moved = !follow_is_current(f);
}

/* 1: the next file is open; 0: there is none (the machine was deleted). */
static int follow_next_file(struct log_follow *f, struct err *e)
{
	int next = openat(f->directory, f->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (next < 0)
		return errno == ENOENT ? 0 : err_sys(e, -errno, "cannot open %s", f->name);
	(void)fd_close(f->file);
	f->file = next;
	r = follow_watch(f, e);
	return r < 0 ? r : 1;
}

ssize_t log_follow_read(struct log_follow *f, void *buffer, size_t size, struct err *e)
{
	for (;;) {
		ssize_t n;
		int r;

		/* Before reading: what is read to the end after a move is the whole file. */
		follow_drain_events(f);
		n = read(f->file, buffer, size);
		if (n < 0)
			return err_sys(e, -errno, "cannot read %s", f->name);
		if (n > 0 || !f->moved)
			return n;
		r = follow_next_file(f, e);
		if (r <= 0)
			return r;
	}
}

void log_follow_close(struct log_follow *f)
{
	f->directory = fd_close(f->directory);
	f->file = fd_close(f->file);
	f->notify = fd_close(f->notify);
}
