/* SPDX-License-Identifier: Apache-2.0 */
#include "state/idrange.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "base/strbuf.h"
#include "model/name.h"
#include "model/paths.h"
#include "state/idrange_map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define REGISTRY_BYTES_MAX (4 * 1024 * 1024)

struct range {
	uint32_t base;
	char name[NAME_LENGTH_MAX + 1];
};

struct registry {
	struct range *ranges; /* in the order of the file */
	size_t count;
};

static void registry_done(struct registry *registry)
{
	free(registry->ranges);
	registry->ranges = NULL;
	registry->count = 0;
}

#define _cleanup_registry_ __attribute__((cleanup(registry_done)))

static bool line_parse(const char *line, struct range *ret)
{
	char *end;
	unsigned long base;

	if (*line < '1' || *line > '9')
		return false;
	errno = 0;
	base = strtoul(line, &end, 10);
	if (errno != 0 || *end != ' ' || !idrange_base_is_valid(base) || !name_is_valid(end + 1))
		return false;
	ret->base = (uint32_t)base;
	(void)snprintf(ret->name, sizeof(ret->name), "%s", end + 1);
	return true;
}

static const struct range *find_name(const struct registry *registry, const char *name)
{
	for (size_t i = 0; i < registry->count; i++) {
		if (strcmp(registry->ranges[i].name, name) == 0)
			return &registry->ranges[i];
	}
	return NULL;
}

static const struct range *find_base(const struct registry *registry, uint32_t base)
{
	for (size_t i = 0; i < registry->count; i++) {
		if (registry->ranges[i].base == base)
			return &registry->ranges[i];
	}
	return NULL;
}

static void registry_add(struct registry *registry, const struct range *range)
{
	/* Grows at each power of two. */
	if ((registry->count & (registry->count - 1)) == 0) {
		size_t capacity = registry->count ? 2 * registry->count : 1;

		registry->ranges =
			reallocarray(registry->ranges, capacity, sizeof(*registry->ranges));
		if (!registry->ranges)
			abort();
	}
	registry->ranges[registry->count++] = *range;
}

static int registry_parse(const char *path, char *text, struct registry *registry, struct err *e)
{
	char *rest = text;
	int number = 0;

	for (char *line; (line = strsep(&rest, "\n"));) {
		struct range range;

		number++;
		if (*line == '\0' && !rest)
			break;
		/* A last line without its newline was cut off. */
		if (!rest || !line_parse(line, &range))
			return err_set(e, ERR_HOST, -EBADMSG,
				       "%s line %d: '%.80s' is not 'BASE NAME': correct it", path,
				       number, line);
		if (find_name(registry, range.name) || find_base(registry, range.base))
			return err_set(e, ERR_HOST, -EBADMSG,
				       "%s line %d: '%.80s' is there twice: remove one", path,
				       number, line);
		registry_add(registry, &range);
	}
	return 0;
}

static int registry_load(const struct settings *s, struct registry *registry, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	struct err failure = ERR_INIT;
	char path[PATHS_MAX];
	size_t bytes = 0;
	int r = io_read_file(AT_FDCWD, paths_root(s, "ids", path), REGISTRY_BYTES_MAX, &text,
			     &bytes, &failure);

	if (r == -ENOENT)
		return 0;
	if (r == 0 && strlen(text) != bytes)
		return err_set(e, ERR_HOST, -EBADMSG, "%s holds a NUL byte: correct it", path);
	if (r == 0)
		return registry_parse(path, text, registry, e);
	if (e)
		*e = failure;
	return r;
}

static int registry_store(const struct settings *s, const struct registry *registry, struct err *e)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	char path[PATHS_MAX];

	for (size_t i = 0; i < registry->count; i++)
		strbuf_printf(&text, "%u %s\n", registry->ranges[i].base, registry->ranges[i].name);
	/* Not synced: after a loss of power a range that the file forgot is still known by the
	 * owner of the layer that uses it (map_take_owners). */
	return io_replace_file(AT_FDCWD, paths_root(s, "ids", path), 0600, IO_VOLATILE,
			       strbuf_text(&text), text.length, e);
}

/* Directories that are being removed, or were left by a crash, keep their range too. */
static int map_take_owners(const struct settings *s, struct idrange_map *map, struct err *e)
{
	char path[PATHS_MAX];
	_cleanup_dir_ DIR *dir = opendir(paths_root(s, "machines", path));

	if (!dir)
		return errno == ENOENT ? 0 : err_sys(e, -errno, "open %s", path);
	for (;;) {
		char upper[sizeof(((struct dirent *)NULL)->d_name) + sizeof("/upper")];
		const struct dirent *entry;
		struct stat st;
		uint32_t base;

		errno = 0;
		entry = readdir(dir);
		if (!entry)
			return errno ? err_sys(e, -errno, "read %s", path) : 0;
		(void)snprintf(upper, sizeof(upper), "%s/upper", entry->d_name);
		if (fstatat(dirfd(dir), upper, &st, AT_SYMLINK_NOFOLLOW) < 0) {
			if (errno == ENOENT || errno == ENOTDIR)
				continue;
			return err_sys(e, -errno, "look at %s/%s", path, upper);
		}
		base = st.st_uid - st.st_uid % IDRANGE_COUNT;
		if (idrange_base_is_valid(base))
			idrange_map_take(map, base);
	}
}

static int map_make(const struct settings *s, const struct idrange_sources *sources,
		    struct idrange_map *map, struct err *e)
{
	_cleanup_registry_ struct registry registry = {.ranges = NULL};
	bool is_confined = false;
	int r = registry_load(s, &registry, e);

	if (r == 0)
		r = idrange_map_sources(map, sources, &is_confined, e);
	if (r == 0)
		r = map_take_owners(s, map, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < registry.count; i++)
		idrange_map_take(map, registry.ranges[i].base);
	return is_confined;
}

int idrange_choose_beside(const struct settings *s, const struct idrange_sources *sources,
			  uint32_t *ret_base, struct err *e)
{
	_cleanup_free_ struct idrange_map *map = calloc(1, sizeof(*map));
	int r;

	if (!map)
		abort();
	r = map_make(s, sources, map, e);
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < IDRANGE_SLOTS; i++) {
		if (!map->is_taken[i]) {
			*ret_base = IDRANGE_FIRST + i * IDRANGE_COUNT;
			return 0;
		}
	}
	if (r > 0)
		return err_set(
			e, ERR_HOST, -ENOSPC,
			"no free range of 65536 ids in bulkhead's lines of both %s and %s (within "
			"%u to %u, aligned to 65536): extend them or delete a machine",
			sources->subuid, sources->subgid, IDRANGE_FIRST,
			IDRANGE_LAST + IDRANGE_COUNT - 1);
	return err_set(
		e, ERR_HOST, -ENOSPC,
		"no free range of 65536 ids between %u and %u beside %s and %s: delete a machine, "
		"or remove unused lines there",
		IDRANGE_FIRST, IDRANGE_LAST + IDRANGE_COUNT - 1, sources->subuid, sources->subgid);
}

int idrange_choose(const struct settings *s, uint32_t *ret_base, struct err *e)
{
	static const struct idrange_sources etc = {"/etc/subuid", "/etc/subgid"};

	return idrange_choose_beside(s, &etc, ret_base, e);
}

int idrange_take(const struct settings *s, const char *name, uint32_t base, struct err *e)
{
	_cleanup_registry_ struct registry registry = {.ranges = NULL};
	struct range range = {.base = base};
	const struct range *same_name, *same_base;
	int r = registry_load(s, &registry, e);

	if (r < 0)
		return r;
	if (!idrange_base_is_valid(base))
		return err_set(
			e, ERR_INPUT, -EINVAL,
			"%s: id range base %u is not valid: a multiple of 65536 from %u to %u",
			name, base, IDRANGE_FIRST, IDRANGE_LAST);
	same_name = find_name(&registry, name);
	same_base = find_base(&registry, base);
	if (same_name && same_name == same_base)
		return 0;
	if (same_name || same_base)
		return err_set(e, ERR_HOST, -EEXIST,
			       "%s: id range %u: machine %s has range %u in %s/ids", name, base,
			       (same_base ? same_base : same_name)->name,
			       (same_base ? same_base : same_name)->base, s->root);
	(void)snprintf(range.name, sizeof(range.name), "%s", name);
	registry_add(&registry, &range);
	return registry_store(s, &registry, e);
}

int idrange_release(const struct settings *s, const char *name, struct err *e)
{
	_cleanup_registry_ struct registry registry = {.ranges = NULL};
	int r = registry_load(s, &registry, e);
	const struct range *range = find_name(&registry, name);
	size_t at;

	if (r < 0 || !range)
		return r;
	at = (size_t)(range - registry.ranges);
	registry.count--;
	memmove(&registry.ranges[at], &registry.ranges[at + 1],
		(registry.count - at) * sizeof(*registry.ranges));
	return registry_store(s, &registry, e);
}

int idrange_find(const struct settings *s, const char *name, uint32_t *ret_base, struct err *e)
{
	_cleanup_registry_ struct registry registry = {.ranges = NULL};
	const struct range *range;
	int r = registry_load(s, &registry, e);

	if (r < 0)
		return r;
	range = find_name(&registry, name);
	if (!range)
		return err_set(e, ERR_HOST, -ENOENT, "machine %s has no id range in %s/ids", name,
			       s->root);
	*ret_base = range->base;
	return 0;
}
