/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/user_namespace.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "kernel/process.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROC_PATH_MAX 64

int user_namespace_write_map(pid_t pid, uint32_t base, uint32_t count, struct err *e)
{
	static const char *const files[] = {"uid_map", "gid_map"};
	char text[64];

	(void)snprintf(text, sizeof(text), "0 %u %u\n", base, count);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[PROC_PATH_MAX];
		int r;

		(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, files[i]);
		r = io_write_kernel(AT_FDCWD, path, text, e);
		if (r < 0)
			return r;
	}
	return 0;
}

int user_namespace_open(pid_t pid, int *ret_fd, struct err *e)
{
	char path[PROC_PATH_MAX];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, -errno, "%s", path);
	*ret_fd = fd;
	return 0;
}

/* The child of user_namespace_make(): holds the namespace until the other end is closed. */
static _Noreturn void hold(int read_end, int write_end)
{
	char byte;

	(void)close(write_end);
	(void)!read(read_end, &byte, 1);
	_exit(0);
}

int user_namespace_make(uint32_t base, uint32_t count, int *ret_fd, struct err *e)
{
	_cleanup_fd_ int pidfd = -EBADF;
	_cleanup_fd_ int fd = -EBADF;
	int pipe_fds[2];
	pid_t pid;
	int r;

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return err_sys(e, -errno, "pipe");
	pid = process_clone(CLONE_NEWUSER, -EBADF, &pidfd);
	if (pid == 0)
		hold(pipe_fds[0], pipe_fds[1]);
	(void)fd_close(pipe_fds[0]);
	if (pid < 0) {
		(void)fd_close(pipe_fds[1]);
		return err_sys(e, pid, "a new user namespace");
	}
	r = user_namespace_write_map(pid, base, count, e);
	if (r == 0)
		r = user_namespace_open(pid, &fd, e);
	(void)fd_close(pipe_fds[1]);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (r < 0)
		return r;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int namespace_join(int pidfd, int flags, struct err *e)
{
	if (setns(pidfd, flags) < 0)
		return err_sys(e, -errno, "joining the namespaces of a machine");
	return 0;
}
