/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/child.h"

#include "base/cleanup.h"
#include "kernel/credentials.h"

#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* Two rounds: no descriptor is overwritten before it was moved out of the way. */
static bool place_descriptors(const struct child_request *r)
{
	int moved[CHILD_FDS_MAX];

	for (size_t i = 0; i < r->fd_count; i++) {
		int fd = r->fds[i] >= 0 ? r->fds[i] : open("/dev/null", O_RDWR | O_CLOEXEC);

		moved[i] = fcntl(fd, F_DUPFD_CLOEXEC, CHILD_FDS_MAX);
		if (moved[i] < 0)
			return false;
	}
	for (size_t i = 0; i < r->fd_count; i++) {
		if (dup2(moved[i], (int)i) < 0)
			return false;
	}
	return true;
}

static _Noreturn void run(const struct child_request *r, pid_t parent)
{
	char **argv;

	memcpy(&argv, &r->argv, sizeof(argv));
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Nothing of our caller's is for a program that reads what nobody trusts. */
	if (getppid() != parent || !place_descriptors(r) ||
	    descriptors_close_on_exec((int)r->fd_count) < 0)
		_exit(126);
	(void)execvp(argv[0], argv);
	_exit(errno == ENOENT ? CHILD_NOT_FOUND : 126);
}

int child_start(const struct child_request *request, pid_t *ret_pid, struct err *e)
{
	pid_t parent = getpid();
	pid_t pid;

	assert(request->fd_count <= CHILD_FDS_MAX);
	pid = fork();
	if (pid < 0)
		return err_sys(e, -errno, "fork for %s", request->argv[0]);
	if (pid == 0)
		run(request, parent);
	*ret_pid = pid;
	return 0;
}

int child_wait(pid_t pid, int *ret_status)
{
	while (waitpid(pid, ret_status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

const char *child_status_text(int status, char buffer[static CHILD_TEXT_MAX])
{
	if (WIFSIGNALED(status))
		(void)snprintf(buffer, CHILD_TEXT_MAX, "signal %d", WTERMSIG(status));
	else
		(void)snprintf(buffer, CHILD_TEXT_MAX, "exit code %d", WEXITSTATUS(status));
	return buffer;
}

static int read_all(int fd, size_t max, char **ret_text)
{
	_cleanup_free_ char *text = malloc(max + 1);
	size_t used = 0;

	if (!text)
		return -ENOMEM;
	for (;;) {
		ssize_t n = read(fd, text + used, max + 1 - used);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		used += (size_t)n;
		if (used > max)
			return -EFBIG;
	}
	text[used] = '\0';
	*ret_text = TAKE_PTR(text);
	return 0;
}

int child_output(const char *const *argv, size_t max, char **ret_text, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	char shown[CHILD_TEXT_MAX];
	int pipe_fds[2], status, r;
	pid_t pid;

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return err_sys(e, -errno, "pipe");
	r = child_start(&(const struct child_request){.argv = argv,
						      .fds = (const int[]){-1, pipe_fds[1], -1},
						      .fd_count = 3},
			&pid, e);
	(void)close(pipe_fds[1]);
	if (r == 0)
		r = read_all(pipe_fds[0], max, &text);
	(void)close(pipe_fds[0]);
	if (r < 0)
		return err_sys(e, r, "output of %s", argv[0]);
	r = child_wait(pid, &status);
	if (r < 0)
		return err_sys(e, r, "waiting for %s", argv[0]);
	if (status != 0)
		return err_set(e, ERR_HOST, -EIO, "%s failed: %s", argv[0],
			       child_status_text(status, shown));
	*ret_text = TAKE_PTR(text);
	return 0;
}
