/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bulkhead-unpack [--directory] [--max-bytes N]: fills a directory from an archive that nobody
 * trusts. Its own program, so that libarchive and its decompressors are not part of any other, and
 * run confined. Descriptors and reports: storage/unpack_report.h.
 */
#include "base/cleanup.h"
#include "storage/unpack/jail.h"
#include "storage/unpack/source.h"
#include "storage/unpack/writer.h"

#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

struct options {
	bool directory;
	uint64_t bytes_max;
};

static int parse(int argc, char **argv, struct options *o, struct err *e)
{
	static const struct option longs[] = {
		{"directory", no_argument, NULL, 'd'},
		{"max-bytes", required_argument, NULL, 'm'},
		{NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		char *end = NULL;

		if (c == 'd') {
			o->directory = true;
			continue;
		}
		if (c == 'm')
			o->bytes_max = strtoull(optarg, &end, 10);
		if (c != 'm' || !end || *end != '\0' || o->bytes_max == 0)
			return err_set(e, ERR_BUG, -EINVAL, "bulkhead-unpack: wrong call");
	}
	return 0;
}

static int report(struct writer *w, const struct source *s, uint32_t kind, const struct err *e)
{
	struct unpack_report r = w->totals;

	r.magic = UNPACK_MAGIC;
	r.kind = kind;
	if (s->archive && !s->links)
		r.input_bytes = (uint64_t)archive_filter_bytes(s->archive, -1);
	if (e)
		r.err = *e;
	return write(UNPACK_REPORT_FD, &r, sizeof(r)) == (ssize_t)sizeof(r) ? 0 : -EPIPE;
}

static uint64_t now_msec(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* What is skipped is read all the same: a few bytes of a compressed archive can be terabytes. */
static int check_input(const struct writer *w, const struct source *s, struct err *e)
{
	if (s->links ||
	    (uint64_t)archive_filter_bytes(s->archive, 0) / 2 <= w->bytes_max + (64u << 20))
		return 0;
	return err_set(e, ERR_INPUT, -EFBIG, "archive is larger than the limit for an image");
}

static int copy(struct source *s, struct writer *w, struct err *e)
{
	struct archive_entry *entry;
	uint64_t told = now_msec();
	int r;

	while ((r = source_next(s, &entry, e)) == 0) {
		r = check_input(w, s, e);
		if (r == 0)
			r = writer_add(w, s->archive, entry, e);
		if (r < 0)
			return r;
		if (now_msec() - told < 100)
			continue;
		told = now_msec();
		/* Nobody reads any more: nobody wants the image. */
		r = report(w, s, UNPACK_PROGRESS, NULL);
		if (r < 0)
			return r;
	}
	if (r != -ENODATA)
		return r;
	if (w->totals.entries == 0)
		return err_set(e, ERR_INPUT, -EBADMSG, "archive is empty");
	return writer_finish(w, e);
}

static int run(const struct options *o, struct source *s, struct writer *w, struct err *e)
{
	struct jail jail = {
		.target = UNPACK_TARGET_FD,
		.source = o->directory ? STDIN_FILENO : -EBADF,
		.file_bytes_max = o->bytes_max,
	};
	int r = jail_enter(&jail, e);

	if (r < 0)
		return r;
	writer_init(w, jail.target, o->bytes_max);
	r = o->directory ? source_open_directory(s, jail.source, e)
			 : source_open_archive(s, STDIN_FILENO, e);
	return r < 0 ? r : copy(s, w, e);
}

int main(int argc, char **argv)
{
	struct options o = {.bytes_max = UNPACK_BYTES_DEFAULT};
	struct source source = SOURCE_INIT;
	struct writer writer;
	struct err e = ERR_INIT;
	int r;

	writer_init(&writer, -EBADF, o.bytes_max);
	/* Names in pax headers are UTF-8; libarchive converts them to the locale's charset. */
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		(void)setlocale(LC_CTYPE, "");
	/* Died with its caller: nobody would collect the result. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGPIPE, SIG_IGN);
	r = parse(argc, argv, &o, &e);
	if (r == 0)
		r = run(&o, &source, &writer, &e);
	(void)report(&writer, &source, r < 0 ? UNPACK_FAILED : UNPACK_DONE, &e);
	source_done(&source);
	writer_done(&writer);
	return r < 0 ? 1 : 0;
}
