/* SPDX-License-Identifier: Apache-2.0 */
#include "state/event.h"

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "config/json_fields.h"
#include "model/paths.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#define EVENTS_BYTES_MAX (1024 * 1024)
#define TEXT_BYTES_MAX 1000

static int events_open(const struct settings *s)
{
	char path[PATHS_MAX];

	return open(paths_run(s, "events", path),
		    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* One of several writers that see a full file renames it: the one that gets the lock and finds
 * the file still under its name. */
static void events_rotate(const struct settings *s, int fd, const struct stat *full)
{
	char path[PATHS_MAX], old[PATHS_MAX];
	struct stat now;

	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return;
	if (stat(paths_run(s, "events", path), &now) == 0 && now.st_ino == full->st_ino)
		(void)rename(path, paths_run(s, "events.1", old));
}

static void append_text(const char *key, const char *text, struct strbuf *line)
{
	char bounded[TEXT_BYTES_MAX + 1];

	(void)snprintf(bounded, sizeof(bounded), "%s", text);
	strbuf_printf(line, ",\"%s\":", key);
	json_text_print(bounded, line);
}

void event_append(const struct settings *s, const char *machine, const char *event,
		  const char *detail)
{
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
	_cleanup_fd_ int fd = events_open(s);
	struct timespec now;
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size >= EVENTS_BYTES_MAX) {
		events_rotate(s, fd, &st);
		fd_closep(&fd);
		fd = events_open(s);
	}
	if (fd < 0)
		return;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	strbuf_printf(&line, "{\"time\":%lld.%06ld", (long long)now.tv_sec, now.tv_nsec / 1000);
	if (machine)
		append_text("machine", machine, &line);
	append_text("event", event, &line);
	if (detail)
		append_text("detail", detail, &line);
	strbuf_append(&line, "}\n");
	if (write(fd, line.text, line.length) < 0)
		return; /* best effort, as the header says */
}
