/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/unpacker.h"

#include "base/cleanup.h"
#include "base/program.h"
#include "storage/child.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>

int unpacker_start(struct unpacker *u, const struct unpacker_request *request, struct err *e)
{
	char program[PROGRAM_PATH_MAX], bytes[32];
	const char *argv[] = {program, "--max-bytes", bytes,
			      request->directory ? "--directory" : NULL, NULL};
	int pipe_fds[2];
	int r = program_find("bulkhead-unpack", program, e);

	if (r < 0)
		return r;
	(void)snprintf(bytes, sizeof(bytes), "%" PRIu64,
		       request->bytes_max ? request->bytes_max : (uint64_t)UNPACK_BYTES_DEFAULT);
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return err_sys(e, -errno, "pipe");
	const int fds[] = {request->input, -1, STDERR_FILENO, request->rootfs, pipe_fds[1]};

	r = child_start(&(const struct child_request){.argv = argv, .fds = fds, .fd_count = 5},
			&u->pid, e);
	(void)close(pipe_fds[1]);
	if (r < 0)
		(void)close(pipe_fds[0]);
	else
		u->reports = pipe_fds[0];
	return r;
}

static int reap(struct unpacker *u)
{
	int status = 0;

	if (!u->ended)
		(void)child_wait(u->pid, &status);
	u->ended = true;
	return status;
}

/* Text of a program that a hostile archive may have taken over: no line breaks, no escapes. */
static int received_error(const struct unpack_report *r, struct err *e)
{
	int code = r->err.code < 0 && r->err.code > -4096 ? r->err.code : -EIO;
	enum err_kind kind = r->err.kind == ERR_INPUT ? ERR_INPUT : ERR_HOST;
	char text[ERR_MESSAGE_MAX];
	size_t n = 0;

	for (; n < sizeof(text) - 1 && r->err.message[n] != '\0'; n++) {
		unsigned char c = (unsigned char)r->err.message[n];

		text[n] = c < 0x20 || c >= 0x7f ? '?' : (char)c;
	}
	text[n] = '\0';
	return err_set(e, kind, code, "%s", text);
}

int unpacker_read(struct unpacker *u, struct err *e)
{
	struct unpack_report report;
	char shown[CHILD_TEXT_MAX];
	ssize_t n;

	do {
		n = read(u->reports, &report, sizeof(report));
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(e, -errno, "report of the unpacker");
	if (n != (ssize_t)sizeof(report) || report.magic != UNPACK_MAGIC)
		return err_set(e, ERR_HOST, -EIO, "the unpacker died: %s",
			       child_status_text(reap(u), shown));
	u->last = report;
	if (report.kind == UNPACK_PROGRESS)
		return 1;
	(void)reap(u);
	return report.kind == UNPACK_DONE ? 0 : received_error(&report, e);
}

void unpacker_done(struct unpacker *u)
{
	u->reports = fd_close(u->reports);
	if (u->pid <= 0 || u->ended)
		return;
	(void)kill(u->pid, SIGKILL);
	(void)reap(u);
}
