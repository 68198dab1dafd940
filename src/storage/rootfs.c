/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/rootfs.h"

#include "base/cleanup.h"
#include "kernel/path.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

static bool look(int rootfs, const char *path, struct stat *ret)
{
	_cleanup_fd_ int fd = path_open(rootfs, path, O_PATH, 0);

	return fd >= 0 && fstat(fd, ret) == 0;
}

static bool is_program(int rootfs, const char *path, struct stat *ret)
{
	return look(rootfs, path, ret) && S_ISREG(ret->st_mode) && (ret->st_mode & 0111) != 0;
}

static bool is_directory(int rootfs, const char *path)
{
	struct stat st;

	return look(rootfs, path, &st) && S_ISDIR(st.st_mode);
}

/* /sbin/init is a link to the init that is in use. */
static bool is_same_as_any(int rootfs, const struct stat *init, const char *const *paths)
{
	for (; *paths; paths++) {
		struct stat st;

		if (is_program(rootfs, *paths, &st) && st.st_dev == init->st_dev &&
		    st.st_ino == init->st_ino)
			return true;
	}
	return false;
}

int rootfs_look(int rootfs, struct rootfs_facts *ret, struct err *e)
{
	static const char *const systemd[] = {"usr/lib/systemd/systemd", "lib/systemd/systemd",
					      NULL};
	/* Busybox's init manages a console, not a system: a shell is what people want of it. */
	static const char *const busybox[] = {"bin/busybox", "usr/bin/busybox", NULL};
	bool has_shell, has_init;
	struct stat init, shell;

	has_init =
		is_program(rootfs, "sbin/init", &init) && !is_same_as_any(rootfs, &init, busybox);
	has_shell = is_program(rootfs, "bin/sh", &shell);
	if (!has_init && !has_shell && !is_directory(rootfs, "usr/bin") &&
	    !is_directory(rootfs, "bin"))
		return err_set(e, ERR_INPUT, -ENOEXEC,
			       "not a root file system: it has no /sbin/init, /bin/sh, /bin or "
			       "/usr/bin; the archive's or directory's top must be the system's /");
	if (has_init)
		*ret = (struct rootfs_facts){.init = is_same_as_any(rootfs, &init, systemd)
							     ? SPEC_INIT_SYSTEMD
							     : SPEC_INIT_SYSV,
					     .command = "/sbin/init"};
	else
		*ret = (struct rootfs_facts){.init = SPEC_INIT_COMMAND,
					     .command = has_shell ? "/bin/sh" : NULL};
	return 0;
}
