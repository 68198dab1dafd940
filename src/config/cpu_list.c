/* SPDX-License-Identifier: Apache-2.0 */
#include "config/cpu_list.h"

#include <errno.h>
#include <stdbool.h>

static int parse_number(const char **text, unsigned int *ret_cpu)
{
	const char *s = *text;
	unsigned int value = 0;

	if (*s < '0' || *s > '9')
		return -EINVAL;
	for (; *s >= '0' && *s <= '9'; s++) {
		value = value * 10 + (unsigned int)(*s - '0');
		if (value >= CPU_SETSIZE)
			return -ERANGE;
	}
	*text = s;
	*ret_cpu = value;
	return 0;
}

/* One element of the list, "2" or "0-3"; `*text` moves behind it. */
static int parse_range(const char **text, cpu_set_t *set)
{
	unsigned int first, last;
	int r = parse_number(text, &first);

	if (r < 0)
		return r;
	last = first;
	if (**text == '-') {
		(*text)++;
		r = parse_number(text, &last);
		if (r < 0)
			return r;
	}
	if (last < first)
		return -EINVAL;
	for (unsigned int cpu = first; cpu <= last; cpu++)
		CPU_SET(cpu, set);
	return 0;
}

int cpu_list_parse(const char *text, cpu_set_t *ret_set)
{
	cpu_set_t set;
	int r;

	CPU_ZERO(&set);
	while ((r = parse_range(&text, &set)) == 0 && *text == ',')
		text++;
	if (r < 0)
		return r;
	if (*text != '\0')
		return -EINVAL;
	*ret_set = set;
	return 0;
}

void cpu_list_print(const cpu_set_t *set, struct strbuf *out)
{
	const char *comma = "";

	for (int first = 0; first < CPU_SETSIZE; first++) {
		int last = first;

		if (!CPU_ISSET((size_t)first, set))
			continue;
		while (last + 1 < CPU_SETSIZE && CPU_ISSET((size_t)last + 1, set))
			last++;
		strbuf_printf(out, "%s%d", comma, first);
		if (last > first)
			strbuf_printf(out, "-%d", last);
		comma = ",";
		first = last;
	}
}
