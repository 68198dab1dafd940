/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/moment.h"

#include "base/units.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

static const char *const formats[] = {"%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M",
				      "%Y-%m-%d",	   "%H:%M:%S",		"%H:%M"};

static int parse_date(const char *text, time_t now, uint64_t *ret_usec)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct tm tm;
		const char *end;
		time_t t;

		if (!localtime_r(&now, &tm))
			return -EINVAL;
		tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
		end = strptime(text, formats[i], &tm);
		if (!end || *end)
			continue;
		tm.tm_isdst = -1;
		t = mktime(&tm);
		if (t < 0)
			return -EINVAL;
		*ret_usec = (uint64_t)t * 1000000u;
		return 0;
	}
	return -EINVAL;
}

int moment_parse(const char *option, const char *text, uint64_t *ret_usec, struct err *e)
{
	time_t now = time(NULL);
	uint64_t now_usec = (uint64_t)now * 1000000u;
	uint64_t ago;

	if (unit_parse(UNIT_TIME, option, text, &ago, NULL) == 0) {
		*ret_usec = ago < now_usec ? now_usec - ago : 0;
		return 0;
	}
	if (parse_date(text, now, ret_usec) == 0)
		return 0;
	return err_set(e, ERR_INPUT, -EINVAL,
		       "--%s '%.40s': neither a time ago (90s, 10min, 2h) nor a date (HH:MM, "
		       "YYYY-MM-DD, YYYY-MM-DD HH:MM:SS)",
		       option, text);
}
