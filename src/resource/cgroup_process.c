/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "resource/cgroup.h"
#include "resource/cgroup_backend.h"
#include "resource/cgroup_file.h"
#include "resource/cgroup_kill.h"
#include "resource/cgroup_walk.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define EXEC_LEAF "bulkhead-exec"

int cgroup_open_tree(const char *path, const struct host *host, int *ret_fd, struct err *e)
{
	int fd = cgroup_directory_open(host, CGROUP_TREE, path);

	if (fd < 0)
		return err_sys(e, fd, "open cgroup %s", path);
	*ret_fd = fd;
	return 0;
}

static int open_processes(const char *path, const struct host *host, enum cgroup_controller *ret_c)
{
	enum cgroup_controller c = cgroup_process_controller(host);

	*ret_c = c;
	return c == CGROUP_CONTROLLER_MAX ? -ENOENT : cgroup_directory_open(host, c, path);
}

int cgroup_foreach_pid(const char *path, const struct host *host,
		       int (*each)(pid_t pid, void *data), void *data, struct err *e)
{
	enum cgroup_controller c;
	_cleanup_fd_ int at = open_processes(path, host, &c);
	int r;

	if (at < 0)
		return err_sys(e, at, "open cgroup %s", path);
	r = cgroup_walk_pids(at, each, data);
	if (r == -ELOOP)
		return err_set(e, ERR_HOST, r,
			       "cgroup %s: what the machine made below is deeper "
			       "than %d levels",
			       path, CGROUP_DEPTH_MAX);
	return r;
}

/* v1 has no kill that is one step: without forks the rounds of signals come to an end. */
static void forbid_forks(const char *path, const struct host *host)
{
	_cleanup_fd_ int at = -EBADF;

	if (cgroup_version_of(host, CGROUP_PIDS) != CGROUP_V1)
		return;
	at = cgroup_directory_open(host, CGROUP_PIDS, path);
	if (at >= 0)
		(void)cgroup_file_write(at, "pids.max", "0");
}

/* The dying need CPU time, too, which a small limit may keep from them for seconds. */
static void lift_cpu_limit(const char *path, const struct host *host)
{
	bool v2 = cgroup_version_of(host, CGROUP_CPU) == CGROUP_V2;
	_cleanup_fd_ int at = cgroup_directory_open(host, CGROUP_CPU, path);

	if (at >= 0)
		(void)cgroup_file_write(at, v2 ? "cpu.max" : "cpu.cfs_quota_us", v2 ? "max" : "-1");
}

static enum cgroup_controller freezer_of(const struct host *host)
{
	return cgroup_version_of(host, CGROUP_TREE) == CGROUP_V2 ? CGROUP_TREE : CGROUP_FREEZER;
}

/* Frozen by the v1 freezer, a process does not even die. */
static void thaw_v1(const char *path, const struct host *host)
{
	_cleanup_fd_ int at = -EBADF;

	if (freezer_of(host) != CGROUP_FREEZER)
		return;
	at = cgroup_directory_open(host, CGROUP_FREEZER, path);
	if (at >= 0)
		(void)cgroup_backend_v1.freeze(at, false);
}

int cgroup_kill(const char *path, const struct host *host, struct err *e)
{
	enum cgroup_controller c;
	_cleanup_fd_ int at = open_processes(path, host, &c);
	struct cgroup_pause pause = cgroup_pause_start();
	char pids[128];
	int r;

	if (at < 0)
		return at == -ENOENT ? 0 : err_sys(e, at, "open cgroup %s", path);
	if (cgroup_is_empty(at) == 1)
		return 0;
	forbid_forks(path, host);
	for (int round = 0;; round++) {
		r = cgroup_kill_once(host, c, at);
		if (r < 0 && r != -ENODEV)
			return err_sys(e, r, "kill what is in cgroup %s", path);
		thaw_v1(path, host);
		if (cgroup_is_empty(at) == 1)
			return 0;
		if (round == 2)
			lift_cpu_limit(path, host);
		if (!cgroup_pause(&pause))
			break;
	}
	return err_set(
		e, ERR_HOST, -EBUSY,
		"cgroup %s: processes %s live on %u s after SIGKILL: the kernel holds them, look "
		"at /proc/PID/stack",
		path, cgroup_name_pids(at, pids, sizeof(pids)), CGROUP_PATIENCE_USEC / 1000000);
}

static int open_freezer(const char *path, const struct host *host,
			const struct cgroup_backend **ret_backend, struct err *e)
{
	enum cgroup_controller c = freezer_of(host);
	int at;

	if (cgroup_version_of(host, c) == CGROUP_ABSENT)
		return err_set(e, ERR_HOST, -EOPNOTSUPP,
			       "this host can freeze no cgroup: mount cgroup2 or the v1 freezer");
	*ret_backend = cgroup_backend_get(cgroup_version_of(host, c));
	at = cgroup_directory_open(host, c, path);
	return at < 0 ? err_sys(e, at, "open cgroup %s", path) : at;
}

int cgroup_frozen(const char *path, const struct host *host, bool *ret_frozen, struct err *e)
{
	const struct cgroup_backend *backend;
	_cleanup_fd_ int at = open_freezer(path, host, &backend, e);
	int r = at < 0 ? at : backend->is_frozen(at, ret_frozen);

	return r < 0 && at >= 0 ? err_sys(e, r, "ask whether cgroup %s is frozen", path) : r;
}

int cgroup_freeze(const char *path, const struct host *host, bool frozen, struct err *e)
{
	const struct cgroup_backend *backend;
	_cleanup_fd_ int at = open_freezer(path, host, &backend, e);
	struct cgroup_pause pause = cgroup_pause_start();
	bool is_frozen = !frozen;
	int r;

	if (at < 0)
		return at;
	do {
		/* Again each time: v1 may give up on a process that was being forked. */
		r = backend->freeze(at, frozen);
		if (r == 0)
			r = backend->is_frozen(at, &is_frozen);
		if (r < 0)
			return err_sys(e, r, "%s cgroup %s", frozen ? "freeze" : "thaw", path);
		if (is_frozen == frozen)
			return 0;
	} while (cgroup_pause(&pause));
	/* Half frozen is worse than running. */
	if (frozen)
		(void)backend->freeze(at, false);
	return err_set(e, ERR_HOST, -ETIMEDOUT,
		       "cgroup %s is not %s after %u s: a process waits in the kernel", path,
		       frozen ? "frozen" : "thawed", CGROUP_PATIENCE_USEC / 1000000);
}

/* cgroup-v2.rst, "No Internal Process Constraint": a leaf of our own, the machine's as well. */
static int join_leaf(int at, const char *pid)
{
	_cleanup_fd_ int leaf = -EBADF;
	struct stat owner;

	if (fstat(at, &owner) < 0)
		return -errno;
	if (mkdirat(at, EXEC_LEAF, 0755) < 0 && errno != EEXIST)
		return -errno;
	leaf = openat(at, EXEC_LEAF, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (leaf < 0)
		return -errno;
	if (fchown(leaf, owner.st_uid, owner.st_gid) < 0)
		return -errno;
	for (const char *const *file = cgroup_backend_v2.delegated; *file; file++)
		(void)fchownat(leaf, *file, owner.st_uid, owner.st_gid, AT_SYMLINK_NOFOLLOW);
	return cgroup_file_write(leaf, "cgroup.procs", pid);
}

static int join(const char *path, const struct host *host, enum cgroup_controller c, pid_t pid)
{
	_cleanup_fd_ int at = cgroup_directory_open(host, c, path);
	enum cgroup_version version = cgroup_version_of(host, c);
	char text[16];
	int r;

	if (at < 0)
		return at;
	(void)snprintf(text, sizeof(text), "%d", pid);
	r = cgroup_file_write(
		at, pid == 0 ? cgroup_backend_get(version)->join_file : "cgroup.procs", text);
	return r == -EBUSY && version == CGROUP_V2 ? join_leaf(at, text) : r;
}

static bool speaks(const struct host *host, enum cgroup_controller c)
{
	if (cgroup_version_of(host, c) == CGROUP_ABSENT)
		return false;
	for (int other = (int)c + 1; other < CGROUP_CONTROLLER_MAX; other++) {
		if (cgroup_same_hierarchy(host, c, (enum cgroup_controller)other))
			return false;
	}
	return true;
}

int cgroup_enter(const char *path, const struct host *host, pid_t pid, struct err *e)
{
	int entered = 0;

	for (int i = 0; i < CGROUP_CONTROLLER_MAX; i++) {
		enum cgroup_controller c = (enum cgroup_controller)i;
		int r;

		if (!speaks(host, c))
			continue;
		r = join(path, host, c, pid);
		if (r == -ENOENT)
			continue;
		if (r < 0)
			return err_sys(e, r, "enter cgroup %s of %s", path,
				       cgroup_controller_name(c));
		entered++;
	}
	if (entered == 0)
		return err_set(e, ERR_HOST, -ENOENT,
			       "cgroup %s does not exist: the machine has ended", path);
	return 0;
}
