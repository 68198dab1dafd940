/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/image.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "storage/busybox.h"
#include "storage/child.h"
#include "storage/debian.h"
#include "storage/image_make.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define PACKAGES_MAX 1000
#define LINE_MAX_BYTES 512
#define COMPLAINT_MAX_BYTES 600

/* mmdebstrap and the unpacker, connected by a pipe. */
struct build {
	struct image_making *making;
	struct unpacker unpacker;
	pid_t pid;
	int log; /* mmdebstrap's standard error */
	char line[LINE_MAX_BYTES];
	size_t line_bytes;
	struct strbuf complaint; /* its lines that begin with "E: " */
};

/* Its steps are the lines that end in dots: "I: installing essential packages...". */
static void tell_step(struct build *b)
{
	char *end = b->line + b->line_bytes - 3;

	if (b->line_bytes <= 6 || strcmp(end, "...") != 0 || strstr(b->line, "tempdir") != NULL)
		return;
	*end = '\0';
	image_tell(b->making->request, b->line + 3, b->unpacker.last.file_bytes, 0);
}

static void take_line(struct build *b)
{
	b->line[b->line_bytes] = '\0';
	if (strncmp(b->line, "I: ", 3) == 0)
		tell_step(b);
	if (strncmp(b->line, "E: ", 3) == 0 && b->complaint.length < COMPLAINT_MAX_BYTES)
		strbuf_printf(&b->complaint, "%s%s", b->complaint.length > 0 ? "; " : "",
			      b->line + 3);
	b->line_bytes = 0;
}

/* 1: more may come; 0: the end. */
static int read_log(struct build *b)
{
	char text[4096];
	ssize_t n = read(b->log, text, sizeof(text));

	if (n < 0)
		return errno == EINTR ? 1 : 0;
	for (ssize_t i = 0; i < n; i++) {
		if (text[i] == '\n' || text[i] == '\r')
			take_line(b);
		else if (b->line_bytes < sizeof(b->line) - 1)
			b->line[b->line_bytes++] = (unsigned char)text[i] < 0x20 ? ' ' : text[i];
	}
	return n > 0;
}

/* Until both have closed their ends; the unpacker's verdict. */
static int follow(struct build *b, struct err *e)
{
	struct pollfd fds[] = {
		{.fd = b->log, .events = POLLIN},
		{.fd = b->unpacker.reports, .events = POLLIN},
	};
	int verdict = 0;

	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return err_sys(e, -errno, "poll");
		if (fds[0].fd >= 0 && fds[0].revents != 0 && read_log(b) == 0)
			fds[0].fd = -1;
		if (fds[1].fd < 0 || fds[1].revents == 0)
			continue;
		verdict = unpacker_read(&b->unpacker, e);
		if (verdict == 1)
			continue;
		fds[1].fd = -1;
		/* Else it would go on to install for an image that will not be. */
		if (verdict < 0)
			(void)kill(b->pid, SIGTERM);
	}
	return verdict;
}

static const char *join_packages(struct arena *a, const char *const *packages)
{
	const char *list = "";

	for (; packages && *packages; packages++)
		list = arena_printf(a, "%s%s%s", list, *list ? "," : "", *packages);
	return list;
}

/* Settings of the host's apt without which it does not reach its mirrors. */
static const char **push_proxies(struct arena *a, const char **argv)
{
	static const char *const dump[] = {"apt-config",
					   "dump",
					   "--format",
					   "%F \"%v\";%n",
					   "Acquire::http::Proxy",
					   "Acquire::https::Proxy",
					   NULL};
	_cleanup_free_ char *text = NULL;
	char *save = NULL;

	if (child_output(dump, 65536, &text, NULL) < 0)
		return argv;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (!strstr(line, "\"\""))
			argv = arena_strv_push(a, argv, arena_printf(a, "--aptopt=%s", line));
	}
	return argv;
}

static int build_command(struct build *b, const char *suite, const char ***ret_argv, struct err *e)
{
	struct arena *a = &b->making->arena;
	const struct image_request *request = b->making->request;
	const char **sources, **argv = NULL;
	int r = debian_host_sources(suite, a, &sources, e);

	if (r < 0)
		return r;
	/* Its scratch directory lies in ours: what a killed build leaves is collected with it. */
	argv = arena_strv_push(a, argv, "env");
	argv = arena_strv_push(a, argv,
			       arena_printf(a, "TMPDIR=%s/images/%s/build",
					    b->making->settings->root, b->making->staging.name));
	argv = arena_strv_push(a, argv, "mmdebstrap");
	argv = arena_strv_push(a, argv, "--mode=root");
	argv = arena_strv_push(a, argv, "--variant=minbase");
	argv = arena_strv_push(a, argv, "--format=tar");
	/* An image that is cut off is thrown away, so nothing is synced on the way. */
	argv = arena_strv_push(a, argv, "--dpkgopt=force-unsafe-io");
	/* The builder's own name, which systemd in a machine would take; the line above. */
	argv = arena_strv_push(a, argv,
			       "--customize-hook=rm -f \"$1/etc/hostname\" "
			       "\"$1/etc/dpkg/dpkg.cfg.d/99mmdebstrap\"");
	if (request->packages && *request->packages)
		argv = arena_strv_push(
			a, argv,
			arena_printf(a, "--include=%s", join_packages(a, request->packages)));
	argv = push_proxies(a, argv);
	argv = arena_strv_push(a, argv, suite);
	argv = arena_strv_push(a, argv, "-");
	for (; *sources; sources++)
		argv = arena_strv_push(a, argv, *sources);
	*ret_argv = argv;
	return 0;
}

/* apt fetches as user _apt, who must be able to get there; the names cannot be guessed. */
static int make_scratch(const struct staging *st, struct err *e)
{
	if (mkdirat(st->directory, "build", 0711) < 0 || fchmod(st->directory, 0711) < 0)
		return err_sys(e, -errno, "scratch directory of the build");
	return 0;
}

static int remove_scratch(const struct staging *st, struct err *e)
{
	int r = io_remove_tree(st->directory, "build", e);

	if (r == 0 && fchmod(st->directory, 0700) < 0)
		r = err_sys(e, -errno, "directory of the image");
	return r;
}

static int start(struct build *b, const char *const *argv, struct err *e)
{
	int archive[2], log[2], r;

	if (pipe2(archive, O_CLOEXEC) < 0)
		return err_sys(e, -errno, "pipe");
	if (pipe2(log, O_CLOEXEC) < 0) {
		r = -errno;
		(void)close(archive[0]);
		(void)close(archive[1]);
		return err_sys(e, r, "pipe");
	}
	b->log = log[0];
	r = unpacker_start(&b->unpacker,
			   &(const struct unpacker_request){
				   .input = archive[0],
				   .rootfs = b->making->staging.rootfs,
				   .bytes_max = b->making->request->bytes_max,
			   },
			   e);
	if (r == 0)
		r = child_start(
			&(const struct child_request){.argv = argv,
						      .fds = (const int[]){-1, archive[1], log[1]},
						      .fd_count = 3},
			&b->pid, e);
	/* Ours are closed, so that each side sees when the other has ended. */
	(void)close(archive[0]);
	(void)close(archive[1]);
	(void)close(log[1]);
	return r;
}

/* The cause, not its consequence: an archive is damaged because its builder failed. */
static int judge(struct build *b, int verdict, int status, struct err *e)
{
	char shown[CHILD_TEXT_MAX];

	if (verdict < 0 && verdict != -EBADMSG)
		return verdict;
	if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_NOT_FOUND)
		return err_set(e, ERR_HOST, -ENOENT,
			       "mmdebstrap is not installed: 'apt-get install mmdebstrap'");
	if (status != 0)
		return err_set(e, ERR_HOST, -EIO, "mmdebstrap failed (%s): %s",
			       child_status_text(status, shown), strbuf_text(&b->complaint));
	return verdict;
}

static int run(struct build *b, const char *const *argv, struct err *e)
{
	int status = 0;
	int r = start(b, argv, e);

	if (r == 0)
		r = follow(b, e);
	if (b->pid > 0) {
		(void)child_wait(b->pid, &status);
		r = judge(b, r, status, e);
	}
	b->making->totals = b->unpacker.last;
	unpacker_done(&b->unpacker);
	strbuf_done(&b->complaint);
	b->log = fd_close(b->log);
	return r;
}

static int build_debian(struct image_making *m, const char *release, struct err *e)
{
	struct build b = {.making = m, .unpacker = UNPACKER_INIT, .pid = -1, .log = -EBADF};
	const char *suite, **argv;
	int r = debian_suite(release, &suite, e);

	if (r == 0)
		r = build_command(&b, suite, &argv, e);
	if (r == 0)
		r = make_scratch(&m->staging, e);
	if (r == 0)
		r = run(&b, argv, e);
	if (r == 0)
		r = remove_scratch(&m->staging, e);
	return r;
}

static int check_packages(const struct image_request *r, struct err *e)
{
	size_t count = 0;

	for (const char *const *p = r->packages; p && *p; p++) {
		int code = debian_check_package(*p, e);

		if (code < 0)
			return code;
		if (++count > PACKAGES_MAX)
			return err_set(e, ERR_INPUT, -E2BIG, "more than %d packages", PACKAGES_MAX);
	}
	if (count > 0 && strcmp(r->source, "busybox") == 0)
		return err_set(e, ERR_INPUT, -EINVAL, "a busybox image has no packages");
	return 0;
}

int image_build(const struct settings *s, const struct image_request *r, struct err *e)
{
	_cleanup_making_ struct image_making m = IMAGE_MAKING_INIT;
	bool is_debian = strncmp(r->source, "debian:", 7) == 0;
	int code = check_packages(r, e);

	if (code < 0)
		return code;
	if (!is_debian && strcmp(r->source, "busybox") != 0)
		return err_set(e, ERR_INPUT, -EINVAL,
			       "cannot build %.80s: 'debian:12', 'debian:SUITE' or 'busybox'; "
			       "'bulkhead image import' takes what others have built",
			       r->source);
	code = image_make_begin(&m, s, r, e);
	if (code == 0)
		code = is_debian ? build_debian(&m, r->source + 7, e)
				 : busybox_make(m.staging.rootfs, &m.totals.file_bytes, e);
	if (code < 0)
		return err_wrap(e, "build %s", r->source);
	return image_make_finish(&m, e);
}
