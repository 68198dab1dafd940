/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/top.h"

#include "base/units.h"
#include "cli/json.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define INTERVAL_MIN_USEC 100000u
#define INTERVAL_MAX_USEC (3600u * UINT64_C(1000000))

static void sleep_usec(uint64_t usec)
{
	struct timespec t = {.tv_sec = (time_t)(usec / 1000000u),
			     .tv_nsec = (long)(usec % 1000000u * 1000u)};

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

static void print_json(const struct top_sample *s)
{
	json_t *machines = json_array();

	for (size_t i = 0; i < s->count; i++) {
		json_t *machine = json_machine(s->rows[i].view);

		/* Over the interval, not over the governor's last period. */
		if (s->rows[i].measured)
			(void)json_object_set_new(json_object_get(machine, "cpu"), "delivered",
						  json_cpus(s->rows[i].delivered_milli));
		(void)json_array_append_new(machines, machine);
	}
	json_print_wrapped("machines", machines);
}

static int top_once(struct call *c, uint64_t interval_usec, enum top_sort sort, struct err *e)
{
	struct top_sample first = TOP_SAMPLE_INIT, second = TOP_SAMPLE_INIT;
	struct table table;
	int r = top_sample_take(c, &first, sort, &first, e);

	if (r < 0)
		return r;
	sleep_usec(interval_usec);
	r = top_sample_take(c, &first, sort, &second, e);
	if (r == 0 && c->json) {
		print_json(&second);
	} else if (r == 0) {
		top_table(&second, &table);
		(void)printf("%s\n\n", top_summary(c, &second));
		table_print(&table, stdout);
	}
	top_sample_done(&first);
	top_sample_done(&second);
	return r;
}

int verb_top(struct call *c, struct err *e)
{
	const char *text = call_value(c, "interval");
	uint64_t interval_usec = 1000000;
	enum top_sort sort = TOP_BY_CPU;
	const struct host *host;
	int r = text ? unit_parse(UNIT_TIME, "--interval", text, &interval_usec, e) : 0;

	if (r == 0 && (interval_usec < INTERVAL_MIN_USEC || interval_usec > INTERVAL_MAX_USEC))
		r = err_set(e, ERR_INPUT, -ERANGE, "--interval %.40s: from 100ms to 1h", text);
	if (r == 0 && call_has(c, "sort"))
		r = top_sort_parse(call_value(c, "sort"), &sort, e);
	if (r == 0)
		r = call_host(c, &host, e);
	if (r < 0)
		return r;
	if (call_has(c, "once") || c->json)
		return top_once(c, interval_usec, sort, e);
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(e, ERR_INPUT, -ENOTTY,
			       "needs a terminal; 'bulkhead top --once' prints it");
	return top_screen(c, interval_usec, sort, e);
}
