/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/many.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "cli/report.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

struct job {
	pid_t pid;
	int pipe; /* the child writes its struct err here, once, when it failed */
	const char *name;
};

static void note_result(struct call *c, const char *name, const struct err *e)
{
	int code = err_exit_code(e);

	if (code == 0)
		return;
	report_error(c, name, e);
	c->exit_code = code > c->exit_code ? code : c->exit_code;
}

static int run_here(struct call *c, const char *name, many_fn *each)
{
	struct err e = ERR_INIT;

	if (each(c, name, &e) < 0)
		note_result(c, name, &e);
	return 0;
}

static __attribute__((noreturn)) void job_main(struct call *c, const char *name, many_fn *each,
					       int pipe)
{
	struct err e = ERR_INIT;
	int r = each(c, name, &e);

	(void)fflush(stdout);
	/* Smaller than PIPE_BUF, and nobody else writes here: it arrives whole. */
	if (r < 0 && io_write_all(pipe, &e, sizeof(e)) < 0)
		_exit(1);
	_exit(0);
}

static int job_start(struct call *c, const char *name, many_fn *each, struct job *ret,
		     struct err *e)
{
	int ends[2];
	pid_t pid;

	_Static_assert(sizeof(struct err) <= PIPE_BUF, "an error fits one write");
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, -errno, "cannot make a pipe");
	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		(void)close(ends[0]);
		job_main(c, name, each, ends[1]);
	}
	(void)close(ends[1]);
	if (pid < 0) {
		int code = -errno;

		(void)close(ends[0]);
		return err_sys(e, code, "cannot make a process");
	}
	*ret = (struct job){.pid = pid, .pipe = ends[0], .name = name};
	return 0;
}

/* Waits for one of the jobs and puts the last one into its place. */
static size_t job_finish(struct call *c, struct job *jobs, size_t count)
{
	struct err result = ERR_INIT;
	size_t i = count;
	int status = 0;
	ssize_t n;

	while (i == count) {
		pid_t pid = waitpid(-1, &status, 0);

		if (pid < 0 && errno != EINTR)
			return 0;
		for (i = 0; i < count && jobs[i].pid != pid;)
			i++;
	}
	do
		n = read(jobs[i].pipe, &result, sizeof(result));
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(result))
		result = ERR_INIT;
	if (result.code == 0 && status != 0)
		(void)err_set(&result, ERR_BUG, -EIO, "its process died (wait status %d)", status);
	note_result(c, jobs[i].name, &result);
	(void)close(jobs[i].pipe);
	jobs[i] = jobs[count - 1];
	return count - 1;
}

int many_run(struct call *c, const char *const *names, many_fn *each, struct err *e)
{
	struct job jobs[MANY_AT_ONCE];
	size_t count = 0;
	int r = 0;

	if (names[0] && !names[1])
		return run_here(c, names[0], each);
	for (; *names && r == 0; names++) {
		if (count == MANY_AT_ONCE)
			count = job_finish(c, jobs, count);
		r = job_start(c, *names, each, &jobs[count], e);
		count += r == 0;
	}
	while (count > 0)
		count = job_finish(c, jobs, count);
	return r;
}
