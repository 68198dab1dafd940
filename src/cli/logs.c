/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "base/io.h"
#include "cli/pump.h"
#include "cli/view.h"
#include "machine/keeper_client.h"
#include "machine/log_follow.h"
#include "model/paths.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* Rotation keeps a log below this; larger ones were not written by us. */
#define LOG_READ_MAX (256u * 1024u * 1024u)

struct log_text {
	char *older; /* console.log.1 */
	char *text;
	size_t older_bytes;
	size_t bytes;
};

static void log_text_done(struct log_text *l)
{
	free(l->older);
	free(l->text);
}

static int read_older(const char *path, const struct stat *current, struct log_text *l,
		      struct err *e)
{
	struct stat st;

	/* Rotated between our two looks: what is in the older file now was read as the current. */
	if (stat(path, &st) < 0 || (st.st_ino == current->st_ino && st.st_dev == current->st_dev))
		return 0;
	return io_read_file(AT_FDCWD, path, LOG_READ_MAX, &l->older, &l->older_bytes, e);
}

/* The open file and the one before it. */
static int read_both(struct call *c, int fd, struct log_text *ret, struct err *e)
{
	struct stat current;
	char path[PATHS_MAX];
	int r;

	if (fstat(fd, &current) < 0)
		return err_sys(e, -errno, "cannot look at the console log");
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	r = io_read_file(AT_FDCWD, path, LOG_READ_MAX, &ret->text, &ret->bytes, e);
	if (r == 0)
		r = read_older(paths_machine(&c->settings, c->words[0], "console.log.1", path),
			       &current, ret, e);
	return r;
}

/* Where the last `lines` lines of `text` begin; *lines: how many are still to come from before. */
static size_t tail_begin(const char *text, size_t bytes, long *lines)
{
	/* The newline at the very end closes the last line, it does not begin one. */
	for (size_t at = bytes; at > 0; at--) {
		if (text[at - 1] != '\n' || at == bytes)
			continue;
		if (--*lines == 0)
			return at;
	}
	return 0;
}

static int print_tail(const struct log_text *l, long lines, struct err *e)
{
	size_t from = 0, older_from = 0;
	int r = 0;

	if (lines == 0)
		return 0;
	if (lines != LONG_MAX) {
		from = tail_begin(l->text ? l->text : "", l->bytes, &lines);
		older_from = lines > 0
				     ? tail_begin(l->older ? l->older : "", l->older_bytes, &lines)
				     : l->older_bytes;
	}
	if (l->older_bytes > older_from)
		r = io_write_all(STDOUT_FILENO, l->older + older_from, l->older_bytes - older_from);
	if (r == 0 && l->bytes > from)
		r = io_write_all(STDOUT_FILENO, l->text + from, l->bytes - from);
	return r < 0 && r != -EPIPE ? err_sys(e, r, "cannot write to standard output") : 0;
}

static bool logs_ended(struct pump *p)
{
	struct keeper_link *link = p->data;
	struct exit_status exit;
	int r = keeper_link_receive(link, &exit, NULL);

	p->end = link->socket;
	return r != -EAGAIN;
}

/* A machine that is restarted goes on in the same log, so only ^C ends that. */
static int logs_follow(struct call *c, struct log_follow *log, struct err *e)
{
	_cleanup_keeper_link_ struct keeper_link link = KEEPER_LINK_INIT;
	_cleanup_fd_ int signals = -EBADF;
	struct pump pump = PUMP_INIT;
	enum pump_result result;
	struct spec spec;
	int signal_number = 0;
	int r;

	r = machine_load(&c->settings, c->words[0], &c->arena, &spec, e);
	if (r == 0 && spec.restart == SPEC_RESTART_NO) {
		r = keeper_watch(&c->settings, c->words[0], &link, e);
		pump.end = link.socket;
	}
	if (r == 0)
		r = pump_block_signals(&signals, e);
	if (r < 0)
		return r;
	pump.output = STDOUT_FILENO;
	pump.log = log;
	pump.ended = logs_ended;
	pump.data = &link;
	r = pump_run(&pump, signals, &result, &signal_number, e);
	if (r == 0 && result == PUMP_SIGNALLED)
		c->exit_code = 128 + signal_number;
	return r;
}

int verb_logs(struct call *c, struct err *e)
{
	_cleanup_log_follow_ struct log_follow log = LOG_FOLLOW_INIT;
	_cleanup_(log_text_done) struct log_text text = {.text = NULL};
	long lines = LONG_MAX;
	struct spec spec;
	int r;

	r = call_number(c, "tail", 0, 1000000000, &lines, e);
	if (r == 0)
		r = machine_load(&c->settings, c->words[0], &c->arena, &spec, e);
	if (r == 0)
		r = log_follow_open(&c->settings, c->words[0], -EBADF, 0, &log, e);
	if (r == 0)
		r = read_both(c, log.file, &text, e);
	if (r == 0)
		r = print_tail(&text, lines, e);
	if (r < 0 || !call_has(c, "follow"))
		return r;
	if (lseek(log.file, (off_t)text.bytes, SEEK_SET) < 0)
		return err_sys(e, -errno, "cannot read the console log");
	return logs_follow(c, &log, e);
}
