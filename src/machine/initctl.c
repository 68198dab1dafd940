/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/initctl.h"

#include "base/cleanup.h"
#include "kernel/path.h"
#include "kernel/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>

/* initreq.h of sysvinit: 384 bytes, so one atomic write. */
#define REQUEST_MAGIC 0x03091969
#define REQUEST_RUNLEVEL 1

struct request {
	int32_t magic;
	int32_t command;
	int32_t runlevel;  /* a character */
	int32_t sleep_sec; /* between SIGTERM and SIGKILL */
	char data[368];
};

_Static_assert(sizeof(struct request) == 384, "what init reads");

/* The root directory of that very process: it still lives after its root was opened. */
static int open_root(pid_t pid, int pidfd)
{
	char path[32];
	int r, root;

	(void)snprintf(path, sizeof(path), "/proc/%d/root", (int)pid);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	r = process_signal(pidfd, 0, NULL);
	if (r < 0)
		(void)fd_close(root);
	return r < 0 ? r : root;
}

static int open_fifo(int root, const char *path)
{
	_cleanup_fd_ int found = path_open(root, path, O_PATH | O_NOFOLLOW, 0);
	char name[PATH_FD_MAX];
	struct stat st;
	int fd;

	if (found < 0)
		return found;
	if (fstat(found, &st) < 0)
		return -errno;
	if (!S_ISFIFO(st.st_mode))
		return -ENXIO;
	fd = open(path_of_fd(found, name), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int initctl_halt(pid_t init_pid, int init_pidfd)
{
	const struct request request = {.magic = REQUEST_MAGIC,
					.command = REQUEST_RUNLEVEL,
					.runlevel = '0',
					.sleep_sec = 5};
	_cleanup_fd_ int root = open_root(init_pid, init_pidfd);
	_cleanup_fd_ int fifo = -EBADF;

	if (root < 0)
		return root;
	fifo = open_fifo(root, "/run/initctl");
	if (fifo == -ENOENT)
		fifo = open_fifo(root, "/dev/initctl");
	if (fifo < 0)
		return fifo;
	return write(fifo, &request, sizeof(request)) < 0 ? -errno : 0;
}
