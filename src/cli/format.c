/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/format.h"

#include "base/units.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define USEC 1000000u

const char *format_bytes(uint64_t bytes, char buffer[static FORMAT_MAX])
{
	static const char suffixes[] = "BKMGTPE";
	double value = (double)bytes;
	size_t i = 0;

	if (bytes == UNIT_NONE)
		return strcpy(buffer, "none");
	while (value >= 1023.95 && suffixes[i + 1]) {
		value /= 1024;
		i++;
	}
	if (i == 0)
		(void)snprintf(buffer, FORMAT_MAX, "%.0f", value);
	else
		(void)snprintf(buffer, FORMAT_MAX, value < 99.95 ? "%.1f%c" : "%.0f%c", value,
			       suffixes[i]);
	return buffer;
}

const char *format_cpus(uint64_t millicpus, char buffer[static FORMAT_MAX])
{
	if (millicpus == UNIT_NONE)
		return strcpy(buffer, "none");
	(void)snprintf(buffer, FORMAT_MAX, "%.2f", (double)millicpus / 1000);
	return buffer;
}

const char *format_duration(uint64_t usec, char buffer[static FORMAT_MAX])
{
	unsigned long long s = usec / USEC;

	if (s < 60)
		(void)snprintf(buffer, FORMAT_MAX, "%llus", s);
	else if (s < 3600)
		(void)snprintf(buffer, FORMAT_MAX, "%llumin %llus", s / 60, s % 60);
	else if (s < 86400)
		(void)snprintf(buffer, FORMAT_MAX, "%lluh %llumin", s / 3600, s / 60 % 60);
	else
		(void)snprintf(buffer, FORMAT_MAX, "%llud %lluh", s / 86400, s / 3600 % 24);
	return buffer;
}

const char *format_time(uint64_t usec, char buffer[static FORMAT_MAX])
{
	time_t seconds = (time_t)(usec / USEC);
	struct tm tm;

	if (!localtime_r(&seconds, &tm) ||
	    strftime(buffer, FORMAT_MAX, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		(void)strcpy(buffer, "?");
	return buffer;
}

const char *format_exit(const struct exit_status *exit, char buffer[static FORMAT_MAX])
{
	switch (exit->knowledge) {
	case EXIT_UNSET:
		return strcpy(buffer, "");
	case EXIT_CODE:
		(void)snprintf(buffer, FORMAT_MAX, "code %d", exit->value);
		return buffer;
	case EXIT_SIGNAL:
		(void)snprintf(buffer, FORMAT_MAX, "signal %d (%s)", exit->value,
			       sigabbrev_np(exit->value) ? sigabbrev_np(exit->value) : "?");
		return buffer;
	case EXIT_UNKNOWN:
		break;
	}
	return strcpy(buffer, "unknown");
}

/* Bytes of the valid, printable UTF-8 sequence at `s`, or 0. */
static size_t sequence_length(const unsigned char *s)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;

	if (n == 1)
		return s[0] >= 0x20 && s[0] != 0x7f;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	/* U+0080 to U+009F: control characters, one of them is CSI. */
	return s[0] == 0xc2 && s[1] < 0xa0 ? 0 : n;
}

const char *format_safe(struct arena *a, const char *text)
{
	char *safe = arena_strdup(a, text ? text : "");
	char *to = safe;

	for (const char *from = safe; *from;) {
		size_t n = sequence_length((const unsigned char *)from);

		if (n == 0) {
			*to++ = '?';
			from++;
			continue;
		}
		memmove(to, from, n);
		to += n;
		from += n;
	}
	*to = '\0';
	return safe;
}

static bool needs_quotes(const char *word)
{
	return !*word || strpbrk(word, " \t\n\"'\\$`*?[]{}()<>|&;#~!") != NULL;
}

static const char *quoted(struct arena *a, const char *word)
{
	char *out, *to;

	if (!needs_quotes(word))
		return word;
	out = to = arena_alloc(a, 4 * strlen(word) + 3);
	*to++ = '\'';
	for (; *word; word++) {
		if (*word == '\'')
			to = stpcpy(to, "'\\''");
		else
			*to++ = *word;
	}
	*to++ = '\'';
	return out;
}

const char *format_command(struct arena *a, const char *const *argv)
{
	const char *line = "";

	for (size_t i = 0; argv && argv[i]; i++)
		line = arena_printf(a, "%s%s%s", line, i ? " " : "", quoted(a, argv[i]));
	return format_safe(a, line);
}
