/* SPDX-License-Identifier: Apache-2.0 */
#include "resource/cgroup_walk.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#define STEPS_MAX 100000

struct stack {
	DIR *level[CGROUP_DEPTH_MAX + 1];
	size_t count;
};

static void stack_done(struct stack *s)
{
	while (s->count > 0)
		dir_closep(&s->level[--s->count]);
}

static int stack_push(struct stack *s, int fd)
{
	DIR *d;

	if (s->count == CGROUP_DEPTH_MAX + 1) {
		(void)close(fd);
		return -ELOOP;
	}
	d = fdopendir(fd);
	if (!d) {
		(void)fd_close(fd);
		return -errno;
	}
	s->level[s->count++] = d;
	return 0;
}

/* A threaded cgroup has no list of its own: its threaded domain above names its processes. */
static bool is_gone(int error)
{
	return error == -ENOENT || error == -ENODEV || error == -EOPNOTSUPP;
}

static int each_pid_of(int at, int (*each)(pid_t pid, void *data), void *data)
{
	_cleanup_fd_ int fd = openat(at, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	_cleanup_file_ FILE *f = NULL;
	int pid, r = 0;

	if (fd < 0)
		return -errno;
	f = fdopen(fd, "re");
	if (!f)
		return -errno;
	(void)TAKE_FD(fd);
	/* 0: a process that our pid namespace does not see. */
	errno = 0;
	while (r == 0 && fscanf(f, "%d", &pid) == 1)
		r = pid > 0 ? each(pid, data) : 0;
	return r != 0 ? r : ferror(f) ? -errno : 0;
}

static bool is_subdirectory(const struct dirent *entry)
{
	return entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
	       strcmp(entry->d_name, "..") != 0;
}

static int walk_into(struct stack *s, int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return is_gone(-errno) ? 0 : -errno;
	return stack_push(s, fd);
}

int cgroup_walk_pids(int root, int (*each)(pid_t pid, void *data), void *data)
{
	_cleanup_(stack_done) struct stack s = {.count = 0};
	int r = each_pid_of(root, each, data);

	if (r == 0 || is_gone(r))
		r = walk_into(&s, root, ".");
	while (r == 0 && s.count > 0) {
		DIR *top = s.level[s.count - 1];
		const struct dirent *entry = readdir(top);

		if (!entry) {
			dir_closep(&s.level[--s.count]);
			continue;
		}
		if (!is_subdirectory(entry))
			continue;
		r = walk_into(&s, dirfd(top), entry->d_name);
		if (r == 0 && s.level[s.count - 1] != top)
			r = each_pid_of(dirfd(s.level[s.count - 1]), each, data);
		if (is_gone(r))
			r = 0;
	}
	return r;
}

/*
 * Removes the empty children of `at`. Of those that resist, one that has children itself is
 * opened as *ret_below. Returns how many resisted, or -errno.
 */
static int remove_children(int at, int *ret_below)
{
	_cleanup_dir_ DIR *d = NULL;
	const struct dirent *entry;
	int fd = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int left = 0;

	*ret_below = -EBADF;
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		int r = -errno;

		(void)fd_close(fd);
		return r;
	}
	while ((entry = readdir(d))) {
		struct stat st;

		if (!is_subdirectory(entry) || unlinkat(at, entry->d_name, AT_REMOVEDIR) == 0 ||
		    errno == ENOENT)
			continue;
		left++;
		/* kernfs counts subdirectories in st_nlink: 2 is a leaf, busy with processes. */
		if (*ret_below < 0 && fstatat(at, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    st.st_nlink > 2)
			*ret_below = openat(at, entry->d_name,
					    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	}
	return left;
}

int cgroup_walk_remove(int root)
{
	_cleanup_fd_ int here = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int depth = 0;

	if (here < 0)
		return is_gone(-errno) ? 0 : -errno;
	for (int step = 0; step < STEPS_MAX; step++) {
		int below = -EBADF;
		int left = remove_children(here, &below);

		if (left < 0)
			return is_gone(left) ? 0 : left;
		if (below >= 0)
			depth++;
		else if (left > 0 || depth == 0)
			return left;
		else {
			below = openat(here, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
			depth--;
		}
		fd_closep(&here);
		here = below;
		if (here < 0)
			return -errno;
	}
	return 1;
}
