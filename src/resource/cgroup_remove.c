/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "resource/cgroup.h"
#include "resource/cgroup_file.h"
#include "resource/cgroup_kill.h"
#include "resource/cgroup_make.h"
#include "resource/cgroup_place.h"
#include "resource/cgroup_protection.h"
#include "resource/cgroup_walk.h"

#include <string.h>

static bool is_absent(int error)
{
	return error == -ENOENT || error == -ENODEV;
}

static int remove_directory(const char *directory)
{
	return rmdir(directory) == 0 || errno == ENOENT ? 0 : -errno;
}

static int busy(const char *directory, int at, struct err *e)
{
	char pids[128];

	return err_set(
		e, ERR_HOST, -EBUSY,
		"cgroup %s is still in use after %u s (processes: %s): end them and try again",
		directory, CGROUP_PATIENCE_USEC / 1000000,
		*cgroup_name_pids(at, pids, sizeof(pids)) ? pids : "none that is visible");
}

static int remove_by_force(const struct cgroup_place *p, const char *directory, struct err *e)
{
	_cleanup_fd_ int at = cgroup_directory_open(p->host, p->controller, p->path);
	struct cgroup_pause pause = cgroup_pause_start();
	int r;

	if (at < 0)
		return is_absent(at) ? 0 : err_sys(e, at, "open cgroup %s", directory);
	r = cgroup_kill(p->path, p->host, e);
	if (r < 0)
		return r;
	/* What is here and not in the hierarchy that kills, and what ends just now. */
	do {
		r = cgroup_kill_once(p->host, p->controller, at);
		if (r < 0 && !is_absent(r))
			return err_sys(e, r, "kill what is in cgroup %s", directory);
		r = cgroup_walk_remove(at);
		if (r < 0)
			return err_sys(e, r, "remove what is below cgroup %s", directory);
		r = remove_directory(directory);
	} while (r == -EBUSY && cgroup_pause(&pause));
	if (r == -EBUSY)
		return busy(directory, at, e);
	return r < 0 ? err_sys(e, r, "remove cgroup %s", directory) : 0;
}

/* The levels above, upwards, until one is in use by another machine or gone. */
static void remove_levels(const struct cgroup_place *p)
{
	char directory[CGROUP_DIRECTORY_MAX];
	char level[HOST_PATH_MAX];
	char *slash;

	(void)snprintf(level, sizeof(level), "%s", p->path);
	while ((slash = strrchr(level, '/'))) {
		*slash = '\0';
		if (rmdir(cgroup_directory(p->host, p->controller, level, directory)) < 0 &&
		    errno != ENOENT)
			return;
	}
}

int cgroup_remove(const struct cgroup_place *p, struct err *e)
{
	char directory[CGROUP_DIRECTORY_MAX];
	int r;

	if (cgroup_version_of(p->host, p->controller) == CGROUP_ABSENT)
		return 0;
	r = remove_directory(cgroup_directory(p->host, p->controller, p->path, directory));
	if (r == -EBUSY || r == -ENOTEMPTY)
		r = remove_by_force(p, directory, e);
	else if (r < 0)
		err_sys(e, r, "remove cgroup %s", directory);
	if (r < 0)
		return r;
	if (cgroup_same_hierarchy(p->host, p->controller, CGROUP_MEMORY))
		(void)cgroup_protection_lower(p->host, p->path);
	/* Slices are systemd's. */
	if (!cgroup_is_scoped(p->host, p->controller))
		remove_levels(p);
	return 0;
}
