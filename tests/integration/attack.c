/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attempts to get out of a machine, run inside one by security.bats; static, so that it runs in
 * any image. One name per call. Exit code 0: the attempt succeeded, which is the failure of the
 * test; 10: refused, with the errno's name on standard output; 2: no such attempt.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/kexec.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#define REFUSED 10

typedef int attempt_fn(const char *argument);

/* 0 when the call succeeded, else -errno. */
static int result(long r)
{
	return r < 0 ? -errno : 0;
}

static int write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : result(write(fd, text, strlen(text)));
}

/* The kernel would run this on the host at the next crash. */
static int core_pattern(const char *argument)
{
	(void)argument;
	return write_to("/proc/sys/kernel/core_pattern", "|/tmp/attack %P");
}

static int modprobe(const char *argument)
{
	(void)argument;
	return write_to("/proc/sys/kernel/modprobe", "/tmp/attack");
}

/* "h" prints a help text in the host's log, were it accepted. */
static int sysrq(const char *argument)
{
	(void)argument;
	return write_to("/proc/sysrq-trigger", "h");
}

static int uevent_helper(const char *argument)
{
	(void)argument;
	return write_to("/sys/kernel/uevent_helper", "/tmp/attack");
}

static int make_device(const char *argument)
{
	unsigned int major_number, minor_number;
	int fd;

	if (sscanf(argument, "%u:%u", &major_number, &minor_number) != 2)
		return -EINVAL;
	if (mknod("/tmp/disk", S_IFBLK | 0666, makedev(major_number, minor_number)) < 0)
		return -errno;
	fd = open("/tmp/disk", O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : 0;
}

/* A node that came with the image; first as it is, then after attempts to allow devices. */
static int open_device(const char *path)
{
	struct mount_attr attributes = {.attr_clr = MOUNT_ATTR_NODEV};
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		return 0;
	(void)mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL);
	(void)syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, &attributes, sizeof(attributes));
	(void)mkdir("/tmp/over", 0700);
	if (mount("/", "/tmp/over", NULL, MS_BIND, NULL) == 0) {
		(void)mount(NULL, "/tmp/over", NULL, MS_REMOUNT | MS_BIND, NULL);
		if (chdir("/tmp/over") == 0 && open(path + 1, O_RDONLY | O_CLOEXEC) >= 0)
			return 0;
	}
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0)
		(void)mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : 0;
}

static int mount_device(const char *path)
{
	(void)mkdir("/tmp/at", 0700);
	return result(mount(path, "/tmp/at", "ext4", 0, NULL));
}

/* The host's root directory is inode 2 of its file system, whoever asks. */
static int file_handle(const char *argument)
{
	struct {
		struct file_handle head;
		unsigned char inode[8];
	} handle = {.head = {.handle_bytes = 8, .handle_type = 1}, .inode = {2}};
	int mount_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)argument;
	return result(open_by_handle_at(mount_fd, &handle.head, O_RDONLY | O_CLOEXEC));
}

static int kexec(const char *argument)
{
	(void)argument;
	return result(syscall(SYS_kexec_load, 0UL, 0UL, NULL, 0UL));
}

static int module(const char *argument)
{
	(void)argument;
	return result(syscall(SYS_delete_module, "no_such_module_here", O_NONBLOCK)) == -ENOENT
		       ? 0
		       : -errno;
}

static int trace(const char *argument)
{
	return result(ptrace(PTRACE_ATTACH, (pid_t)atoi(argument), NULL, NULL));
}

static int kill_outside(const char *argument)
{
	return result(kill((pid_t)atoi(argument), 0));
}

/* Every way to the file that PID 1 was executed from. */
static int exe_overwrite(const char *path)
{
	struct mount_attr attributes = {.attr_clr = MOUNT_ATTR_RDONLY};
	char link[64];
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	int error = errno;

	if (fd >= 0)
		return 0;
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	(void)syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &attributes, sizeof(attributes));
	(void)mount(NULL, path, NULL, MS_REMOUNT | MS_BIND, NULL);
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	(void)fchmodat(AT_FDCWD, link, 0777, 0);
	if (open(link, O_WRONLY | O_CLOEXEC) >= 0 || open(link, O_RDWR | O_CLOEXEC) >= 0)
		return 0;
	return -error;
}

/* What a release agent names is run by the host's kernel, as root, in the first namespaces. */
static int release_agent(const char *controller)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "/sys/fs/cgroup/%s/release_agent", controller);
	if (write_to(path, "/tmp/attack") == 0)
		return 0;
	(void)mkdir("/tmp/cgroup", 0700);
	if (mount("none", "/tmp/cgroup", "cgroup", 0, controller) < 0)
		return -errno;
	return write_to("/tmp/cgroup/release_agent", "/tmp/attack");
}

/* A key that the host's root put into its own session keyring. */
static int host_key(const char *description)
{
	static const int rings[] = {KEY_SPEC_SESSION_KEYRING, KEY_SPEC_USER_KEYRING,
				    KEY_SPEC_USER_SESSION_KEYRING};
	long key = -1;

	for (size_t i = 0; i < sizeof(rings) / sizeof(rings[0]) && key < 0; i++)
		key = syscall(SYS_keyctl, KEYCTL_SEARCH, rings[i], "user", description, 0);
	return result(key);
}

static int read_key(const char *number)
{
	char payload[64];

	return result(syscall(SYS_keyctl, KEYCTL_READ, atoi(number), payload, sizeof(payload), 0));
}

/* For the test, on the host: a script in a session that possesses a key, whose number is $KEY. */
static int with_key(const char *script)
{
	char number[32];
	long key;

	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0)
		return -errno;
	key = syscall(SYS_add_key, "user", "bulkhead-test-key", "secret", 6UL,
		      KEY_SPEC_SESSION_KEYRING);
	if (key < 0)
		return -errno;
	(void)snprintf(number, sizeof(number), "%ld", key);
	(void)setenv("KEY", number, 1);
	return result(execl("/bin/sh", "sh", "-c", script, NULL));
}

static int new_user_namespace(const char *argument)
{
	(void)argument;
	return result(unshare(CLONE_NEWUSER | CLONE_NEWNS));
}

/* The kernel's files without what is masked: a new proc, or the mask taken away. */
static int unmask(const char *path)
{
	struct stat st;

	(void)umount2(path, MNT_DETACH);
	(void)mkdir("/tmp/proc", 0700);
	(void)mount("proc", "/tmp/proc", "proc", 0, NULL);
	if (stat(path, &st) < 0)
		return -errno;
	return write_to(path, "h");
}

static int old_root(const char *marker)
{
	static const char *const ways[] = {"/..", "/proc/1/root", "/proc/self/root/..",
					   "/proc/1/cwd"};
	char path[512];
	struct stat st;

	(void)mkdir("/tmp/jail", 0700);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", ways[i], marker);
		if (stat(path, &st) == 0)
			return 0;
	}
	/* The classic: a chroot below the current directory, and then up and up. */
	if (chroot("/tmp/jail") < 0)
		return -errno;
	for (int i = 0; i < 64; i++)
		(void)!chdir("..");
	(void)!chroot(".");
	return result(stat(marker, &st));
}

/* Where the old root was unmounted from: over the new one. */
static int unmount_root(const char *marker)
{
	struct stat st;

	(void)umount2("/", MNT_DETACH);
	(void)!chdir("/..");
	return result(stat(marker, &st));
}

static int vsock(const char *argument)
{
	(void)argument;
	return result(socket(40, SOCK_STREAM, 0));
}

static int bpf(const char *argument)
{
	union bpf_attr attributes;

	(void)argument;
	memset(&attributes, 0, sizeof(attributes));
	attributes.map_type = BPF_MAP_TYPE_ARRAY;
	attributes.key_size = attributes.value_size = 4;
	attributes.max_entries = 1;
	return result(syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof(attributes)));
}

static int perf(const char *argument)
{
	struct perf_event_attr attributes = {.type = PERF_TYPE_SOFTWARE,
					     .size = sizeof(attributes),
					     .config = PERF_COUNT_SW_CPU_CLOCK};

	(void)argument;
	return result(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
}

static int set_clock(const char *argument)
{
	struct timespec now;

	(void)argument;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return result(clock_settime(CLOCK_REALTIME, &now));
}

static int kernel_log(const char *argument)
{
	char text[256];

	(void)argument;
	return result(klogctl(3, text, sizeof(text)));
}

static int io_ports(const char *argument)
{
	(void)argument;
	return write_to("/dev/port", "x") == 0 ? 0 : result(syscall(SYS_iopl, 3));
}

/* More than the bounding set, by a set-user-id program's or our own hand. */
static int capability(const char *number)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{0}};
	unsigned int n = (unsigned int)atoi(number);

	data[n / 32].effective = data[n / 32].permitted = 1u << (n % 32);
	return result(syscall(SYS_capset, &header, data));
}

/* A terminal of somebody else: characters pushed into it would be typed there. */
static int other_terminal(const char *path)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);

	return fd < 0 ? -errno : 0;
}

static const struct {
	const char *name;
	attempt_fn *attempt;
} attempts[] = {
	{"core-pattern", core_pattern},
	{"modprobe", modprobe},
	{"sysrq", sysrq},
	{"uevent-helper", uevent_helper},
	{"make-device", make_device},
	{"open-device", open_device},
	{"mount-device", mount_device},
	{"file-handle", file_handle},
	{"kexec", kexec},
	{"module", module},
	{"trace", trace},
	{"kill", kill_outside},
	{"exe-overwrite", exe_overwrite},
	{"release-agent", release_agent},
	{"host-key", host_key},
	{"read-key", read_key},
	{"with-key", with_key},
	{"user-namespace", new_user_namespace},
	{"unmask", unmask},
	{"old-root", old_root},
	{"unmount-root", unmount_root},
	{"vsock", vsock},
	{"bpf", bpf},
	{"perf", perf},
	{"clock", set_clock},
	{"kernel-log", kernel_log},
	{"io-ports", io_ports},
	{"capability", capability},
	{"terminal", other_terminal},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		int r;

		if (strcmp(attempts[i].name, argv[1]) != 0)
			continue;
		r = attempts[i].attempt(argc > 2 ? argv[2] : "");
		printf("%s %s: %s\n", argv[1], argc > 2 ? argv[2] : "",
		       r == 0 ? "SUCCEEDED" : strerrorname_np(-r));
		return r == 0 ? 0 : REFUSED;
	}
	(void)fprintf(stderr, "attack: no such attempt\n");
	return 2;
}
