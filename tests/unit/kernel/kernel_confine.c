/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities, credentials, keyrings, terminals, loopback, namespaces, events, systemd's absence.
 */
#include "kernel_test.h"

#include "base/cleanup.h"
#include "kernel/capability.h"
#include "kernel/credentials.h"
#include "kernel/loopback.h"
#include "kernel/process.h"
#include "kernel/process_events.h"
#include "kernel/pty.h"
#include "kernel/systemd.h"
#include "kernel/user_namespace.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static uint64_t status_number(const char *key, int base)
{
	char line[256];
	uint64_t value = UINT64_MAX;
	FILE *f = fopen("/proc/self/status", "re");

	CHILD_CHECK(f);
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, key, strlen(key)) == 0)
			value = strtoull(line + strlen(key), NULL, base);
	(void)fclose(f);
	return value;
}

#define BIT(c) (UINT64_C(1) << (c))

static void capability_body(void)
{
	uint64_t set = BIT(CAP_CHOWN) | BIT(CAP_SETUID) | BIT(CAP_SYSLOG);

	CHILD_CHECK(capability_bound(set) == 0);
	CHILD_CHECK(capability_set(set) == 0);
	CHILD_CHECK(status_number("CapBnd:", 16) == set);
	CHILD_CHECK(status_number("CapPrm:", 16) == set);
	CHILD_CHECK(status_number("CapEff:", 16) == set);
	CHILD_CHECK(status_number("CapInh:", 16) == 0);
	CHILD_CHECK(status_number("CapAmb:", 16) == 0);
	CHILD_CHECK(capability_set(BIT(CAP_SYS_ADMIN)) == -EPERM);
	CHILD_CHECK(capability_bound(0) == -EPERM);
}

static void test_capabilities(void **state)
{
	char text[16] = "";
	_cleanup_fd_ int fd = open("/proc/sys/kernel/cap_last_cap", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	assert_int_equal(capability_last(), atoi(text));
	SKIP_UNLESS_ROOT();
	assert_int_equal(run_in_child(capability_body), 0);
}

static void credentials_body(void)
{
	const uint32_t groups[] = {7, 8, 9};
	gid_t got[8];

	CHILD_CHECK(credentials_set(1234, 4321, groups, 3) == 0);
	CHILD_CHECK(getuid() == 1234 && geteuid() == 1234 && getgid() == 4321);
	CHILD_CHECK(getgroups(8, got) == 3 && got[2] == 9);
	/* The permitted set was kept, the effective one was not. */
	CHILD_CHECK(status_number("CapEff:", 16) == 0);
	CHILD_CHECK(capability_set(BIT(CAP_NET_RAW)) == 0);
	CHILD_CHECK(status_number("CapEff:", 16) == BIT(CAP_NET_RAW));
	CHILD_CHECK(setuid(0) < 0);
}

static void test_credentials(void **state)
{
	(void)state;
	SKIP_UNLESS_ROOT();
	assert_int_equal(run_in_child(credentials_body), 0);
}

static void keyring_body(void)
{
	char text[128] = "";
	long before = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
	int r = keyring_join("bulkhead-test");

	if (r == -ENOSYS || r == -EDQUOT)
		return;
	CHILD_CHECK(r == 0);
	CHILD_CHECK(syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, text,
			    sizeof(text)) > 0);
	CHILD_CHECK(strstr(text, "bulkhead-test"));
	CHILD_CHECK(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0) !=
		    before);
}

static void test_keyring(void **state)
{
	(void)state;
	assert_int_equal(run_in_child(keyring_body), 0);
}

static void seccomp_body(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_uname, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = 4, .filter = code};
	char buffer[400];

	CHILD_CHECK(no_new_privs_set() == 0);
	CHILD_CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	CHILD_CHECK(seccomp_install(&program) == 0);
	CHILD_CHECK(syscall(SYS_uname, buffer) < 0 && errno == EXDEV);
	program.len = 0;
	CHILD_CHECK(seccomp_install(&program) == -EINVAL);
}

static void test_seccomp(void **state)
{
	(void)state;
	assert_int_equal(run_in_child(seccomp_body), 0);
}

static void descriptors_body(void)
{
	CHILD_CHECK(dup2(0, 10) == 10 && dup2(0, 200) == 200);
	CHILD_CHECK(descriptors_close_on_exec(10) == 0);
	CHILD_CHECK(fcntl(10, F_GETFD) == FD_CLOEXEC);
	CHILD_CHECK(fcntl(200, F_GETFD) == FD_CLOEXEC);
	CHILD_CHECK(fcntl(2, F_GETFD) == 0);
}

static void test_descriptors(void **state)
{
	(void)state;
	assert_int_equal(run_in_child(descriptors_body), 0);
}

static bool loopback_is_up(void)
{
	struct ifreq request = {.ifr_name = "lo"};
	_cleanup_fd_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return ioctl(fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP);
}

static void loopback_body(void)
{
	CHILD_CHECK(unshare(CLONE_NEWNET) == 0);
	CHILD_CHECK(!loopback_is_up());
	CHILD_CHECK(loopback_up() == 0);
	CHILD_CHECK(loopback_is_up());
	CHILD_CHECK(loopback_up() == 0);
	CHILD_CHECK(credentials_set(65534, 65534, NULL, 0) == 0);
	CHILD_CHECK(loopback_up() == -EPERM);
}

static void test_loopback(void **state)
{
	(void)state;
	SKIP_UNLESS_ROOT();
	assert_int_equal(run_in_child(loopback_body), 0);
}

static void pty_body(void)
{
	_cleanup_fd_ int dev = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct winsize size;
	int master = -1, slave = -1;
	char text[16] = "", link[64];

	CHILD_CHECK(pty_open(dev, "null", &master, &slave) == -ENODEV);
	CHILD_CHECK(chdir("/") == 0);
	(void)snprintf(link, sizeof(link), "tmp/bulkhead-test-ptmx-%d", (int)getpid());
	CHILD_CHECK(symlink("/dev/pts/ptmx", link) == 0);
	CHILD_CHECK(pty_open(AT_FDCWD, link, &master, &slave) == -ELOOP);
	CHILD_CHECK(unlink(link) == 0);
	CHILD_CHECK(master == -1 && slave == -1);
	CHILD_CHECK(pty_open(dev, "pts/ptmx", &master, &slave) == 0);
	CHILD_CHECK(fcntl(master, F_GETFD) == FD_CLOEXEC && fcntl(slave, F_GETFD) == FD_CLOEXEC);
	CHILD_CHECK(pty_resize(master, 33, 99) == 0);
	CHILD_CHECK(ioctl(slave, TIOCGWINSZ, &size) == 0 && size.ws_row == 33 && size.ws_col == 99);
	CHILD_CHECK(pty_make_controlling(slave) == 0);
	CHILD_CHECK(fcntl(0, F_GETFD) == 0 && isatty(0) && isatty(1) && isatty(2));
	CHILD_CHECK(open("/dev/tty", O_RDWR | O_CLOEXEC) >= 0);
	CHILD_CHECK(tcgetpgrp(0) == getpid());
	CHILD_CHECK(write(1, "hello", 5) == 5);
	CHILD_CHECK(read(master, text, sizeof(text)) == 5 && memcmp(text, "hello", 5) == 0);
}

static void test_pty(void **state)
{
	(void)state;
	SKIP_UNLESS_ROOT();
	assert_int_equal(run_in_child(pty_body), 0);
}

static void namespace_body(void)
{
	_cleanup_fd_ int pidfd = -EBADF;
	_cleanup_fd_ int users = -EBADF;
	struct err e = ERR_INIT;
	char name[16], text[64] = "", path[64];
	int fd;
	pid_t pid = process_clone(CLONE_NEWUSER | CLONE_NEWUTS, -EBADF, &pidfd);

	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	CHILD_CHECK(user_namespace_write_map(pid, 600000, 1000, &e) == 0);
	(void)snprintf(path, sizeof(path), "/proc/%d/uid_map", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	CHILD_CHECK(read(fd, text, sizeof(text) - 1) > 0);
	CHILD_CHECK(strstr(text, "600000") && strstr(text, "1000\n"));
	/* A second map is refused, and says where. */
	CHILD_CHECK(user_namespace_write_map(pid, 600000, 1000, &e) == -EPERM);
	CHILD_CHECK(strstr(e.message, "uid_map"));
	CHILD_CHECK(user_namespace_open(pid, &users, &e) == 0);
	CHILD_CHECK(namespace_join(pidfd, CLONE_NEWUSER | CLONE_NEWUTS, &e) == 0);
	CHILD_CHECK(sethostname("bulkhead-test", 13) == 0);
	CHILD_CHECK(geteuid() == 65534);
	CHILD_CHECK(gethostname(name, sizeof(name)) == 0 && strcmp(name, "bulkhead-test") == 0);
	CHILD_CHECK(namespace_join(pidfd, CLONE_NEWUSER, &e) == -EINVAL);
	/* We may be gone before it asked for the signal of our death. */
	CHILD_CHECK(process_signal(pidfd, SIGKILL, &e) == 0);
}

static void test_namespaces(void **state)
{
	(void)state;
	SKIP_UNLESS_ROOT();
	assert_int_equal(run_in_child(namespace_body), 0);
}

static void test_user_namespace_alone(void **state)
{
	_cleanup_fd_ int users = -EBADF;
	struct err e = ERR_INIT;
	struct stat ours, its;

	(void)state;
	SKIP_UNLESS_ROOT();
	assert_int_equal(user_namespace_make(700000, 65536, &users, &e), 0);
	assert_int_equal(fstat(users, &its), 0);
	assert_int_equal(stat("/proc/self/ns/user", &ours), 0);
	assert_int_not_equal(ours.st_ino, its.st_ino);
	/* Its process is gone: we have no child. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void *end_at_once(void *data)
{
	return data;
}

/* A process with a second thread that ends before it: only the process must be reported. */
static pid_t start_threaded(int code)
{
	pid_t pid = fork();

	if (pid == 0) {
		pthread_t thread;

		(void)pthread_create(&thread, NULL, end_at_once, NULL);
		(void)pthread_join(thread, NULL);
		_exit(code);
	}
	return pid;
}

static void check_event(int fd, pid_t pid, int expected)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	pid_t got = 0;
	int status = -1;

	/* Other processes of this host end as well. */
	for (int i = 0; i < 1000 && got != pid; i++) {
		assert_int_equal(poll(&p, 1, 5000), 1);
		assert_int_equal(process_events_read(fd, &got, &status), 0);
	}
	assert_int_equal(got, pid);
	assert_int_equal(status, expected);
}

static void test_process_events(void **state)
{
	_cleanup_fd_ int fd = -EBADF;
	struct err e = ERR_INIT;
	pid_t pid;
	int status;

	(void)state;
	SKIP_UNLESS_ROOT();
	status = process_events_open(&fd, &e);
	if (status == -EOPNOTSUPP) {
		print_message("skipped: %s\n", e.message);
		skip();
	}
	assert_int_equal(status, 0);
	pid = start_threaded(3);
	check_event(fd, pid, 3 << 8);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	assert_int_equal(kill(pid, SIGTERM), 0);
	check_event(fd, pid, SIGTERM);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_no_systemd(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	if (systemd_is_running() || access("/run/dbus/system_bus_socket", F_OK) == 0) {
		print_message("skipped: there is a system bus here\n");
		skip();
	}
	assert_int_equal(
		systemd_scope_start("bulkhead-test.scope", "bulkhead.slice", "test", getpid(), &e),
		-ENOENT);
	assert_non_null(strstr(e.message, "system bus"));
	e = ERR_INIT;
	assert_int_equal(systemd_scope_stop("bulkhead-test.scope", &e), -ENOENT);
	assert_int_equal(e.kind, ERR_HOST);
}

static bool cgroup_has(pid_t pid, const char *word)
{
	char path[64], text[512] = "";
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	(void)!read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	return strstr(text, word) != NULL;
}

/* Where systemd runs (the virtual machine): a scope around a process of ours. */
static void test_systemd_scope(void **state)
{
	struct err e = ERR_INIT;
	int status = 0;
	pid_t pid;

	(void)state;
	SKIP_UNLESS_ROOT();
	if (!systemd_is_running()) {
		print_message("skipped: systemd does not run here\n");
		skip();
	}
	pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	if (systemd_scope_start("bulkhead-test.scope", "bulkheadtest.slice", "test", pid, &e) < 0)
		fail_msg("%s", e.message);
	assert_true(cgroup_has(pid, "/bulkheadtest.slice/bulkhead-test.scope"));
	/* Its name is taken now, and the bus says so. */
	assert_int_equal(
		systemd_scope_start("bulkhead-test.scope", "bulkheadtest.slice", "test", pid, &e),
		-EEXIST);
	assert_non_null(strstr(e.message, "bulkhead-test.scope"));
	e = ERR_INIT;
	if (systemd_scope_stop("bulkhead-test.scope", &e) < 0)
		fail_msg("%s", e.message);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	/* Once more: there is none. */
	assert_int_equal(systemd_scope_stop("bulkhead-test.scope", &e), 0);
	assert_int_equal(e.code, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_credentials),
		cmocka_unit_test(test_keyring),
		cmocka_unit_test(test_seccomp),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_pty),
		cmocka_unit_test(test_namespaces),
		cmocka_unit_test(test_user_namespace_alone),
		cmocka_unit_test(test_process_events),
		cmocka_unit_test(test_no_systemd),
		cmocka_unit_test(test_systemd_scope),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
