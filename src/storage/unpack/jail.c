/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/unpack/jail.h"

#include "base/cleanup.h"
#include "kernel/capability.h"
#include "kernel/credentials.h"
#include "kernel/mount.h"
#include "storage/unpack/landlock.h"
#include "storage/unpack/syscalls.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define JAIL_SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define JAIL_SANITIZED 1
#endif
#ifndef JAIL_SANITIZED
#define JAIL_SANITIZED 0
#endif

#if JAIL_SANITIZED
/* The leak checker needs ptrace and /proc, which a jail does not give. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

#define BIT(capability) (UINT64_C(1) << (capability))

static const uint64_t harmless = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
static const uint64_t kept_capabilities = BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FOWNER) |
					  BIT(CAP_FSETID) | BIT(CAP_SETFCAP);

/*
 * A detached mount of just this directory, without what is mounted below it, in place of the
 * descriptor. open_tree(2) clones only what is in the caller's own mount namespace.
 */
static int isolate(int *fd, uint64_t attributes)
{
	int mount, r = mount_clone(*fd, "", AT_EMPTY_PATH, &mount);

	if (r < 0)
		return r;
	(void)fd_close(*fd);
	*fd = mount;
	return mount_set_attributes(*fd, attributes, 0, 0);
}

/* unshare(2) takes the working directory along: it is where the new root gets its place. */
static int leave_namespace(struct jail *jail)
{
	int r = fchdir(jail->target) < 0 ? -errno : 0;

	if (r == 0)
		r = isolate(&jail->target, harmless);
	if (r == 0 && jail->source >= 0)
		r = isolate(&jail->source, harmless | MOUNT_ATTR_RDONLY);
	if (r == 0 && unshare(CLONE_NEWNS) < 0)
		r = -errno;
	return r < 0 ? r : mount_set_propagation("/", MS_REC | MS_PRIVATE);
}

static int attach(int fd, int root, const char *name)
{
	if (mkdirat(root, name, 0700) < 0)
		return -errno;
	return mount_attach(fd, root, name);
}

static int change_root(struct jail *jail, struct err *e)
{
	static const struct mount_option options[] = {
		{.key = "size", .value = "64k", .fd = -EBADF},
		{.key = "nr_inodes", .value = "8", .fd = -EBADF},
		{.key = "mode", .value = "0700", .fd = -EBADF},
	};
	_cleanup_fd_ int root = -EBADF;
	int r;

	r = mount_make("tmpfs", options, sizeof(options) / sizeof(options[0]), harmless, &root, e);
	if (r < 0)
		return r;
	r = mount_attach(root, AT_FDCWD, ".");
	if (r == 0)
		r = attach(jail->target, root, "target");
	if (r == 0 && jail->source >= 0)
		r = attach(jail->source, root, "source");
	return r < 0 ? r : mount_switch_root(root);
}

static int set_limits(const struct jail *jail)
{
	const struct {
		__rlimit_resource_t resource;
		rlim_t value;
	} limits[] = {
		{RLIMIT_FSIZE, jail->file_bytes_max},
		{RLIMIT_CORE, 0},
		{RLIMIT_NOFILE, 256},
		/* The largest dictionary of xz is 64 MiB, zstd's window 128 MiB, names take the
		   rest. */
		{RLIMIT_AS, JAIL_SANITIZED ? RLIM_INFINITY : (rlim_t)2 << 30},
	};

	/* A file that is too large is an error of write(2), not the end of the process. */
	if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		return -errno;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct rlimit limit;

		if (getrlimit(limits[i].resource, &limit) < 0)
			return -errno;
		if (limits[i].value >= limit.rlim_max)
			continue;
		limit = (struct rlimit){limits[i].value, limits[i].value};
		if (setrlimit(limits[i].resource, &limit) < 0)
			return -errno;
	}
	return 0;
}

static int drop_privileges(const struct jail *jail, struct err *e)
{
	int r = capability_bound(kept_capabilities);

	if (r == 0)
		r = capability_set(kept_capabilities);
	if (r == 0)
		r = no_new_privs_set();
	if (r == 0)
		r = landlock_enter(jail->target, jail->source);
	if (r < 0)
		return err_sys(e, r, "unpacker: giving up privileges");
	return JAIL_SANITIZED ? 0 : syscalls_restrict(e);
}

int jail_enter(struct jail *jail, struct err *e)
{
	int r;

	(void)umask(0);
	r = leave_namespace(jail);
	if (r == 0)
		r = change_root(jail, e);
	if (r == 0)
		r = set_limits(jail);
	if (r < 0)
		return err_sys(e, r, "unpacker: a root of its own");
	return drop_privileges(jail, e);
}
