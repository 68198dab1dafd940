/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor under a start: the namespaces, mounts and cgroups that a machine of Bulkhead gets, made
 * with the fewest system calls that do it, for one /bin/true; no definition, no admission, no
 * record, no capabilities, no filter, no error handling beyond abort. What Bulkhead costs above
 * this is Bulkhead's own.
 *
 *   floor ROOTFS WORKDIR BASE COMMAND...
 *
 * ROOTFS: an unpacked image; WORKDIR: a directory with an empty one, "root", in it; BASE: first of
 * 65536 ids.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NEW_TIME 0x80u

static void check(long r, const char *what)
{
	if (r < 0) {
		(void)fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
		_exit(1);
	}
}

#define DO(call) check((call), #call)

/* The hierarchies in which a machine gets a cgroup: v1 ones that are mounted, and the v2 tree. */
static const char *const v1[] = {"cpu", "memory", "pids"};
#define V1_COUNT (sizeof(v1) / sizeof(v1[0]))

static char v1_path[V1_COUNT][128];
static int v1_tasks[V1_COUNT];
static char tree_path[128];

static void make_cgroups(void)
{
	for (size_t i = 0; i < V1_COUNT; i++) {
		char file[192];

		(void)snprintf(v1_path[i], sizeof(v1_path[i]), "/sys/fs/cgroup/%s/floor-%d", v1[i],
			       (int)getpid());
		v1_tasks[i] = -1;
		if (mkdir(v1_path[i], 0755) < 0)
			continue;
		(void)snprintf(file, sizeof(file), "/sys/fs/cgroup/%s/floor-%d/cgroup.procs", v1[i],
			       (int)getpid());
		v1_tasks[i] = open(file, O_WRONLY | O_CLOEXEC);
	}
	(void)snprintf(tree_path, sizeof(tree_path), "/sys/fs/cgroup/%sfloor-%d",
		       access("/sys/fs/cgroup/unified", F_OK) == 0 ? "unified/" : "",
		       (int)getpid());
	DO(mkdir(tree_path, 0755));
}

static void remove_cgroups(void)
{
	for (size_t i = 0; i < V1_COUNT; i++) {
		if (v1_tasks[i] >= 0)
			DO(rmdir(v1_path[i]));
	}
	DO(rmdir(tree_path));
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	DO(fd);
	DO(write(fd, text, strlen(text)));
	(void)close(fd);
}

static void write_maps(pid_t pid, unsigned int base)
{
	char path[64], text[64];

	(void)snprintf(text, sizeof(text), "0 %u 65536", base);
	(void)snprintf(path, sizeof(path), "/proc/%d/uid_map", (int)pid);
	write_file(path, text);
	(void)snprintf(path, sizeof(path), "/proc/%d/gid_map", (int)pid);
	write_file(path, text);
}

/* An overlay of the image with the ids of the child, attached at WORKDIR/root. */
static void make_root(const char *rootfs, const char *work, pid_t child, unsigned int base)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP};
	char path[256];
	int lower, fs, root;

	DO(chdir(work));
	DO(mkdir("upper", 0755));
	DO(chown("upper", base, base));
	DO(mkdir("work", 0700));
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)child);
	attr.userns_fd = (__u64)open(path, O_RDONLY | O_CLOEXEC);
	lower = open_tree(AT_FDCWD, rootfs, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	DO(lower);
	DO(mount_setattr(lower, "", AT_EMPTY_PATH, &attr, sizeof(attr)));
	DO(move_mount(lower, "", AT_FDCWD, rootfs, MOVE_MOUNT_F_EMPTY_PATH));
	fs = fsopen("overlay", FSOPEN_CLOEXEC);
	DO(fs);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", lower);
	DO(fsconfig(fs, FSCONFIG_SET_STRING, "lowerdir", path, 0));
	DO(fsconfig(fs, FSCONFIG_SET_STRING, "upperdir", "upper", 0));
	DO(fsconfig(fs, FSCONFIG_SET_STRING, "workdir", "work", 0));
	DO(fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	root = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV);
	DO(root);
	DO(move_mount(root, "", AT_FDCWD, "root", MOVE_MOUNT_F_EMPTY_PATH));
}

static void remove_root(const char *work)
{
	DO(chdir(work));
	DO(rmdir("upper"));
	(void)rmdir("work/work");
	(void)rmdir("work/index");
	DO(rmdir("work"));
}

static void mount_at(const char *type, const char *where, unsigned long flags, const char *data)
{
	if (mount("none", where, type, flags, data) < 0)
		check(-1, where);
}

static void mount_dev(void)
{
	static const char *const nodes[] = {"null", "zero", "full", "random", "urandom", "tty"};
	char to[32], from[32];

	mount_at("tmpfs", "dev", MS_NOSUID | MS_NOEXEC, "mode=755,size=4m");
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		(void)snprintf(to, sizeof(to), "dev/%s", nodes[i]);
		(void)snprintf(from, sizeof(from), "/dev/%s", nodes[i]);
		DO(close(open(to, O_CREAT | O_WRONLY | O_CLOEXEC, 0644)));
		DO(mount(from, to, NULL, MS_BIND, NULL));
	}
	DO(symlink("pts/ptmx", "dev/ptmx"));
	DO(symlink("/proc/self/fd", "dev/fd"));
	DO(symlink("/proc/self/fd/0", "dev/stdin"));
	DO(symlink("/proc/self/fd/1", "dev/stdout"));
	DO(symlink("/proc/self/fd/2", "dev/stderr"));
	DO(symlink("/proc/kcore", "dev/core"));
	DO(mkdir("dev/pts", 0755));
	DO(mkdir("dev/shm", 0755));
	DO(mkdir("dev/mqueue", 0755));
	mount_at("devpts", "dev/pts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=620,ptmxmode=666");
	mount_at("tmpfs", "dev/shm", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=64m");
	mount_at("mqueue", "dev/mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

static void mount_cgroups(void)
{
	char where[64];

	mount_at("tmpfs", "sys/fs/cgroup", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755,size=64k");
	for (size_t i = 0; i < V1_COUNT; i++) {
		if (v1_tasks[i] < 0)
			continue;
		(void)snprintf(where, sizeof(where), "sys/fs/cgroup/%s", v1[i]);
		DO(mkdir(where, 0755));
		mount_at("cgroup", where, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, v1[i]);
	}
	DO(mkdir("sys/fs/cgroup/unified", 0755));
	mount_at("cgroup2", "sys/fs/cgroup/unified", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
		 NULL);
	DO(mount(NULL, "sys/fs/cgroup", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
}

static void hide(void)
{
	static const char *const masked[] = {"/proc/acpi",  "/proc/interrupts", "/proc/keys",
					     "/proc/kcore", "/proc/timer_list", "/sys/firmware"};
	static const char *const readonly[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
					       "/proc/sysrq-trigger"};
	struct stat st;

	for (size_t i = 0; i < sizeof(masked) / sizeof(masked[0]); i++) {
		if (stat(masked[i], &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode))
			mount_at("tmpfs", masked[i], MS_RDONLY, "size=4k");
		else
			DO(mount("/dev/null", masked[i], NULL, MS_BIND, NULL));
	}
	for (size_t i = 0; i < sizeof(readonly) / sizeof(readonly[0]); i++) {
		if (mount(readonly[i], readonly[i], NULL, MS_BIND | MS_REC, NULL) == 0)
			DO(mount(NULL, readonly[i], NULL,
				 MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV |
					 MS_NOEXEC,
				 NULL));
	}
}

static void loopback(void)
{
	struct ifreq request = {.ifr_flags = IFF_UP | IFF_RUNNING};
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)strcpy(request.ifr_name, "lo");
	DO(ioctl(s, SIOCSIFFLAGS, &request));
	(void)close(s);
}

static _Noreturn void child(const char *work, int go, char **argv)
{
	char byte;
	int root;

	DO(read(go, &byte, 1));
	for (size_t i = 0; i < V1_COUNT; i++) {
		if (v1_tasks[i] >= 0)
			DO(write(v1_tasks[i], "0", 1));
	}
	DO(unshare(CLONE_NEWCGROUP | CLONE_NEWNS));
	DO(chdir(work));
	root = open_tree(AT_FDCWD, "root", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	DO(root);
	DO(mount(NULL, "/", NULL, MS_PRIVATE, NULL));
	DO(move_mount(root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH));
	DO(fchdir(root));
	DO(syscall(SYS_setresgid, 0, 0, 0));
	DO(syscall(SYS_setresuid, 0, 0, 0));
	mount_at("proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	mount_at("sysfs", "sys", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL);
	mount_dev();
	mount_cgroups();
	DO(syscall(SYS_pivot_root, ".", "."));
	DO(umount2(".", MNT_DETACH));
	DO(chdir("/"));
	DO(sethostname("floor", 5));
	loopback();
	hide();
	(void)execv(argv[0], argv);
	_exit(127);
}

int main(int argc, char **argv)
{
	struct clone_args args = {
		.flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
			 NEW_TIME | CLONE_INTO_CGROUP,
		.exit_signal = SIGCHLD,
	};
	unsigned int base;
	int go[2], status;
	long pid;

	if (argc < 5) {
		(void)fprintf(stderr, "usage: floor ROOTFS WORKDIR BASE COMMAND...\n");
		return 2;
	}
	base = (unsigned int)strtoul(argv[3], NULL, 10);
	make_cgroups();
	DO(unshare(CLONE_NEWNS));
	DO(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	DO(pipe2(go, O_CLOEXEC));
	args.cgroup = (__u64)open(tree_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	pid = syscall(SYS_clone3, &args, sizeof(args));
	DO(pid);
	if (pid == 0)
		child(argv[2], go[0], &argv[4]);
	write_maps((pid_t)pid, base);
	make_root(argv[1], argv[2], (pid_t)pid, base);
	DO(write(go[1], "", 1));
	DO(waitpid((pid_t)pid, &status, 0));
	remove_cgroups();
	remove_root(argv[2]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
