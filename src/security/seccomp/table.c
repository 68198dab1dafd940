/* SPDX-License-Identifier: Apache-2.0 */
#include "security/seccomp/table.h"

/* CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
#define CLONE_NAMESPACES UINT64_C(0x7e020000)

#define ADDRESS_FAMILY_VSOCK 40
#define SOCKETCALL_SOCKET 1

#define ALLOW(profiles_, reason_, calls_)                                               \
	{                                                                               \
		.profiles = (profiles_), .verdict = VERDICT_ALLOW, .reason = (reason_), \
		.calls = (calls_)                                                       \
	}
#define ALLOW_IF(profiles_, test_, argument_, value_, reason_, calls_)                             \
	{                                                                                          \
		.profiles = (profiles_), .verdict = VERDICT_ALLOW, .test = (test_),                \
		.argument = (argument_), .value = (value_), .reason = (reason_), .calls = (calls_) \
	}
#define ENOSYS_FOR(profiles_, reason_, calls_)                                           \
	{                                                                                \
		.profiles = (profiles_), .verdict = VERDICT_ENOSYS, .reason = (reason_), \
		.calls = (calls_)                                                        \
	}

const struct seccomp_row seccomp_rows[] = {
	ALLOW(PROFILE_BOTH, "files: open, read, write, close",
	      "open openat openat2 creat close close_range read write pread64 pwrite64 readv "
	      "writev "
	      "preadv pwritev preadv2 pwritev2 lseek _llseek sendfile sendfile64 splice tee "
	      "vmsplice "
	      "copy_file_range dup dup2 dup3 pipe pipe2 fcntl fcntl64 flock ioctl memfd_create "
	      "memfd_secret fadvise64 fadvise64_64 arm_fadvise64_64 readahead fallocate ftruncate "
	      "ftruncate64 truncate truncate64 ?cachestat"),
	ALLOW(PROFILE_BOTH, "files: names, attributes, directories",
	      "access faccessat faccessat2 chdir fchdir getcwd getdents getdents64 link linkat "
	      "mkdir "
	      "mkdirat readlink readlinkat rename renameat renameat2 rmdir symlink symlinkat "
	      "unlink "
	      "unlinkat umask stat stat64 lstat lstat64 fstat fstat64 fstatat64 newfstatat statx "
	      "statfs statfs64 fstatfs fstatfs64 chmod fchmod fchmodat ?fchmodat2 chown chown32 "
	      "fchown fchown32 lchown lchown32 fchownat utime utimes futimesat utimensat "
	      "utimensat_time64 name_to_handle_at"),
	ALLOW(PROFILE_BOTH, "files: nodes; devices are denied by the user namespace or CAP_MKNOD",
	      "mknod mknodat"),
	ALLOW(PROFILE_BOTH, "files: extended attributes",
	      "getxattr lgetxattr fgetxattr setxattr lsetxattr fsetxattr listxattr llistxattr "
	      "flistxattr removexattr lremovexattr fremovexattr"),
	ALLOW(PROFILE_BOTH, "files: to the disk",
	      "sync syncfs fsync fdatasync msync sync_file_range sync_file_range2 "
	      "arm_sync_file_range"),
	ALLOW(PROFILE_BOTH, "files: asynchronous input and output of the old kind",
	      "io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents "
	      "io_pgetevents_time64"),
	ALLOW(PROFILE_BOTH, "waiting for files",
	      "select _newselect pselect6 pselect6_time64 poll ppoll ppoll_time64 epoll_create "
	      "epoll_create1 epoll_ctl epoll_ctl_old epoll_wait epoll_wait_old epoll_pwait "
	      "epoll_pwait2 eventfd eventfd2 signalfd signalfd4 inotify_init inotify_init1 "
	      "inotify_add_watch inotify_rm_watch fanotify_mark"),
	ALLOW(PROFILE_BOTH, "memory",
	      "brk mmap mmap2 munmap mremap mprotect madvise mincore remap_file_pages mlock mlock2 "
	      "mlockall munlock munlockall membarrier pkey_alloc pkey_free pkey_mprotect "
	      "?map_shadow_stack ?mseal"),
	ALLOW(PROFILE_BOTH, "processes and threads",
	      "fork vfork execve execveat exit exit_group wait4 waitid waitpid getpid getppid "
	      "gettid "
	      "getpgid getpgrp setpgid getsid setsid set_tid_address set_robust_list "
	      "get_robust_list rseq futex futex_time64 futex_waitv ?futex_wake ?futex_wait "
	      "?futex_requeue pause restart_syscall prctl arch_prctl set_thread_area "
	      "get_thread_area set_tls breakpoint cacheflush riscv_flush_icache"),
	ALLOW_IF(PROFILE_DEFAULT, TEST_MASK_CLEAR, 0, CLONE_NAMESPACES,
		 "processes, but no namespaces: each is a large attack surface that a command does "
		 "not need",
		 "clone"),
	ENOSYS_FOR(PROFILE_DEFAULT,
		   "its flags are behind a pointer, where no filter sees them; libc falls back to "
		   "clone",
		   "clone3"),
	ALLOW(PROFILE_SYSTEM, "systemd confines its services by namespaces",
	      "clone clone3 unshare setns"),
	ALLOW(PROFILE_BOTH, "16-bit segments of Wine and dosemu", "modify_ldt"),
	ALLOW(PROFILE_BOTH, "signals; a pid namespace bounds whom they reach",
	      "kill tkill tgkill rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo "
	      "rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo "
	      "sigaltstack sigprocmask sigreturn sigaction sigpending sigsuspend signal pidfd_open "
	      "pidfd_send_signal"),
	ALLOW(PROFILE_BOTH, "scheduling, limits and accounting of the machine's own processes",
	      "sched_yield sched_getaffinity sched_setaffinity sched_getattr sched_setattr "
	      "sched_getparam sched_setparam sched_getscheduler sched_setscheduler "
	      "sched_get_priority_max sched_get_priority_min sched_rr_get_interval "
	      "sched_rr_get_interval_time64 getpriority setpriority ioprio_get ioprio_set "
	      "getrlimit "
	      "ugetrlimit setrlimit prlimit64 getrusage times getcpu sysinfo uname "
	      "process_mrelease"),
	ALLOW(PROFILE_BOTH,
	      "clocks and timers; setting a clock is not here, reading an adjustment is",
	      "time gettimeofday clock_gettime clock_gettime64 clock_getres clock_getres_time64 "
	      "clock_nanosleep clock_nanosleep_time64 nanosleep alarm getitimer setitimer "
	      "timer_create "
	      "timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime "
	      "timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime "
	      "timerfd_settime64 adjtimex clock_adjtime clock_adjtime64"),
	ALLOW(PROFILE_BOTH, "users, groups, capabilities: only down, or within the user namespace",
	      "getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 getgroups "
	      "getgroups32 getresuid getresuid32 getresgid getresgid32 setuid setuid32 setgid "
	      "setgid32 "
	      "setreuid setreuid32 setregid setregid32 setresuid setresuid32 setresgid setresgid32 "
	      "setgroups setgroups32 setfsuid setfsuid32 setfsgid setfsgid32 capget capset"),
	ALLOW(PROFILE_BOTH, "sockets in use",
	      "socketpair bind listen accept accept4 connect getsockname getpeername getsockopt "
	      "setsockopt send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg "
	      "recvmmsg_time64 shutdown"),
	ALLOW_IF(PROFILE_BOTH, TEST_NOT_EQUAL, 0, ADDRESS_FAMILY_VSOCK,
		 "sockets of every family but vsock, which is in no namespace and reaches the "
		 "hypervisor and other guests",
		 "socket"),
	ALLOW_IF(PROFILE_BOTH, TEST_NOT_EQUAL, 0, SOCKETCALL_SOCKET,
		 "32-bit programs of old; the family is behind a pointer, so they make sockets by "
		 "socket, which every 32-bit kernel has since 4.3",
		 "socketcall"),
	ALLOW(PROFILE_BOTH, "System V and POSIX queues, semaphores, memory: in the ipc namespace",
	      "ipc msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 "
	      "shmat "
	      "shmctl shmdt shmget mq_getsetattr mq_notify mq_open mq_timedreceive "
	      "mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink"),
	ALLOW(PROFILE_BOTH, "sandboxes of the machine's own: they only take away",
	      "seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self"),
	ALLOW(PROFILE_BOTH, "random numbers", "getrandom"),
	ALLOW(PROFILE_BOTH, "debuggers and crash handlers; since 4.8 ptrace(2) cannot pass seccomp",
	      "ptrace process_vm_readv process_vm_writev"),
	ALLOW(PROFILE_BOTH, "CAP_SYS_CHROOT is in the default set: sshd, chrony, bind", "chroot"),
	ALLOW_IF(PROFILE_BOTH, TEST_EQUAL, 0, 0x0, "PER_LINUX", "personality"),
	ALLOW_IF(PROFILE_BOTH, TEST_EQUAL, 0, 0x8, "PER_LINUX32", "personality"),
	ALLOW_IF(PROFILE_BOTH, TEST_EQUAL, 0, 0x20000, "UNAME26", "personality"),
	ALLOW_IF(PROFILE_BOTH, TEST_EQUAL, 0, 0x20008, "UNAME26 of PER_LINUX32", "personality"),
	ALLOW_IF(PROFILE_BOTH, TEST_EQUAL, 0, 0xffffffff, "only asks", "personality"),

	ALLOW(PROFILE_SYSTEM,
	      "mounting, by CAP_SYS_ADMIN of the machine's own user namespace: private /tmp, "
	      "read-only paths and tmpfs of services",
	      "mount umount umount2 pivot_root mount_setattr move_mount open_tree fsopen fsconfig "
	      "fsmount fspick ?statmount ?listmount"),
	ALLOW(PROFILE_SYSTEM, "the names of the machine's uts namespace",
	      "sethostname setdomainname"),
	ALLOW(PROFILE_SYSTEM, "ends the pid namespace: poweroff and reboot of the machine",
	      "reboot"),
	ALLOW(PROFILE_SYSTEM, "getty hangs up its terminal", "vhangup"),
	ALLOW(PROFILE_SYSTEM, "a watch on what the machine may read itself (5.13)",
	      "fanotify_init"),
	ALLOW(PROFILE_SYSTEM, "CAP_SYS_PTRACE in the machine's own user namespace",
	      "kcmp pidfd_getfd process_madvise"),
	ALLOW(PROFILE_SYSTEM, "CAP_SYS_NICE: NUMAPolicy= of services",
	      "get_mempolicy mbind set_mempolicy set_mempolicy_home_node"),
	ENOSYS_FOR(
		PROFILE_BOTH,
		"a kernel's worth of calls that pass by seccomp, and a history of holes; libraries "
		"fall back to epoll",
		"io_uring_setup io_uring_enter io_uring_register"),
};

const size_t seccomp_row_count = sizeof(seccomp_rows) / sizeof(seccomp_rows[0]);
