/* SPDX-License-Identifier: Apache-2.0 */
#include "state/idrange_map.h"

#include "base/cleanup.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define SOURCE_BYTES_MAX (4 * 1024 * 1024)
#define OUR_NAME "bulkhead"

struct subid_line {
	bool is_ours;
	uint64_t first;
	uint64_t count;
};

bool idrange_base_is_valid(uint64_t base)
{
	return base >= IDRANGE_FIRST && base <= IDRANGE_LAST && base % IDRANGE_COUNT == 0;
}

void idrange_map_take(struct idrange_map *map, uint32_t base)
{
	map->is_taken[(base - IDRANGE_FIRST) / IDRANGE_COUNT] = true;
}

static bool number_read(const char **text, uint64_t *ret, char end)
{
	const char *p = *text;
	uint64_t n = 0;

	if (*p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		n = 10 * n + (uint64_t)(*p - '0');
		if (n > UINT32_MAX)
			return false;
	}
	if (*p != end)
		return false;
	*text = p + (end != '\0');
	*ret = n;
	return true;
}

static bool line_parse(const char *line, struct subid_line *ret)
{
	const char *p = strchr(line, ':');

	if (!p)
		return false;
	ret->is_ours = (size_t)(p - line) == strlen(OUR_NAME) &&
		       memcmp(line, OUR_NAME, strlen(OUR_NAME)) == 0;
	p++;
	return number_read(&p, &ret->first, ':') && number_read(&p, &ret->count, '\0') &&
	       ret->count > 0;
}

/* The slots that the line touches (for others), or that lie in it whole (for us). */
static void mark(const struct subid_line *line, bool *slots)
{
	uint64_t end = line->first + line->count;

	for (uint32_t i = 0; i < IDRANGE_SLOTS; i++) {
		uint64_t base = IDRANGE_FIRST + (uint64_t)i * IDRANGE_COUNT;
		uint64_t base_end = base + IDRANGE_COUNT;

		if (line->is_ours ? base >= line->first && base_end <= end
				  : base < end && base_end > line->first)
			slots[i] = true;
	}
}

/* What one of the two files says. */
struct source {
	bool is_others[IDRANGE_SLOTS];
	bool is_ours[IDRANGE_SLOTS];
	bool has_ours;
};

static int source_read(const char *path, struct source *source, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	struct err failure = ERR_INIT;
	int r = io_read_file(AT_FDCWD, path, SOURCE_BYTES_MAX, &text, NULL, &failure);
	char *rest = text;

	if (r == -ENOENT)
		return 0;
	if (r < 0) {
		if (e)
			*e = failure;
		return r;
	}
	for (char *line; (line = strsep(&rest, "\n"));) {
		struct subid_line parsed;

		if (!line_parse(line, &parsed))
			continue;
		source->has_ours |= parsed.is_ours;
		mark(&parsed, parsed.is_ours ? source->is_ours : source->is_others);
	}
	return 0;
}

int idrange_map_sources(struct idrange_map *map, const struct idrange_sources *sources,
			bool *ret_is_confined, struct err *e)
{
	_cleanup_free_ struct source *both = calloc(2, sizeof(*both));
	bool is_confined;
	int r;

	if (!both)
		abort();
	r = source_read(sources->subuid, &both[0], e);
	if (r == 0)
		r = source_read(sources->subgid, &both[1], e);
	if (r < 0)
		return r;
	is_confined = both[0].has_ours || both[1].has_ours;
	for (uint32_t i = 0; i < IDRANGE_SLOTS; i++) {
		if (both[0].is_others[i] || both[1].is_others[i] ||
		    (is_confined && !(both[0].is_ours[i] && both[1].is_ours[i])))
			map->is_taken[i] = true;
	}
	*ret_is_confined = is_confined;
	return 0;
}
