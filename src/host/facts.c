/* SPDX-License-Identifier: Apache-2.0 */
#include "host/facts.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "base/strbuf.h"
#include "config/host_json.h"
#include "host/capacity.h"
#include "host/cgroups.h"
#include "host/kernel_features.h"
#include "kernel/systemd.h"
#include "model/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Raised when the meaning of a field or of a probe changes. */
#define FACTS_VERSION 1
/* Stolen time and limits above us change: the capacity is measured again after this time. */
#define CAPACITY_AGE_SEC 600
#define CGROUP_TEXT_MAX 65536
#define KEY_MAX 128

/* The first line of the cache. What is in it is the same for every process of a mount namespace. */
static int cache_key(const struct settings *settings, char key[static KEY_MAX], struct err *e)
{
	char boot[64];
	struct stat st, root;
	int r = io_read_small(AT_FDCWD, "/proc/sys/kernel/random/boot_id", boot, sizeof(boot), e);

	if (r < 0)
		return r;
	if (stat("/proc/self/ns/mnt", &st) < 0)
		return err_sys(e, -errno, "/proc/self/ns/mnt");
	/* Another file system there may not be idmapped as the last one was. */
	if (stat(settings->root, &root) < 0)
		root.st_dev = 0;
	(void)snprintf(key, KEY_MAX, "bulkhead-facts %d %s %ju %ju\n", FACTS_VERSION, boot,
		       (uintmax_t)st.st_ino, (uintmax_t)root.st_dev);
	return 0;
}

/* Whether the root of the v2 hierarchy here holds processes and is not the kernel's own root, which
 * is the only cgroup without a type. */
static bool holds_processes(int dirfd)
{
	char pids[16];

	if (faccessat(dirfd, "cgroup.type", F_OK, 0) < 0)
		return false;
	/* -EFBIG: more than fits, so not empty. */
	return io_read_small(dirfd, "cgroup.procs", pids, sizeof(pids), NULL) < 0 ||
	       pids[0] != '\0';
}

static void add_v2(struct host_cgroups *cgroups)
{
	const struct host_controller *tree = &cgroups->controller[CGROUP_TREE];
	char controllers[1024] = "", enabled[1024] = "", path[2 * HOST_PATH_MAX];
	struct cgroups_v2_state v2 = {.controllers = controllers, .subtree_control = enabled};
	_cleanup_fd_ int fd = -EBADF;

	if (tree->version != CGROUP_V2)
		return;
	(void)snprintf(path, sizeof(path), "%s/%s", tree->mount, tree->parent);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)io_read_small(fd, "cgroup.controllers", controllers, sizeof(controllers), NULL);
	(void)io_read_small(fd, "cgroup.subtree_control", enabled, sizeof(enabled), NULL);
	v2.holds_processes = holds_processes(fd);
	cgroups_add_v2(&v2, cgroups);
}

/* Where the root of a hierarchy is not ours to write (a delegated cgroup in a user namespace),
 * machines are made below our own cgroup. */
static void choose_parent(struct host_controller *c, const char own[static HOST_PATH_MAX])
{
	char path[2 * HOST_PATH_MAX];

	if (c->version == CGROUP_ABSENT || access(c->mount, W_OK) == 0)
		return;
	(void)snprintf(path, sizeof(path), "%s/%s", c->mount, own);
	if (access(path, W_OK) == 0)
		memcpy(c->parent, own, HOST_PATH_MAX);
}

static int read_layout(struct cgroups_layout *ret, struct err *e)
{
	_cleanup_free_ char *mountinfo = NULL;
	_cleanup_free_ char *own = NULL;
	size_t bytes;
	int r;

	r = io_read_file(AT_FDCWD, "/proc/self/mountinfo", CGROUPS_MOUNTINFO_MAX, &mountinfo,
			 &bytes, e);
	if (r < 0)
		return r;
	r = io_read_file(AT_FDCWD, "/proc/self/cgroup", CGROUP_TEXT_MAX, &own, &bytes, e);
	if (r < 0)
		return r;
	return cgroups_parse(mountinfo, own, ret, e);
}

/* The nearest directory that is there: the persistent root may not have been made yet. */
static void images_directory(const struct settings *settings, char path[static HOST_PATH_MAX])
{
	char *slash;

	(void)snprintf(path, HOST_PATH_MAX, "%s", settings ? settings->root : "/");
	while (access(path, F_OK) < 0 && (slash = strrchr(path, '/')) && slash != path)
		*slash = '\0';
	if (access(path, F_OK) < 0)
		memcpy(path, "/", 2);
}

static int measure(const struct settings *settings, struct host *ret_host, struct err *e)
{
	char images[HOST_PATH_MAX];
	struct kernel_probe probe = {.images = images};
	struct cgroups_layout layout;
	struct host host = {.cgroups = {.systemd = false}};
	int r = read_layout(&layout, e);

	if (r < 0)
		return r;
	for (int c = 0; c < CGROUP_CONTROLLER_MAX; c++)
		choose_parent(&layout.cgroups.controller[c], layout.own[c]);
	add_v2(&layout.cgroups);
	host.cgroups = layout.cgroups;
	host.cgroups.systemd = systemd_is_running();
	images_directory(settings, images);
	probe.own = layout.own[CGROUP_TREE];
	r = kernel_features_probe(&probe, &host.cgroups, &host.kernel, e);
	if (r < 0)
		return r;
	r = capacity_measure(&host.cgroups, &host.capacity, e);
	if (r == 0)
		*ret_host = host;
	return r;
}

enum cache_state { CACHE_NONE = 0, CACHE_OLD, CACHE_FRESH };

/* Anything that is wrong with the cache is as if there were none. */
static enum cache_state cache_read(const char *path, const char *key, struct host *ret_host)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char text[16384];
	size_t skip = strlen(key);
	struct timespec now;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_uid != geteuid())
		return CACHE_NONE;
	n = read(fd, text, sizeof(text));
	if (n <= (ssize_t)skip || n == sizeof(text) || memcmp(text, key, skip) != 0)
		return CACHE_NONE;
	if (host_json_parse(path, text + skip, (size_t)n - skip, ret_host, NULL) < 0)
		return CACHE_NONE;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec - st.st_mtim.tv_sec < CAPACITY_AGE_SEC && now.tv_sec >= st.st_mtim.tv_sec
		       ? CACHE_FRESH
		       : CACHE_OLD;
}

/* Nothing depends on it: one writer at a time, and who cannot write leaves it to the next. */
static void cache_write(const struct settings *settings, const char *key, const struct host *host)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	_cleanup_fd_ int run = open(settings->run, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (run < 0 || flock(run, LOCK_EX | LOCK_NB) < 0)
		return;
	strbuf_append(&text, key);
	host_json_print(host, &text);
	(void)io_replace_file(run, "facts", 0600, IO_VOLATILE, text.text, text.length, NULL);
}

/* Whether a CPU went on- or offline, or we were bound to others, since it was measured. */
static bool cpus_changed(const struct host_capacity *capacity)
{
	cpu_set_t now, both;

	if (sched_getaffinity(0, sizeof(now), &now) < 0)
		return true;
	CPU_AND(&both, &now, &capacity->cpus);
	return !CPU_EQUAL(&both, &capacity->cpus) || CPU_COUNT(&now) != CPU_COUNT(&capacity->cpus);
}

static int declared_apply(const struct settings *settings, struct host_capacity *capacity,
			  struct err *e)
{
	_cleanup_free_ char *text = NULL;
	char path[PATHS_MAX];
	size_t bytes;
	int r;

	(void)paths_root(settings, "capacity.ini", path);
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	r = io_read_file(AT_FDCWD, path, 65536, &text, &bytes, e);
	return r < 0 ? r : capacity_ini_apply(path, text, bytes, capacity, e);
}

static int cached(const struct settings *settings, struct host *ret_host, struct err *e)
{
	char key[KEY_MAX], path[PATHS_MAX];
	enum cache_state state;
	int r = cache_key(settings, key, e);

	if (r < 0)
		return r;
	state = cache_read(paths_run(settings, "facts", path), key, ret_host);
	if (state == CACHE_FRESH && !cpus_changed(&ret_host->capacity))
		return 0;
	if (state == CACHE_NONE)
		r = measure(settings, ret_host, e);
	else
		r = capacity_measure(&ret_host->cgroups, &ret_host->capacity, e);
	if (r == 0)
		cache_write(settings, key, ret_host);
	return r;
}

int host_facts_get(const struct settings *settings, struct host *ret_host, struct err *e)
{
	struct host host;
	int r;

	r = settings ? cached(settings, &host, e) : measure(NULL, &host, e);
	if (r == 0 && settings)
		r = declared_apply(settings, &host.capacity, e);
	if (r == 0)
		*ret_host = host;
	return r;
}
