/* SPDX-License-Identifier: Apache-2.0 */
#include "state/exit.h"

#include "base/io.h"
#include "model/paths.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STATUS_TEXT_MAX 64

static void status_print(const struct exit_status *status, char text[static STATUS_TEXT_MAX])
{
	if (status->knowledge == EXIT_UNKNOWN)
		(void)snprintf(text, STATUS_TEXT_MAX, "unknown %" PRIu64, status->ended_usec);
	else
		(void)snprintf(text, STATUS_TEXT_MAX, "%s %d %" PRIu64,
			       status->knowledge == EXIT_CODE ? "code" : "signal", status->value,
			       status->ended_usec);
}

/* Only what status_print() writes is read: the text is printed again and compared. */
static int status_parse(const char *text, struct exit_status *ret)
{
	struct exit_status status = {.value = 0};
	char again[STATUS_TEXT_MAX];

	if (sscanf(text, "code %d %" SCNu64, &status.value, &status.ended_usec) == 2)
		status.knowledge = EXIT_CODE;
	else if (sscanf(text, "signal %d %" SCNu64, &status.value, &status.ended_usec) == 2)
		status.knowledge = EXIT_SIGNAL;
	else if (sscanf(text, "unknown %" SCNu64, &status.ended_usec) == 1)
		status.knowledge = EXIT_UNKNOWN;
	else
		return -EBADMSG;
	status_print(&status, again);
	if (strcmp(text, again) != 0)
		return -EBADMSG;
	*ret = status;
	return 0;
}

int exit_write(const struct settings *s, const char *name, const struct exit_status *status,
	       struct err *e)
{
	char path[PATHS_MAX], text[STATUS_TEXT_MAX];
	int r = io_mkdir(AT_FDCWD, paths_runtime(s, name, NULL, path), 0700, e);

	if (r < 0)
		return r;
	assert(status->knowledge != EXIT_UNSET);
	status_print(status, text);
	strcat(text, "\n");
	return io_replace_file(AT_FDCWD, paths_runtime(s, name, "exit", path), 0600, IO_VOLATILE,
			       text, strlen(text), e);
}

int exit_read(const struct settings *s, const char *name, struct exit_status *ret, struct err *e)
{
	char path[PATHS_MAX], text[STATUS_TEXT_MAX];
	int r = io_read_small(AT_FDCWD, paths_runtime(s, name, "exit", path), text, sizeof(text),
			      e);

	if (r == 0)
		r = status_parse(text, ret);
	if (r == -EBADMSG || r == -EFBIG)
		return err_set(e, ERR_HOST, -EBADMSG, "%s is damaged: not an exit status", path);
	return r;
}

int exit_remove(const struct settings *s, const char *name, struct err *e)
{
	char path[PATHS_MAX];
	int r = io_remove_file(AT_FDCWD, paths_runtime(s, name, "exit", path), e);

	/* The directory goes with its last file. */
	if (r == 0)
		(void)rmdir(paths_runtime(s, name, NULL, path));
	return r;
}
