/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int by_number(const char *text)
{
	char *end;
	long value = strtol(text, &end, 10);

	return end == text || *end || value < 1 || value > SIGRTMAX ? -EINVAL : (int)value;
}

static int by_realtime(const char *text)
{
	int base = strncasecmp(text, "RTMIN", 5) == 0	? SIGRTMIN
		   : strncasecmp(text, "RTMAX", 5) == 0 ? SIGRTMAX
							: -EINVAL;
	char *end;
	long offset;

	if (base < 0 || text[5] == '\0')
		return base;
	offset = strtol(text + 5, &end, 10);
	if (*end || (text[5] != '+' && text[5] != '-') || base + offset < SIGRTMIN ||
	    base + offset > SIGRTMAX)
		return -EINVAL;
	return base + (int)offset;
}

static int by_name(const char *text)
{
	for (int i = 1; i < NSIG; i++) {
		if (sigabbrev_np(i) && strcasecmp(sigabbrev_np(i), text) == 0)
			return i;
	}
	return -EINVAL;
}

int signal_parse(const char *text, int *ret_signal, struct err *e)
{
	const char *name = strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text;
	int number = by_number(text);

	if (number < 0)
		number = by_realtime(name);
	if (number < 0)
		number = by_name(name);
	if (number < 0)
		return err_set(e, ERR_INPUT, -EINVAL,
			       "'%.40s' is no signal: a number from 1 to %d, or a name as KILL, "
			       "SIGTERM, RTMIN+3",
			       text, SIGRTMAX);
	*ret_signal = number;
	return 0;
}
