/* SPDX-License-Identifier: Apache-2.0 */
/* Finding bulkheadd, and starting it when nobody answers. */
#include "machine/keeper_client.h"

#include "base/cleanup.h"
#include "base/program.h"
#include "kernel/channel.h"
#include "kernel/systemd.h"
#include "model/paths.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>

#define UNIT "bulkheadd.service"
#define COMPLAINT_MAX 512

static int connect_once(const struct settings *s, int *ret_socket, struct err *e)
{
	char path[PATHS_MAX];
	int r = channel_connect(paths_run(s, "keeper.sock", path), ret_socket);

	if (r == -ECONNREFUSED || r == -ENOENT)
		return err_set(e, ERR_HOST, -ECONNREFUSED, "bulkheadd does not run (%s)", path);
	if (r < 0)
		return err_sys(e, r, "cannot reach bulkheadd at %s", path);
	return 0;
}

static bool unit_is_ours(const struct settings *s)
{
	static const char *const places[] = {"/etc/systemd/system/",
					     "/usr/local/lib/systemd/system/",
					     "/usr/lib/systemd/system/", "/lib/systemd/system/"};

	if (strcmp(s->root, "/var/lib/bulkhead") != 0 || strcmp(s->run, "/run/bulkhead") != 0)
		return false;
	if (!systemd_is_running())
		return false;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char path[PATH_MAX];

		(void)snprintf(path, sizeof(path), "%s%s", places[i], UNIT);
		if (access(path, R_OK) == 0)
			return true;
	}
	return false;
}

/* In the child. Nothing of the caller's but its identity reaches the daemon. */
static void daemon_exec(const char *file, char *const *argv, int complaints)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)setsid();
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0 &&
	    dup2(complaints, STDERR_FILENO) >= 0 && close_range(3, ~0U, 0) == 0)
		(void)execvp(file, argv);
	dprintf(STDERR_FILENO, "cannot execute %s: %s", file, strerrordesc_np(errno));
	_exit(127);
}

/* What the daemon says before it is ready; it closes its end then. */
static void complaint_read(int fd, char text[static COMPLAINT_MAX])
{
	size_t used = 0;

	for (;;) {
		char rest[256];
		ssize_t n = used < COMPLAINT_MAX - 1
				    ? read(fd, text + used, COMPLAINT_MAX - 1 - used)
				    : read(fd, rest, sizeof(rest));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		if (used < COMPLAINT_MAX - 1)
			used += (size_t)n;
	}
	while (used > 0 && text[used - 1] == '\n')
		used--;
	text[used] = '\0';
}

static int daemon_run(const char *file, char *const *argv, struct err *e)
{
	_cleanup_fd_ int reader = -EBADF, writer = -EBADF;
	char complaint[COMPLAINT_MAX];
	int fds[2], status = 0;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(e, -errno, "cannot start bulkheadd");
	reader = fds[0];
	writer = fds[1];
	pid = fork();
	if (pid < 0)
		return err_sys(e, -errno, "cannot start bulkheadd");
	if (pid == 0)
		daemon_exec(file, argv, writer);
	writer = fd_close(writer);
	complaint_read(reader, complaint);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return err_set(e, ERR_HOST, -EIO, "cannot start bulkheadd: %s",
		       complaint[0] ? complaint : "it ended without a word");
}

static int daemon_start(const struct settings *s, struct err *e)
{
	char file[PROGRAM_PATH_MAX];
	char root[HOST_PATH_MAX], run[HOST_PATH_MAX];
	char *const systemctl[] = {(char[]){"systemctl"}, (char[]){"start"}, (char[]){UNIT}, NULL};
	char *const bulkheadd[] = {
		(char[]){"bulkheadd"}, (char[]){"--root"}, root, (char[]){"--run"}, run, NULL};
	const char *given = getenv("BULKHEADD");
	int r;

	if (!given && unit_is_ours(s))
		return daemon_run("systemctl", systemctl, e);
	(void)snprintf(root, sizeof(root), "%s", s->root);
	(void)snprintf(run, sizeof(run), "%s", s->run);
	if (given && given[0] == '/')
		return daemon_run(given, bulkheadd, e);
	r = program_find("bulkheadd", file, e);
	return r < 0 ? r : daemon_run(file, bulkheadd, e);
}

int keeper_connect(const struct settings *s, bool start, int *ret_socket, struct err *e)
{
	_cleanup_fd_ int lock = -EBADF;
	char path[PATHS_MAX];
	int r = connect_once(s, ret_socket, e);

	if (r != -ECONNREFUSED || !start)
		return r;
	r = paths_make(s, e);
	if (r < 0)
		return r;
	/* Of several commands at once one starts it; the others find it running. */
	lock = open(paths_run(s, "locks/keeper", path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock < 0)
		return err_sys(e, -errno, "cannot open %s", path);
	while (flock(lock, LOCK_EX) < 0) {
		if (errno != EINTR)
			return err_sys(e, -errno, "cannot lock %s", path);
	}
	r = connect_once(s, ret_socket, NULL);
	if (r != -ECONNREFUSED)
		return r < 0 ? err_sys(e, r, "cannot reach bulkheadd") : r;
	r = daemon_start(s, e);
	return r < 0 ? r : connect_once(s, ret_socket, e);
}
