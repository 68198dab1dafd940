/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"

#include "cli/format.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_usec(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static bool begins_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Lower layers name the action and the object when they know them; nothing is said twice. */
void report_error(const struct call *c, const char *name, const struct err *e)
{
	const char *verb = c->verb ? c->verb->name : "";
	char prefix[128];

	report_progress_end(c);
	(void)snprintf(prefix, sizeof(prefix), "%s%s%s: ", verb, verb[0] && name ? " " : "",
		       name ? name : "");
	if (!verb[0] || begins_with(e->message, prefix))
		prefix[0] = '\0';
	(void)fprintf(stderr, "bulkhead: %s%s\n", prefix,
		      e->message[0] ? e->message : "failed, and nothing says why");
	if (c->debug)
		(void)fprintf(stderr, "bulkhead: debug: %s, kind %d\n",
			      strerrorname_np(-e->code) ? strerrorname_np(-e->code) : "?",
			      (int)e->kind);
}

void report_warning(const struct call *c, const char *format, ...)
{
	va_list args;

	if (c->quiet)
		return;
	report_progress_end(c);
	(void)fprintf(stderr, "bulkhead: ");
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputc('\n', stderr);
}

void report_debug(const struct call *c, const char *format, ...)
{
	va_list args;

	if (!c->debug)
		return;
	/* CPU time would not show waiting; the start of the process is close enough to ours. */
	(void)fprintf(stderr, "bulkhead: debug: %.3f ms: ",
		      (double)(now_usec(CLOCK_MONOTONIC) - c->started_usec) / 1000.0);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputc('\n', stderr);
}

static bool progress_shown;

void report_progress(const char *what, uint64_t done, uint64_t total, void *data)
{
	const struct call *c = data;
	char amount[FORMAT_MAX], of[FORMAT_MAX];
	static uint64_t last_usec;
	uint64_t now = now_usec(CLOCK_MONOTONIC);

	if (c->quiet || !isatty(STDERR_FILENO) || now - last_usec < 100000)
		return;
	last_usec = now;
	progress_shown = true;
	(void)fprintf(stderr, "\r%s", what);
	if (done || total)
		(void)fprintf(stderr, "  %s", format_bytes(done, amount));
	if (total)
		(void)fprintf(stderr, " of %s (%.0f %%)", format_bytes(total, of),
			      100.0 * (double)done / (double)total);
	(void)fprintf(stderr, "\033[K");
	(void)fflush(stderr);
}

void report_progress_end(const struct call *c)
{
	(void)c;
	if (!progress_shown)
		return;
	(void)fprintf(stderr, "\r\033[K");
	progress_shown = false;
}
