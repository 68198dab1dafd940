/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/unpack/syscalls.h"

#include <errno.h>
#include <seccomp.h>
#include <stddef.h>

static const int allowed[] = {
	/* files */
	SCMP_SYS(openat),
	SCMP_SYS(openat2),
	SCMP_SYS(open),
	SCMP_SYS(close),
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(readv),
	SCMP_SYS(writev),
	SCMP_SYS(pread64),
	SCMP_SYS(pwrite64),
	SCMP_SYS(lseek),
	SCMP_SYS(ftruncate),
	SCMP_SYS(fstat),
	SCMP_SYS(stat),
	SCMP_SYS(lstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(statx),
	SCMP_SYS(statfs),
	SCMP_SYS(fstatfs),
	SCMP_SYS(getdents64),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(chdir),
	SCMP_SYS(fchdir),
	SCMP_SYS(getcwd),
	SCMP_SYS(fcntl),
	SCMP_SYS(fadvise64),
	/* FIEMAP, for holes of files that are copied */
	SCMP_SYS(ioctl),
	/* new names */
	SCMP_SYS(mkdirat),
	SCMP_SYS(unlinkat),
	SCMP_SYS(symlinkat),
	SCMP_SYS(linkat),
	SCMP_SYS(mknodat),
	/* what they carry */
	SCMP_SYS(fchown),
	SCMP_SYS(fchownat),
	SCMP_SYS(fchmod),
	SCMP_SYS(utimensat),
	SCMP_SYS(fsetxattr),
	SCMP_SYS(listxattr),
	SCMP_SYS(llistxattr),
	SCMP_SYS(flistxattr),
	SCMP_SYS(getxattr),
	SCMP_SYS(lgetxattr),
	SCMP_SYS(fgetxattr),
	/* memory, time, the end */
	SCMP_SYS(brk),
	SCMP_SYS(mmap),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(mprotect),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(getrandom),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(tgkill),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(umask),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(select),
	SCMP_SYS(pselect6),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

int syscalls_restrict(struct err *e)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r = filter ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
		/* Calls that another architecture does not have. */
		if (r == -EDOM)
			r = 0;
	}
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r < 0 ? err_sys(e, r, "unpacker: list of system calls") : 0;
}
