/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/*
 * What is removed was written by a hostile machine. Directories are opened one component at a time
 * with openat2(2), which refuses links and mount points (bind mounts of the same file system too).
 * Depth is bounded: a directory that is too deep is first moved up to the top, so that neither
 * descriptors nor the stack grow with what the machine made.
 */
#define DEPTH_MAX 48
#define PASSES_MAX 64

struct removal {
	int top;	   /* the directory being emptied */
	uint64_t moved;	   /* directories that were moved up so far */
	char culprit[256]; /* the name that could not be removed */
};

static int open_directory(int parent, const char *name)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};
	long fd = syscall(SYS_openat2, parent, name, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

static int move_up(struct removal *removal, int parent, const char *name)
{
	char target[64];

	do {
		(void)snprintf(target, sizeof(target), ".bulkhead-removed-%llu",
			       (unsigned long long)removal->moved++);
		if (renameat2(parent, name, removal->top, target, RENAME_NOREPLACE) == 0)
			return 0;
	} while (errno == EEXIST);
	return -errno;
}

static int empty_directory(struct removal *removal, int fd, unsigned int depth);

static int remove_directory(struct removal *removal, int parent, const char *name,
			    unsigned int depth)
{
	int r;

	if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return -errno;
	if (depth >= DEPTH_MAX)
		return move_up(removal, parent, name);
	r = open_directory(parent, name);
	if (r < 0)
		return r;
	r = empty_directory(removal, r, depth + 1);
	if (r < 0)
		return r;
	return unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : -errno;
}

static int remove_entry(struct removal *removal, int parent, const struct dirent *entry,
			unsigned int depth)
{
	int r;

	if (entry->d_type != DT_DIR) {
		if (unlinkat(parent, entry->d_name, 0) == 0 || errno == ENOENT)
			return 0;
		if (errno != EISDIR)
			r = -errno;
		else
			r = remove_directory(removal, parent, entry->d_name, depth);
	} else {
		r = remove_directory(removal, parent, entry->d_name, depth);
	}
	if (r < 0 && removal->culprit[0] == '\0')
		(void)snprintf(removal->culprit, sizeof(removal->culprit), "%s", entry->d_name);
	return r;
}

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* One pass over a directory. Returns how many entries it met, at most INT_MAX, or -errno. */
static int empty_once(struct removal *removal, DIR *dir, unsigned int depth)
{
	int met = 0;

	for (;;) {
		const struct dirent *entry;
		int r;

		errno = 0;
		entry = readdir(dir);
		if (!entry)
			return errno ? -errno : met;
		if (is_dot(entry->d_name))
			continue;
		r = remove_entry(removal, dirfd(dir), entry, depth);
		if (r < 0)
			return r;
		met += met < INT_MAX;
	}
}

/*
 * Consumes `fd`. A pass may miss entries that appear or move while it removes others (the file
 * system's freedom), and the top gets what was moved up: passes until one meets nothing.
 */
static int empty_directory(struct removal *removal, int fd, unsigned int depth)
{
	_cleanup_dir_ DIR *dir = fdopendir(fd);
	unsigned int wasted = 0;

	if (!dir) {
		int error = errno;

		(void)fd_close(fd);
		return -error;
	}
	for (;;) {
		uint64_t moved = removal->moved;
		int met = empty_once(removal, dir, depth);

		if (met <= 0)
			return met;
		/* Moving up bounds itself by what there is; other passes are bounded here. */
		if (moved == removal->moved && ++wasted > PASSES_MAX)
			return -EBUSY;
		rewinddir(dir);
	}
}

/* The parent is the caller's and trusted; the last component is not. */
static int open_parent(int dirfd, const char *path, const char **ret_name)
{
	char parent[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) + 1 : 0;
	int fd;

	if (length >= sizeof(parent) - 1)
		return -ENAMETOOLONG;
	memcpy(parent, path, length);
	memcpy(parent + length, ".", 2);
	fd = openat(dirfd, parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_name = path + length;
	return fd;
}

static int remove_tree(struct removal *removal, int dirfd, const char *path)
{
	_cleanup_fd_ int parent = -EBADF;
	const char *name;
	int r;

	if (unlinkat(dirfd, path, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR)
		return -errno;
	parent = open_parent(dirfd, path, &name);
	if (parent < 0)
		return parent;
	r = open_directory(parent, name);
	if (r < 0)
		return r;
	removal->top = r;
	r = empty_directory(removal, r, 0);
	if (r < 0)
		return r;
	return unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : -errno;
}

int io_remove_tree(int dirfd, const char *path, struct err *e)
{
	struct removal removal = {.top = -EBADF};
	int r = remove_tree(&removal, dirfd, path);
	const char *below = removal.culprit[0] ? removal.culprit : ".";

	if (r == -EXDEV || r == -EBUSY)
		return err_sys(
			e, r,
			"remove %s: '%s' below it is a mount point or in use: unmount it first",
			path, below);
	return r < 0 ? err_sys(e, r, "remove %s: '%s' below it", path, below) : 0;
}
