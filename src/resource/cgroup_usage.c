/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "resource/cgroup.h"
#include "resource/cgroup_file.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#define TEXT_MAX 16384 /* memory.stat */

struct counter {
	enum cgroup_controller controller;
	enum cgroup_version version;
	const char *file;
	const char *key; /* NULL: the file is one number */
	size_t field;	 /* of struct usage; rows of one field add up */
	uint64_t divisor;
};

#define COUNTER(controller, version, file, key, field, divisor)                        \
	{                                                                              \
		controller, version, file, key, offsetof(struct usage, field), divisor \
	}

/* Times of v1 are in ns, those of v2 in usec. On v1 of kernel 6.18 failcnt stays 0 (measured), so
 * there a hit is only seen when it killed. */
static const struct counter counters[] = {
	COUNTER(CGROUP_CPU, CGROUP_V1, "cpu.stat", "throttled_time", cpu_throttled_usec, 1000),
	COUNTER(CGROUP_CPU, CGROUP_V1, "cpu.stat", "nr_throttled", cpu_hits, 1),
	COUNTER(CGROUP_CPU, CGROUP_V2, "cpu.stat", "throttled_usec", cpu_throttled_usec, 1),
	COUNTER(CGROUP_CPU, CGROUP_V2, "cpu.stat", "nr_throttled", cpu_hits, 1),
	COUNTER(CGROUP_MEMORY, CGROUP_V1, "memory.usage_in_bytes", NULL, memory_bytes, 1),
	COUNTER(CGROUP_MEMORY, CGROUP_V1, "memory.max_usage_in_bytes", NULL, memory_peak_bytes, 1),
	COUNTER(CGROUP_MEMORY, CGROUP_V1, "memory.failcnt", NULL, memory_hits, 1),
	COUNTER(CGROUP_MEMORY, CGROUP_V1, "memory.memsw.failcnt", NULL, memory_hits, 1),
	COUNTER(CGROUP_MEMORY, CGROUP_V1, "memory.oom_control", "oom_kill", memory_hits, 1),
	COUNTER(CGROUP_MEMORY, CGROUP_V1, "memory.oom_control", "oom_kill", memory_kills, 1),
	COUNTER(CGROUP_MEMORY, CGROUP_V1, "memory.stat", "total_swap", swap_bytes, 1),
	COUNTER(CGROUP_MEMORY, CGROUP_V2, "memory.current", NULL, memory_bytes, 1),
	COUNTER(CGROUP_MEMORY, CGROUP_V2, "memory.peak", NULL, memory_peak_bytes, 1),
	COUNTER(CGROUP_MEMORY, CGROUP_V2, "memory.events", "max", memory_hits, 1),
	COUNTER(CGROUP_MEMORY, CGROUP_V2, "memory.events", "oom_kill", memory_kills, 1),
	COUNTER(CGROUP_MEMORY, CGROUP_V2, "memory.swap.current", NULL, swap_bytes, 1),
	COUNTER(CGROUP_PIDS, CGROUP_V1, "pids.current", NULL, pids, 1),
	COUNTER(CGROUP_PIDS, CGROUP_V1, "pids.peak", NULL, pids_peak, 1),
	COUNTER(CGROUP_PIDS, CGROUP_V1, "pids.events", "max", pids_hits, 1),
	COUNTER(CGROUP_PIDS, CGROUP_V2, "pids.current", NULL, pids, 1),
	COUNTER(CGROUP_PIDS, CGROUP_V2, "pids.peak", NULL, pids_peak, 1),
	COUNTER(CGROUP_PIDS, CGROUP_V2, "pids.events", "max", pids_hits, 1),
};

struct reader {
	const struct host *host;
	const char *path;
	enum cgroup_controller controller; /* of `at` */
	int at;
	const char *file; /* whose text is in `text` */
	char text[TEXT_MAX];
};

/* Rows of one directory and of one file stand together: each is opened once. */
static const char *read_text(struct reader *r, const struct counter *c)
{
	if (r->controller != c->controller) {
		fd_closep(&r->at);
		r->controller = c->controller;
		r->at = cgroup_directory_open(r->host, c->controller, r->path);
		r->file = NULL;
	}
	if (!r->file || strcmp(r->file, c->file) != 0) {
		r->file = c->file;
		if (r->at < 0 || cgroup_file_read(r->at, c->file, r->text, sizeof(r->text)) < 0)
			r->text[0] = '\0';
	}
	return r->text;
}

static void add(struct usage *u, const struct counter *c, uint64_t number)
{
	uint64_t *field = (uint64_t *)(void *)((char *)u + c->field);

	*field += number / c->divisor;
}

static int read_cpu(const char *path, const struct host *host, uint64_t *ret_usec, struct err *e)
{
	struct cgroup_meter meter;
	int r = cgroup_meter_open(path, host, &meter, e);

	if (r < 0)
		return r;
	r = cgroup_meter_cpu(&meter, ret_usec, e);
	cgroup_meter_close(&meter);
	return r == -EOPNOTSUPP ? 0 : r;
}

int cgroup_usage(const char *path, const struct host *host, struct usage *ret, struct err *e)
{
	struct reader reader = {
		.host = host, .path = path, .controller = CGROUP_CONTROLLER_MAX, .at = -EBADF};
	struct usage u = {.when_usec = 0};
	struct timespec now;
	int r = read_cpu(path, host, &u.cpu_usec, e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		const struct counter *c = &counters[i];
		uint64_t number;

		if (cgroup_version_of(host, c->controller) == c->version &&
		    cgroup_text_number(read_text(&reader, c), c->key, &number))
			add(&u, c, number);
	}
	fd_closep(&reader.at);
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	u.when_usec = (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
	*ret = u;
	return 0;
}
