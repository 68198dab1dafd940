/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/process.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* linux/pidfd.h of 6.15; the first version of the structure, which every later kernel accepts. */
struct pidfd_info_v0 {
	uint64_t mask;
	uint64_t cgroupid;
	uint32_t ids[11]; /* pid, tgid, ppid and credentials */
	int32_t exit_code;
};

#ifndef PIDFD_GET_INFO
#define PIDFD_GET_INFO _IOWR(0xFF, 11, struct pidfd_info_v0)
#endif
#ifndef PIDFD_INFO_EXIT
#define PIDFD_INFO_EXIT (UINT64_C(1) << 3)
#endif

#define PROC_PATH_MAX 64

/* The longest stat line: 52 numbers of at most 20 digits and a command of at most 64 bytes. */
#define STAT_MAX 2048

pid_t process_clone(uint64_t flags, int cgroup_fd, int *ret_pidfd)
{
	int pidfd = -EBADF;
	struct clone_args args = {
		.flags = flags | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&pidfd,
		/* clone3(2): none with CLONE_PARENT, the child gets its sibling's. */
		.exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD,
	};
	long pid;

	if (cgroup_fd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (unsigned int)cgroup_fd;
	}
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		return -errno;
	if (pid > 0)
		*ret_pidfd = pidfd;
	return (pid_t)pid;
}

int process_open(pid_t pid, int *ret_pidfd, struct err *e)
{
	int fd = pidfd_open(pid, 0);

	if (fd < 0)
		return err_sys(e, -errno, "process %d", (int)pid);
	*ret_pidfd = fd;
	return 0;
}

/* Reads without allocation; the text is terminated. */
static int read_stat(pid_t pid, char text[static STAT_MAX])
{
	char path[PROC_PATH_MAX];
	_cleanup_fd_ int fd = -EBADF;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	n = read(fd, text, STAT_MAX - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	return 0;
}

/* Field `number` (3 or more) of proc_pid_stat(5). The command may hold blanks and parentheses. */
static const char *stat_field(const char *text, int number)
{
	const char *p = strrchr(text, ')');

	for (int field = 2; p && field < number; field++) {
		p = strchr(p, ' ');
		if (p)
			p++;
	}
	return p;
}

int process_start_ticks(pid_t pid, uint64_t *ret_ticks, struct err *e)
{
	char text[STAT_MAX];
	const char *field;
	int r = read_stat(pid, text);

	if (r < 0)
		return err_sys(e, r, "process %d", (int)pid);
	field = stat_field(text, 22);
	if (!field)
		return err_set(e, ERR_HOST, -EBADMSG, "/proc/%d/stat has no field 22", (int)pid);
	*ret_ticks = strtoull(field, NULL, 10);
	return 0;
}

int process_open_same(pid_t pid, uint64_t start_ticks, int *ret_pidfd, struct err *e)
{
	_cleanup_fd_ int fd = -EBADF;
	uint64_t ticks;
	int r;

	/* First the descriptor, then the comparison: a later owner of the number also started
	 * later, so equality after the descriptor was taken proves that it is the same. */
	r = process_open(pid, &fd, e);
	if (r < 0)
		return r;
	r = process_start_ticks(pid, &ticks, e);
	if (r < 0)
		return r;
	if (ticks != start_ticks)
		return err_set(e, ERR_HOST, -ESRCH,
			       "process %d is gone; its number was given to another", (int)pid);
	*ret_pidfd = TAKE_FD(fd);
	return 0;
}

int process_signal(int pidfd, int signal, struct err *e)
{
	if (pidfd_send_signal(pidfd, signal, NULL, 0) < 0)
		return err_sys(e, -errno, "signal %d", signal);
	return 0;
}

static struct timespec time_left(const struct timespec *deadline)
{
	struct timespec now, left;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	left.tv_sec = deadline->tv_sec - now.tv_sec;
	left.tv_nsec = deadline->tv_nsec - now.tv_nsec;
	if (left.tv_nsec < 0) {
		left.tv_sec--;
		left.tv_nsec += 1000000000;
	}
	if (left.tv_sec < 0)
		left = (struct timespec){0};
	return left;
}

int process_wait_end(int pidfd, uint64_t timeout_usec, struct err *e)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	struct timespec deadline, left;
	int n;

	(void)clock_gettime(CLOCK_MONOTONIC, &deadline);
	if (timeout_usec != UINT64_MAX) {
		deadline.tv_sec += (time_t)(timeout_usec / 1000000);
		deadline.tv_nsec += (long)(timeout_usec % 1000000) * 1000;
		if (deadline.tv_nsec >= 1000000000) {
			deadline.tv_sec++;
			deadline.tv_nsec -= 1000000000;
		}
	}
	do {
		left = time_left(&deadline);
		n = ppoll(&p, 1, timeout_usec == UINT64_MAX ? NULL : &left, NULL);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(e, -errno, "waiting for a process");
	if (n == 0)
		return err_sys(e, -ETIMEDOUT, "waiting for a process to end");
	if (p.revents & POLLNVAL)
		return err_sys(e, -EBADF, "waiting for a process");
	return 0;
}

static int status_of_child(int pidfd, int *ret_wait_status)
{
	siginfo_t info = {.si_pid = 0};

	if (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG) < 0)
		return -errno;
	if (info.si_pid == 0)
		return -EAGAIN;
	if (info.si_code == CLD_EXITED)
		*ret_wait_status = (info.si_status & 0xff) << 8;
	else
		*ret_wait_status = info.si_status | (info.si_code == CLD_DUMPED ? 0x80 : 0);
	return 0;
}

/* Known once the process was reaped, whoever did it, as long as the descriptor is older. */
static int status_of_pidfd(int pidfd, int *ret_wait_status)
{
	struct pidfd_info_v0 info = {.mask = PIDFD_INFO_EXIT};

	if (ioctl(pidfd, PIDFD_GET_INFO, &info) < 0)
		return -errno;
	if (!(info.mask & PIDFD_INFO_EXIT))
		return -ENODATA;
	*ret_wait_status = info.exit_code;
	return 0;
}

/* Without the right to trace the process, proc shows 0 as its exit code: that would be a guess. */
static bool may_read_exit_code(pid_t pid)
{
	char path[PROC_PATH_MAX], link[PROC_PATH_MAX];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	return readlink(path, link, sizeof(link)) >= 0;
}

static int status_of_zombie(int pidfd, pid_t pid, int *ret_wait_status)
{
	char text[STAT_MAX];
	const char *state, *code;
	int r = read_stat(pid, text);

	if (r < 0)
		return r;
	state = stat_field(text, 3);
	code = stat_field(text, 52);
	if (!state || *state != 'Z' || !code || !may_read_exit_code(pid))
		return -ENODATA;
	/* It still answers: its number was not given to another while we read. */
	if (pidfd_send_signal(pidfd, 0, NULL, 0) < 0)
		return -errno;
	*ret_wait_status = (int)strtol(code, NULL, 10);
	return 0;
}

int process_exit_status(int pidfd, pid_t pid, int *ret_wait_status, struct err *e)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};

	if (poll(&p, 1, 0) == 0)
		return err_sys(e, -EAGAIN, "process %d has not ended", (int)pid);
	if (status_of_child(pidfd, ret_wait_status) == 0)
		return 0;
	/* It may be reaped between the second look and the third, so the second is repeated. */
	if (status_of_pidfd(pidfd, ret_wait_status) == 0 ||
	    status_of_zombie(pidfd, pid, ret_wait_status) == 0 ||
	    status_of_pidfd(pidfd, ret_wait_status) == 0)
		return 0;
	return err_set(e, ERR_HOST, -ENODATA,
		       "how process %d ended is not known: it was not our child, and this kernel "
		       "does not tell (6.15 does)",
		       (int)pid);
}
