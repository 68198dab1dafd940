/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "base/io.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/moment.h"
#include "cli/verb.h"
#include "machine/log_follow.h"
#include "model/paths.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define EVENTS_MAX_BYTES (64u * 1024u * 1024u)

struct events {
	struct call *c;
	uint64_t since_usec;
	json_t *document; /* with --json and without --follow: all of them in one */
	char line[65536]; /* a part of a line, until the rest of it is read */
	size_t used;
};

static bool is_wanted(const struct call *c, const char *machine)
{
	if (c->word_count == 0)
		return true;
	for (size_t i = 0; i < c->word_count; i++) {
		if (strcmp(c->words[i], machine) == 0)
			return true;
	}
	return false;
}

static void print_text(uint64_t usec, const char *machine, const char *event, const char *detail)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	char time[FORMAT_MAX];

	(void)printf("%s  %-16s %s%s%s\n", format_time(usec, time), format_safe(&a, machine),
		     format_safe(&a, event), *detail ? ": " : "", format_safe(&a, detail));
}

static void print_line(struct events *ev, const char *line)
{
	double time;
	const char *machine, *event, *detail = "";
	json_t *o = json_loads(line, 0, NULL);
	uint64_t usec;

	/* A line that is cut (a full disk) is no event. */
	if (!o || json_unpack(o, "{s:F, s:s, s:s, s?s}", "time", &time, "machine", &machine,
			      "event", &event, "detail", &detail) < 0) {
		json_decref(o);
		return;
	}
	usec = time > 0 ? (uint64_t)(time * 1e6) : 0;
	if (usec >= ev->since_usec && is_wanted(ev->c, machine)) {
		if (ev->document)
			(void)json_array_append(ev->document, o);
		else if (ev->c->json)
			(void)printf("%s\n", line);
		else
			print_text(usec, machine, event, detail);
	}
	json_decref(o);
}

static void take_text(struct events *ev, const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		if (text[i] != '\n') {
			if (ev->used < sizeof(ev->line) - 1)
				ev->line[ev->used++] = text[i];
			continue;
		}
		ev->line[ev->used] = '\0';
		ev->used = 0;
		print_line(ev, ev->line);
	}
}

static int take_older(struct events *ev, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	char path[PATHS_MAX];
	size_t bytes;
	int r = io_read_file(AT_FDCWD, paths_run(&ev->c->settings, "events.1", path),
			     EVENTS_MAX_BYTES, &text, &bytes, e);

	if (r == 0)
		take_text(ev, text, bytes);
	return r == -ENOENT ? 0 : r;
}

static int take_new(struct events *ev, struct log_follow *log, struct err *e)
{
	char data[16384];
	ssize_t n;

	while ((n = log_follow_read(log, data, sizeof(data), e)) > 0)
		take_text(ev, data, (size_t)n);
	if (fflush(stdout) != 0)
		return err_sys(e, -errno, "cannot write to standard output");
	return (int)n;
}

static int events_open(struct call *c, struct log_follow *ret, struct err *e)
{
	char path[PATHS_MAX];
	/* So that there is a file to follow before the first event. */
	int fd =
		open(paths_run(&c->settings, "events", path), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(e, -errno, "cannot open %s", path);
	(void)close(fd);
	return log_follow_open_file(c->settings.run, "events", ret, e);
}

int verb_events(struct call *c, struct err *e)
{
	_cleanup_log_follow_ struct log_follow log = LOG_FOLLOW_INIT;
	_cleanup_free_ struct events *ev = calloc(1, sizeof(*ev));
	int r = 0;

	if (!ev)
		return err_sys(e, -ENOMEM, "cannot read events");
	ev->c = c;
	ev->document = c->json && !call_has(c, "follow") ? json_array() : NULL;
	if (call_has(c, "since"))
		r = moment_parse("since", call_value(c, "since"), &ev->since_usec, e);
	if (r == 0)
		r = events_open(c, &log, e);
	if (r == 0)
		r = take_older(ev, e);
	if (r == 0)
		r = take_new(ev, &log, e);
	if (ev->document)
		json_print_wrapped("events", ev->document);
	while (r == 0 && call_has(c, "follow")) {
		struct pollfd fd = {.fd = log.notify, .events = POLLIN};

		if (poll(&fd, 1, -1) < 0 && errno != EINTR)
			return err_sys(e, -errno, "cannot wait for events");
		r = take_new(ev, &log, e);
	}
	return r;
}
