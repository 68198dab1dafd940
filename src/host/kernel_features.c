/* SPDX-License-Identifier: Apache-2.0 */
#include "host/kernel_features.h"

#include "base/cleanup.h"
#include "kernel/mount.h"
#include "kernel/process.h"
#include "kernel/user_namespace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <linux/version.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEADLINE_USEC UINT64_C(2000000)

static bool probe_exit_info(void)
{
	_cleanup_fd_ int pidfd = -EBADF;
	int status = -1;
	pid_t pid = process_clone(0, -EBADF, &pidfd);

	if (pid == 0)
		_exit(42);
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		return false;
	return process_exit_status(pidfd, pid, &status, NULL) == 0 && status == 42 << 8;
}

static bool probe_seccomp_notify(void)
{
	uint32_t action = SECCOMP_RET_USER_NOTIF;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

/* Lowering is free, raising again is what needs CAP_SYS_RESOURCE in the first user namespace. */
static bool probe_raise_rlimit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_max < 2)
		return false;
	limit.rlim_max--;
	if (limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return false;
	limit.rlim_max++;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static bool probe_time_namespace(void)
{
	return unshare(CLONE_NEWTIME) == 0;
}

/* Goes to a mount namespace of its own where /proc, which is there on every host, is a tmpfs with
 * two directories; over one of them lie the images, idmapped. */
static bool make_layers(const char *images, bool *ret_idmapped)
{
	static const struct mount_option size[] = {{.key = "size", .value = "64k"}};
	_cleanup_fd_ int users = -EBADF;
	_cleanup_fd_ int top = -EBADF;
	_cleanup_fd_ int lower = -EBADF;

	if (user_namespace_make(100000, 65536, &users, NULL) < 0)
		users = -EBADF;
	if (unshare(CLONE_NEWNS) < 0 || mount_set_propagation("/", MS_PRIVATE) < 0)
		return false;
	if (mount_make("tmpfs", size, 1, 0, &top, NULL) < 0 || mkdirat(top, "a", 0755) < 0 ||
	    mkdirat(top, "b", 0755) < 0 || mount_attach(top, AT_FDCWD, "/proc") < 0)
		return false;
	*ret_idmapped = users >= 0 && mount_clone(AT_FDCWD, images, 0, &lower) == 0 &&
			mount_idmap(lower, users, 0) == 0 &&
			mount_attach(lower, AT_FDCWD, "/proc/a") == 0;
	return true;
}

static bool probe_overlay(const char *lowerdir)
{
	const struct mount_option options[] = {{.key = "lowerdir", .value = lowerdir}};
	_cleanup_fd_ int fd = -EBADF;

	return mount_make("overlay", options, 1, 0, &fd, NULL) == 0;
}

static bool probe_overlay_fd(void)
{
	_cleanup_fd_ int context = fsopen("overlay", FSOPEN_CLOEXEC);
	_cleanup_fd_ int lower = open("/proc/b", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return context >= 0 && lower >= 0 &&
	       fsconfig(context, FSCONFIG_SET_FD, "lowerdir+", NULL, lower) == 0;
}

/* The child. `found` is shared with the parent: what was found stays if the rest takes too long. */
static _Noreturn void try_all(const char *images, volatile struct host_kernel *found)
{
	bool idmapped = false;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	found->seccomp_notify = probe_seccomp_notify();
	found->pidfd_exit_info = probe_exit_info();
	found->may_raise_rlimits = probe_raise_rlimit();
	if (make_layers(images, &idmapped)) {
		found->idmap_overlay = idmapped && probe_overlay("/proc/a:/proc/b");
		found->overlay_fd = probe_overlay_fd();
	}
	found->time_namespace = probe_time_namespace();
	_exit(0);
}

static int run_probe(const char *images, struct host_kernel *ret, struct err *e)
{
	_cleanup_fd_ int pidfd = -EBADF;
	struct host_kernel *shared;
	pid_t pid;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		return err_sys(e, -errno, "memory for probes");
	pid = process_clone(0, -EBADF, &pidfd);
	if (pid == 0)
		try_all(images, shared);
	if (pid > 0) {
		if (process_wait_end(pidfd, DEADLINE_USEC, NULL) < 0)
			(void)process_signal(pidfd, SIGKILL, NULL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		*ret = *shared;
	}
	(void)munmap(shared, sizeof(*shared));
	return pid < 0 ? err_sys(e, pid, "a process for probes") : 0;
}

static uint32_t kernel_release(void)
{
	struct utsname name;
	unsigned int a = 0, b = 0, c = 0;

	if (uname(&name) < 0)
		return 0;
	(void)sscanf(name.release, "%u.%u.%u", &a, &b, &c);
	return (uint32_t)KERNEL_VERSION(a, b, c);
}

/*
 * Whether cgroups of this hierarchy have `file`, which their root does not have: looks into any
 * that is there already, none is made. -ENOENT: there is no other cgroup, or none with `beside`.
 */
static int child_has(const struct host_controller *c, const char *beside, const char *file)
{
	_cleanup_dir_ DIR *d = c->version == CGROUP_V2 ? opendir(c->mount) : NULL;
	const struct dirent *entry;
	char path[HOST_PATH_MAX + 300];

	while (d && (entry = readdir(d))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%.255s/%s", entry->d_name, beside);
		if (faccessat(dirfd(d), path, F_OK, 0) < 0)
			continue;
		(void)snprintf(path, sizeof(path), "%.255s/%s", entry->d_name, file);
		return faccessat(dirfd(d), path, F_OK, 0) == 0;
	}
	return -ENOENT;
}

static bool parent_has(const struct host_controller *c, const char *file)
{
	char path[3 * HOST_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s/%s", c->mount, c->parent, file);
	return access(path, F_OK) == 0;
}

/* cgroup.kill and cpu.max.burst came with 5.14, without an option of the configuration. */
static bool v2_file(const struct host_controller *c, const char *beside, const char *file,
		    uint32_t release)
{
	int found = child_has(c, beside, file);

	return found >= 0 ? found > 0 : release >= KERNEL_VERSION(5, 14, 0);
}

static bool swap_is_limited(const struct host_controller *c)
{
	if (c->version == CGROUP_V1)
		return parent_has(c, "memory.memsw.limit_in_bytes");
	/* Without a cgroup to look at: the kernel can swap, so it counts. */
	if (c->version == CGROUP_V2)
		return child_has(c, "memory.max", "memory.swap.max") != 0 &&
		       access("/proc/swaps", F_OK) == 0;
	return false;
}

static bool burst_is_there(const struct host_controller *c, uint32_t release)
{
	if (c->version == CGROUP_V2)
		return v2_file(c, "cpu.max", "cpu.max.burst", release);
	return c->version == CGROUP_V1 && parent_has(c, "cpu.cfs_burst_us");
}

/* Into the cgroup that we are in already, so nothing moves. */
static bool probe_clone_into(const struct host_controller *tree, const char *own)
{
	char path[2 * HOST_PATH_MAX];
	_cleanup_fd_ int pidfd = -EBADF;
	_cleanup_fd_ int cgroup = -EBADF;
	pid_t pid;

	if (tree->version != CGROUP_V2)
		return false;
	(void)snprintf(path, sizeof(path), "%s/%s", tree->mount, own);
	cgroup = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroup < 0)
		return false;
	pid = process_clone(0, cgroup, &pidfd);
	if (pid == 0)
		_exit(0);
	return pid > 0 && waitpid(pid, NULL, 0) == pid;
}

int kernel_features_probe(const struct kernel_probe *probe, struct host_cgroups *cgroups,
			  struct host_kernel *ret, struct err *e)
{
	struct host_controller *tree = &cgroups->controller[CGROUP_TREE];
	struct host_kernel kernel = {.release = 0};
	int r = run_probe(probe->images, &kernel, e);

	if (r < 0)
		return r;
	kernel.release = kernel_release();
	kernel.memory_swap = swap_is_limited(&cgroups->controller[CGROUP_MEMORY]);
	kernel.cpu_burst = burst_is_there(&cgroups->controller[CGROUP_CPU], kernel.release);
	cgroups->can_kill = tree->version == CGROUP_V2 &&
			    v2_file(tree, "cgroup.procs", "cgroup.kill", kernel.release);
	cgroups->can_clone_into = probe_clone_into(tree, probe->own);
	*ret = kernel;
	return 0;
}
