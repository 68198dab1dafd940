/* SPDX-License-Identifier: Apache-2.0 */
#include "resource/cgroup_make.h"

#include "base/cleanup.h"
#include "resource/cgroup.h"
#include "resource/cgroup_backend.h"
#include "resource/cgroup_file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define TRIES_MAX 100

static const struct cgroup_backend *backend_of(const struct cgroup_place *p)
{
	return cgroup_backend_get(cgroup_version_of(p->host, p->controller));
}

static int fail(const struct cgroup_place *p, int r, const char *what, struct err *e)
{
	char directory[CGROUP_DIRECTORY_MAX];

	return err_sys(e, r, "%s cgroup %s", what,
		       cgroup_directory(p->host, p->controller, p->path, directory));
}

/* One level above the machine: there, open, ready to have children with all controllers. */
static int prepare_level(const struct cgroup_place *p, int parent, const char *name)
{
	const struct cgroup_backend *backend = backend_of(p);
	_cleanup_fd_ int level = -EBADF;
	char weight[16];
	bool is_new;
	int r;

	is_new = mkdirat(parent, name, 0755) == 0;
	if (!is_new && errno != EEXIST)
		return -errno;
	level = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (level < 0)
		return -errno;
	/* The machines together outweigh the host's other processes; later the governor decides by
	 * how much. No file: not enabled. */
	if (is_new && cgroup_same_hierarchy(p->host, p->controller, CGROUP_CPU)) {
		(void)snprintf(weight, sizeof(weight), "%" PRIu32,
			       backend->weight(cgroup_parent_weight(p->host)));
		r = cgroup_file_write(level, backend->weight_file, weight);
		if (r < 0 && r != -ENOENT)
			return r;
	}
	r = backend->prepare(level, parent, p->controllers ? p->controllers : "");
	return r < 0 ? r : TAKE_FD(level);
}

/* A directory that an earlier machine left behind is taken away when nothing is in it. */
static int make_leaf(const struct cgroup_place *p, int parent, const char *name)
{
	_cleanup_fd_ int leaf = -EBADF;
	int r;

	if (mkdirat(parent, name, 0755) < 0) {
		if (errno != EEXIST)
			return -errno;
		if (unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
			return -EEXIST;
		if (mkdirat(parent, name, 0755) < 0)
			return -errno;
	}
	if (!cgroup_same_hierarchy(p->host, p->controller, CGROUP_CPUSET))
		return 0;
	leaf = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	r = leaf < 0 ? -errno : backend_of(p)->prepare_leaf(leaf, parent);
	if (r < 0)
		(void)unlinkat(parent, name, AT_REMOVEDIR);
	return r;
}

/* Levels that have nothing of their own to set are there already, but for the first machine. */
static bool needs_levels(const struct cgroup_place *p)
{
	return (p->controllers && *p->controllers) ||
	       cgroup_same_hierarchy(p->host, p->controller, CGROUP_CPU) ||
	       cgroup_same_hierarchy(p->host, p->controller, CGROUP_CPUSET);
}

static int make_once(const struct cgroup_place *p, bool leaf)
{
	_cleanup_fd_ int at = cgroup_directory_open(p->host, p->controller, "");
	char path[HOST_PATH_MAX];
	char *name = path, *slash;
	int r;

	if (at < 0)
		return at;
	(void)snprintf(path, sizeof(path), "%s", p->path);
	r = backend_of(p)->prepare(at, -EBADF, p->controllers ? p->controllers : "");
	if (r < 0)
		return r;
	for (; (slash = strchr(name, '/')); name = slash + 1) {
		int below;

		*slash = '\0';
		below = prepare_level(p, at, name);
		if (below < 0)
			return below;
		fd_closep(&at);
		at = below;
	}
	return leaf ? make_leaf(p, at, name) : 0;
}

int cgroup_make_levels(const struct cgroup_place *p, bool leaf, struct err *e)
{
	char directory[CGROUP_DIRECTORY_MAX];
	int r = -ENOENT;

	(void)cgroup_directory(p->host, p->controller, p->path, directory);
	if (cgroup_version_of(p->host, p->controller) == CGROUP_ABSENT)
		return err_set(e, ERR_HOST, -ENOENT, "this host has no cgroup controller %s",
			       cgroup_controller_name(p->controller));
	/* The end of the last machine removes the parent under our hands: then once more. */
	if (leaf && !needs_levels(p) && mkdir(directory, 0755) == 0)
		return 0;
	for (int i = 0; i < TRIES_MAX && (r == -ENOENT || r == -ENODEV); i++)
		r = make_once(p, leaf);
	if (r == -EEXIST)
		return err_set(e, ERR_HOST, r,
			       "cgroup %s exists and is in use: another machine of that name runs, "
			       "or its processes must be ended first",
			       directory);
	if (r == -EBUSY)
		return err_set(
			e, ERR_HOST, r,
			"make cgroup %s: controllers '%s' cannot be enabled above it, because "
			"processes are in a cgroup there: move them into one of their own",
			directory, p->controllers ? p->controllers : "");
	return r < 0 ? fail(p, r, "make", e) : 0;
}

int cgroup_delegate(const struct cgroup_place *p, uint32_t uid, struct err *e)
{
	_cleanup_fd_ int at = cgroup_directory_open(p->host, p->controller, p->path);

	if (at < 0)
		return fail(p, at, "delegate", e);
	if (fchown(at, uid, uid) < 0)
		return fail(p, -errno, "delegate", e);
	for (const char *const *file = backend_of(p)->delegated; *file; file++) {
		if (fchownat(at, *file, uid, uid, AT_SYMLINK_NOFOLLOW) < 0 && errno != ENOENT)
			return fail(p, -errno, "delegate", e);
	}
	return 0;
}
