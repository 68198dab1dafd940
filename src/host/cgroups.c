/* SPDX-License-Identifier: Apache-2.0 */
#include "host/cgroups.h"

#include "base/cleanup.h"
#include "host/mountinfo.h"

#include <errno.h>
#include <string.h>

/* The names of v1 (in the mount's options) and of v2 (in cgroup.controllers). */
struct controller_row {
	enum cgroup_controller controller;
	const char *v1;
	const char *v2; /* NULL: no controller there, but part of every cgroup */
};

static const struct controller_row rows[] = {
	{CGROUP_CPU, "cpu", "cpu"},	     {CGROUP_CPUACCT, "cpuacct", NULL},
	{CGROUP_CPUSET, "cpuset", "cpuset"}, {CGROUP_MEMORY, "memory", "memory"},
	{CGROUP_PIDS, "pids", "pids"},	     {CGROUP_DEVICES, "devices", NULL},
	{CGROUP_FREEZER, "freezer", NULL},   {CGROUP_IO, "blkio", "io"},
	{CGROUP_TREE, "name=systemd", NULL},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* Whether `word` stands in `list`, whose words end at any of `separators`. */
static bool list_has(const char *list, const char *separators, const char *word)
{
	size_t length = strlen(word);

	while (*list) {
		size_t n = strcspn(list, separators);

		if (n == length && memcmp(list, word, n) == 0)
			return true;
		list += n;
		list += strspn(list, separators);
	}
	return false;
}

/* The path of our cgroup in the hierarchy that has `name` ("" for v2); NULL: we are in none. */
static const char *own_path(const char *own, const char *name, size_t *ret_length)
{
	for (const char *line = own; *line;) {
		const char *end = line + strcspn(line, "\n");
		const char *list = memchr(line, ':', (size_t)(end - line));
		const char *path = list ? memchr(list + 1, ':', (size_t)(end - list - 1)) : NULL;
		char names[128];

		if (path && (size_t)(path - list - 1) < sizeof(names)) {
			memcpy(names, list + 1, (size_t)(path - list - 1));
			names[path - list - 1] = '\0';
			if (*name ? list_has(names, ",", name) : names[0] == '\0') {
				*ret_length = (size_t)(end - path - 1);
				return path + 1;
			}
		}
		line = *end ? end + 1 : end;
	}
	return NULL;
}

/* Our cgroup below the mount: its path without the mount's root. Outside of it: "". */
static void set_own(const char *own, const char *name, const char *root,
		    char result[static HOST_PATH_MAX])
{
	size_t length = 0, skip = strlen(root);
	const char *path = own_path(own, name, &length);

	result[0] = '\0';
	if (strcmp(root, "/") == 0)
		skip = 0;
	if (!path || length < skip || memcmp(path, root, skip) != 0 ||
	    (length > skip && path[skip] != '/'))
		return;
	path += skip;
	length -= skip;
	while (length > 0 && *path == '/') {
		path++;
		length--;
	}
	if (length >= HOST_PATH_MAX)
		return;
	memcpy(result, path, length);
	result[length] = '\0';
}

/* Of several mounts of a hierarchy the first with the shortest root is taken: it shows the most. */
static const struct mountinfo_line *find_mount(const struct mountinfo *m, const char *type,
					       const char *option)
{
	const struct mountinfo_line *best = NULL;

	for (size_t i = 0; i < m->count; i++) {
		const struct mountinfo_line *l = &m->lines[i];

		if (strcmp(l->type, type) != 0 || (option && !list_has(l->super, ",", option)))
			continue;
		if (list_has(l->options, ",", "ro") || list_has(l->super, ",", "ro") ||
		    strlen(l->point) >= HOST_PATH_MAX || mountinfo_is_covered(m, l))
			continue;
		if (!best || strlen(l->root) < strlen(best->root))
			best = l;
	}
	return best;
}

static void set_controller(struct cgroups_layout *layout, enum cgroup_controller c,
			   enum cgroup_version version, const struct mountinfo_line *l)
{
	struct host_controller *to = &layout->cgroups.controller[c];

	to->version = version;
	memcpy(to->mount, l->point, strlen(l->point) + 1);
}

int cgroups_parse(const char *mountinfo, const char *own, struct cgroups_layout *ret, struct err *e)
{
	_cleanup_mountinfo_ struct mountinfo m = MOUNTINFO_INIT;
	struct cgroups_layout layout = {.own = {{0}}};
	const struct mountinfo_line *unified;
	int r = mountinfo_parse(mountinfo, &m, e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < ROWS; i++) {
		enum cgroup_controller c = rows[i].controller;
		const struct mountinfo_line *l = find_mount(&m, "cgroup", rows[i].v1);

		if (!l)
			continue;
		set_controller(&layout, c, CGROUP_V1, l);
		set_own(own, rows[i].v1, l->root, layout.own[c]);
	}
	unified = find_mount(&m, "cgroup2", NULL);
	if (unified) {
		set_controller(&layout, CGROUP_TREE, CGROUP_V2, unified);
		set_own(own, "", unified->root, layout.own[CGROUP_TREE]);
	}
	*ret = layout;
	return 0;
}

void cgroups_add_v2(const struct cgroups_v2_state *v2, struct host_cgroups *cgroups)
{
	const struct host_controller *tree = &cgroups->controller[CGROUP_TREE];

	if (tree->version != CGROUP_V2)
		return;
	for (size_t i = 0; i < ROWS; i++) {
		struct host_controller *c = &cgroups->controller[rows[i].controller];
		const char *name = rows[i].v2;

		if (c->version != CGROUP_ABSENT)
			continue;
		if (name && !list_has(v2->controllers, " \n", name))
			continue;
		if (name && v2->holds_processes && !list_has(v2->subtree_control, " \n", name))
			continue;
		*c = *tree;
	}
}
