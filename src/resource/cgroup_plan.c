/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of a start, in every hierarchy: make, write the limits, then let the child in, so that
 * no process of a machine ever runs without its limits. On a systemd host the directory of the v2
 * hierarchy appears only with the child in it; the child still waits then.
 */
#include "base/units.h"
#include "resource/cgroup.h"
#include "resource/cgroup_backend.h"
#include "resource/cgroup_file.h"
#include "resource/cgroup_place.h"
#include "resource/cgroup_settings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BIT(c) (1u << (c))

static const struct cgroup_resource *const resources[] = {
	&cgroup_resource_cpu,
	&cgroup_resource_memory,
	&cgroup_resource_counts,
	&cgroup_resource_devices,
};

struct layout {
	struct plan *plan;
	const struct host *host;
	const char *path;
	uint32_t needed; /* BIT(controller) */
	uint64_t owner;	 /* uid that the subtree is delegated to; 0: nobody */
	bool running;	 /* the machine has its cgroups already */
};

/* Every hierarchy costs a directory and an attachment, so only what is used. */
static uint32_t needed_controllers(const struct spec *spec, const struct grant *grant,
				   const struct host *host)
{
	bool tree_v2 = cgroup_version_of(host, CGROUP_TREE) == CGROUP_V2;
	uint32_t wanted =
		BIT(CGROUP_CPU) | BIT(CGROUP_MEMORY) | BIT(CGROUP_PIDS) | BIT(CGROUP_TREE);
	uint32_t needed = 0;

	if (grant->cpu_pinned)
		wanted |= BIT(CGROUP_CPUSET);
	if (spec->idmap.count == 0)
		wanted |= BIT(CGROUP_DEVICES);
	/* The v2 hierarchy counts CPU time and freezes without any controller. */
	if (!tree_v2)
		wanted |= BIT(CGROUP_CPUACCT) | BIT(CGROUP_FREEZER);
	for (int c = 0; c < CGROUP_CONTROLLER_MAX; c++) {
		if ((wanted & BIT(c)) &&
		    cgroup_version_of(host, (enum cgroup_controller)c) != CGROUP_ABSENT)
			needed |= BIT(c);
	}
	return needed;
}

/* One controller speaks for each hierarchy: the last, so the tree where it is there. */
static bool is_leader(const struct layout *l, enum cgroup_controller c)
{
	if (!(l->needed & BIT(c)))
		return false;
	for (int other = (int)c + 1; other < CGROUP_CONTROLLER_MAX; other++) {
		if ((l->needed & BIT(other)) &&
		    cgroup_same_hierarchy(l->host, c, (enum cgroup_controller)other))
			return false;
	}
	return true;
}

/* What cgroup.subtree_control must name: "cpu memory pids"; "" for v1. */
static const char *enabled_controllers(const struct layout *l, char text[static HOST_PATH_MAX])
{
	static const uint32_t v2_controllers =
		BIT(CGROUP_CPU) | BIT(CGROUP_CPUSET) | BIT(CGROUP_MEMORY) | BIT(CGROUP_PIDS);
	size_t used = 0;

	text[0] = '\0';
	for (int c = 0; c < CGROUP_CONTROLLER_MAX; c++) {
		if (!(l->needed & v2_controllers & BIT(c)) ||
		    cgroup_version_of(l->host, (enum cgroup_controller)c) != CGROUP_V2)
			continue;
		used += (size_t)snprintf(text + used, HOST_PATH_MAX - used, "%s%s", used ? " " : "",
					 cgroup_controller_name((enum cgroup_controller)c));
	}
	return text;
}

static bool is_delegated(const struct layout *l, enum cgroup_controller c)
{
	return c == CGROUP_TREE || cgroup_version_of(l->host, c) == CGROUP_V2;
}

static void plan_make(const struct layout *l)
{
	char controllers[HOST_PATH_MAX];

	(void)enabled_controllers(l, controllers);
	/* The tree is last in the enumeration, so its undo is first: it kills in one write. */
	for (int i = 0; i < CGROUP_CONTROLLER_MAX; i++) {
		enum cgroup_controller c = (enum cgroup_controller)i;

		if (!is_leader(l, c) || cgroup_is_scoped(l->host, c))
			continue;
		PLAN_ADD(l->plan, OP_STAGE_HOST, OP_CGROUP_MAKE,
			 .subject = cgroup_controller_name(c), .value = l->path,
			 .name = cgroup_version_of(l->host, c) == CGROUP_V2 ? controllers : "",
			 .number = is_delegated(l, c) ? l->owner : 0);
	}
}

static void plan_scope(const struct layout *l, const struct settings *settings, const char *name)
{
	char controllers[HOST_PATH_MAX], unit[HOST_PATH_MAX], slice[HOST_PATH_MAX];

	if (!l->host->cgroups.systemd)
		return;
	PLAN_ADD(l->plan, OP_STAGE_PARENT, OP_SCOPE_START,
		 .subject = cgroup_unit(settings, name, unit),
		 .source = cgroup_slice(settings, slice), .value = l->path,
		 .name = enabled_controllers(l, controllers), .number = l->owner);
}

static void plan_write(const struct layout *l, enum cgroup_controller c, const char *file,
		       const char *value)
{
	bool later = cgroup_is_scoped(l->host, c) && !l->running;

	PLAN_ADD(l->plan, later ? OP_STAGE_PARENT : OP_STAGE_HOST, OP_CGROUP_WRITE,
		 .subject = cgroup_controller_name(c), .source = l->path, .name = file,
		 .value = value);
}

static void plan_weight(const struct layout *l, uint32_t weight_ppm)
{
	const struct cgroup_backend *backend;
	char value[16];

	if (!(l->needed & BIT(CGROUP_CPU)))
		return;
	backend = cgroup_backend_get(cgroup_version_of(l->host, CGROUP_CPU));
	(void)snprintf(value, sizeof(value), "%" PRIu32, backend->weight(weight_ppm));
	plan_write(l, CGROUP_CPU, backend->weight_file, value);
}

static const char *row_value(const struct cgroup_row *row, const struct grant *g,
			     const struct host *host, char value[static CGROUP_VALUE_MAX])
{
	if (!row->print)
		return row->constant;
	row->print(g, host, value);
	return value;
}

static void plan_row(const struct layout *l, const struct cgroup_row *row,
		     const struct cgroup_change *change)
{
	char old_text[CGROUP_VALUE_MAX], new_text[CGROUP_VALUE_MAX];
	const char *old = row->initial;
	const char *new;

	if (cgroup_version_of(l->host, row->controller) != row->version ||
	    !(l->needed & BIT(row->controller)) || (row->wanted && !row->wanted(change)))
		return;
	new = row_value(row, change->to, l->host, new_text);
	if (change->from)
		old = row_value(row, change->from, l->host, old_text);
	if (!old || strcmp(old, new) != 0)
		plan_write(l, row->controller, row->file, new);
}

static void plan_changes(const struct layout *l, const struct cgroup_change *change)
{
	for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++) {
		const struct cgroup_resource *r = resources[i];
		bool grows = change->from && r->grows(change->from, change->to);

		for (size_t n = 0; n < r->count; n++)
			plan_row(l, &r->rows[grows ? n : r->count - 1 - n], change);
	}
}

static void plan_enter(const struct layout *l)
{
	for (int i = 0; i < CGROUP_CONTROLLER_MAX; i++) {
		enum cgroup_controller c = (enum cgroup_controller)i;
		bool v2 = cgroup_version_of(l->host, c) == CGROUP_V2;

		if (!is_leader(l, c) || cgroup_is_scoped(l->host, c) ||
		    (v2 && cgroup_is_born_into(l->host)))
			continue;
		PLAN_ADD(l->plan, v2 ? OP_STAGE_PARENT : OP_STAGE_CHILD, OP_CGROUP_ENTER,
			 .subject = cgroup_controller_name(c), .value = l->path);
	}
}

int cgroup_plan(const struct spec *spec, const struct grant *grant, const struct host *host,
		const struct settings *settings, uint32_t weight_ppm, struct plan *plan,
		struct err *e)
{
	const struct cgroup_change change = {
		.to = grant, .host = host, .has_user_namespace = spec->idmap.count > 0};
	char path[HOST_PATH_MAX];
	const struct layout l = {
		.plan = plan,
		.host = host,
		.path = cgroup_path(settings, host, grant->name, path),
		.needed = needed_controllers(spec, grant, host),
		.owner = spec->idmap.count > 0 ? spec->idmap.base : 0,
	};

	if (l.needed == 0 && !host->cgroups.systemd)
		return err_set(e, ERR_HOST, -ENOENT,
			       "no cgroup hierarchy is mounted on this host: mount cgroup2 on "
			       "/sys/fs/cgroup");
	plan_make(&l);
	plan_scope(&l, settings, grant->name);
	plan_weight(&l, weight_ppm);
	plan_changes(&l, &change);
	plan_enter(&l);
	return 0;
}

int cgroup_plan_update(const struct grant *from, const struct grant *to, const struct host *host,
		       const struct settings *settings, struct plan *plan, struct err *e)
{
	const struct cgroup_change change = {
		.from = from, .to = to, .host = host, .has_user_namespace = true};
	char path[HOST_PATH_MAX];
	const struct layout l = {
		.plan = plan,
		.host = host,
		.path = cgroup_path(settings, host, to->name, path),
		.needed = UINT32_MAX,
		.running = true,
	};

	/* On v1 its processes would have to move into a cgroup that was never made. */
	if (to->cpu_pinned && !from->cpu_pinned &&
	    cgroup_version_of(host, CGROUP_CPUSET) == CGROUP_V1)
		return err_set(e, ERR_INPUT, -EBUSY,
			       "machine %s: cpu.cpus cannot be set while it runs, because it was "
			       "started without (cpuset is on cgroup v1): stop and start it",
			       to->name);
	plan_changes(&l, &change);
	return 0;
}
