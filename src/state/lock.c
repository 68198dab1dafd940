/* SPDX-License-Identifier: Apache-2.0 */
#include "state/lock.h"

#include "base/cleanup.h"
#include "model/name.h"
#include "model/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

/* "machine-" keeps a machine called "ledger" apart from the ledger. */
#define MACHINE_PREFIX "locks/machine-"
#define LOCK_FILE_MAX (sizeof(MACHINE_PREFIX) + NAME_LENGTH_MAX)

static int lock_open(const struct settings *s, const char *file, struct err *e)
{
	char path[PATHS_MAX];
	int fd = open(paths_run(s, file, path), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	return fd >= 0 ? fd : err_sys(e, -errno, "open lock %s", path);
}

static int lock_wait(int fd, enum lock_wait wait)
{
	int r;

	do {
		r = flock(fd, LOCK_EX | (wait == LOCK_TRY ? LOCK_NB : 0));
	} while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

static int lock_take(const struct settings *s, const char *file, enum lock_wait wait, int *ret_fd,
		     struct err *e)
{
	for (;;) {
		_cleanup_fd_ int fd = lock_open(s, file, e);
		struct stat st;
		int r;

		if (fd < 0)
			return fd;
		r = lock_wait(fd, wait);
		if (r == -EWOULDBLOCK)
			return err_set(e, ERR_HOST, r, "%s/%s is held by another command", s->run,
				       file);
		if (r == 0 && fstat(fd, &st) < 0)
			r = -errno;
		if (r < 0)
			return err_sys(e, r, "take lock %s/%s", s->run, file);
		/* Removed by the last holder while we waited: the name may be another file by now.
		 */
		if (st.st_nlink == 0)
			continue;
		*ret_fd = TAKE_FD(fd);
		return 0;
	}
}

static const char *machine_file(const char *name, char file[static LOCK_FILE_MAX])
{
	(void)snprintf(file, LOCK_FILE_MAX, MACHINE_PREFIX "%.*s", NAME_LENGTH_MAX, name);
	return file;
}

int lock_machine(const struct settings *s, const char *name, enum lock_wait wait, int *ret_fd,
		 struct err *e)
{
	char file[LOCK_FILE_MAX];

	return lock_take(s, machine_file(name, file), wait, ret_fd, e);
}

int lock_machine_remove(const struct settings *s, const char *name, struct err *e)
{
	char file[LOCK_FILE_MAX], path[PATHS_MAX];

	if (unlink(paths_run(s, machine_file(name, file), path)) < 0 && errno != ENOENT)
		return err_sys(e, -errno, "remove lock %s", path);
	return 0;
}

int lock_ledger(const struct settings *s, int *ret_fd, struct err *e)
{
	return lock_take(s, "locks/ledger", LOCK_WAIT, ret_fd, e);
}

int lock_idrange(const struct settings *s, int *ret_fd, struct err *e)
{
	return lock_take(s, "locks/ids", LOCK_WAIT, ret_fd, e);
}

int lock_governor(const struct settings *s, enum lock_wait wait, int *ret_fd, struct err *e)
{
	return lock_take(s, "locks/governor", wait, ret_fd, e);
}
