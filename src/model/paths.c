/* SPDX-License-Identifier: Apache-2.0 */
#include "model/paths.h"

#include "base/io.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define DEFAULT_ROOT "/var/lib/bulkhead"
#define DEFAULT_RUN "/run/bulkhead"
#define SOCKET_NAME "/keeper.sock"

/* What of sun_path is left for RUN itself. */
#define RUN_LENGTH_MAX (sizeof(((struct sockaddr_un *)NULL)->sun_path) - sizeof(SOCKET_NAME))

struct directory_option {
	const char *option;
	const char *variable;
	const char *fallback;
	size_t length_max;
};

static const struct directory_option root_option = {"--root", "BULKHEAD_ROOT", DEFAULT_ROOT,
						    HOST_PATH_MAX - 1};
static const struct directory_option run_option = {"--run", "BULKHEAD_RUN", DEFAULT_RUN,
						   RUN_LENGTH_MAX};

/*
 * Copies without doubled, trailing and "." components, so that one directory has one spelling and
 * therefore one parent cgroup. False when it does not fit or holds "..".
 */
static bool path_normalise(const char *path, char out[static HOST_PATH_MAX])
{
	size_t used = 0;

	while (*path) {
		size_t length = strcspn(path, "/");

		if (length == 2 && memcmp(path, "..", 2) == 0)
			return false;
		if (length > 0 && !(length == 1 && *path == '.')) {
			if (used + length + 2 > HOST_PATH_MAX)
				return false;
			out[used++] = '/';
			memcpy(out + used, path, length);
			used += length;
		}
		path += length;
		path += *path == '/';
	}
	out[used] = '\0';
	return used > 0;
}

static bool has_control_character(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return true;
	}
	return false;
}

static int directory_choose(const struct directory_option *option, const char *argument,
			    char out[static HOST_PATH_MAX], struct err *e)
{
	const char *variable = getenv(option->variable);
	const char *path = option->fallback;
	const char *from = option->option;

	if (argument) {
		path = argument;
	} else if (variable && *variable) {
		path = variable;
		from = option->variable;
	}
	if (path[0] != '/')
		return err_set(e, ERR_INPUT, -EINVAL, "%s '%.200s' must be an absolute path", from,
			       path);
	if (strlen(path) > option->length_max)
		return err_set(e, ERR_INPUT, -ENAMETOOLONG,
			       "%s '%.200s' is too long: at most %zu characters", from, path,
			       option->length_max);
	if (has_control_character(path) || !path_normalise(path, out))
		return err_set(e, ERR_INPUT, -EINVAL,
			       "%s '%.200s' is not valid: a directory other than '/', without '..'",
			       from, path);
	return 0;
}

/* FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint32_t hash(const char *s)
{
	uint32_t h = UINT32_C(2166136261);

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT32_C(16777619);
	return h;
}

int paths_settings(const char *root, const char *run, struct settings *ret, struct err *e)
{
	struct settings s = {.cgroup = "bulkhead"};
	int r = directory_choose(&root_option, root, s.root, e);

	if (r == 0)
		r = directory_choose(&run_option, run, s.run, e);
	if (r < 0)
		return r;
	if (strcmp(s.run, DEFAULT_RUN) != 0)
		(void)snprintf(s.cgroup, sizeof(s.cgroup), "bulkhead-%08x", hash(s.run));
	*ret = s;
	return 0;
}

/* Names are valid and files are ours, so what does not fit is a bug. */
__attribute__((format(printf, 2, 3))) static const char *path_print(char buffer[static PATHS_MAX],
								    const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(buffer, PATHS_MAX, format, args);
	va_end(args);
	assert(n > 0 && n < PATHS_MAX);
	return buffer;
}

#define SLASH_FILE(file) (file) ? "/" : "", (file) ? (file) : ""

const char *paths_machine(const struct settings *s, const char *name, const char *file,
			  char buffer[static PATHS_MAX])
{
	return path_print(buffer, "%s/machines/%s%s%s", s->root, name, SLASH_FILE(file));
}

const char *paths_image(const struct settings *s, const char *name, const char *file,
			char buffer[static PATHS_MAX])
{
	return path_print(buffer, "%s/images/%s%s%s", s->root, name, SLASH_FILE(file));
}

const char *paths_runtime(const struct settings *s, const char *name, const char *file,
			  char buffer[static PATHS_MAX])
{
	return path_print(buffer, "%s/machines/%s%s%s", s->run, name, SLASH_FILE(file));
}

const char *paths_root(const struct settings *s, const char *file, char buffer[static PATHS_MAX])
{
	return path_print(buffer, "%s%s%s", s->root, SLASH_FILE(file));
}

const char *paths_run(const struct settings *s, const char *file, char buffer[static PATHS_MAX])
{
	return path_print(buffer, "%s%s%s", s->run, SLASH_FILE(file));
}

static int tree_make(const char *top, mode_t mode, const char *const *children, struct err *e)
{
	char path[PATHS_MAX];
	int r = io_mkdir_parents(top, mode, e);

	for (; r == 0 && *children; children++) {
		/* No look at what is there already: this runs at every command. */
		if (mkdir(path_print(path, "%s/%s", top, *children), mode) < 0 && errno != EEXIST)
			r = err_sys(e, -errno, "make directory %s", path);
	}
	return r;
}

/* The last directories that are made: with them all others are there. */
static bool trees_exist(const struct settings *s)
{
	char root[PATHS_MAX], run[PATHS_MAX];

	return access(paths_root(s, "machines", root), F_OK) == 0 &&
	       access(paths_run(s, "machines", run), F_OK) == 0;
}

int paths_make(const struct settings *s, struct err *e)
{
	static const char *const below_root[] = {"images", "machines", NULL};
	static const char *const below_run[] = {"locks", "journal", "machines", NULL};
	int r;

	if (trees_exist(s))
		return 0;
	r = tree_make(s->root, 0711, below_root, e);
	return r < 0 ? r : tree_make(s->run, 0700, below_run, e);
}
