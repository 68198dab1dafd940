/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bulkhead-init: PID 1 of machines that bring none. It runs the command that its arguments are,
 * reaps everything, passes signals on, and ends as the command did: its exit code, 128+N when
 * signal N killed it, 126 or 127 when it could not be executed.
 *
 * It is the leader of its session, and the command the foreground process group of the terminal if
 * there is one: keys reach the command alone, and a hang-up of the terminal reaches only this
 * process, which takes no notice. So a console may come and go.
 *
 * There is one for every machine, all the time, so it has no libc: a few pages of stack are all
 * that it owns. No handlers: all signals are blocked and taken one by one.
 */
#include "init/arch.h"

#include <asm/ioctls.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/prctl.h>
#include <linux/wait.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PATH_BYTES_MAX 4096
#define SIGNAL_LAST 64
#define CODE_NOT_EXECUTABLE 126
#define CODE_NOT_FOUND 127
#define CODE_SIGNAL 128
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

#define SIGNAL_BIT(n) (UINT64_C(1) << ((n)-1))
/* Those that this process raises by its own faults; never passed on, and not blocked. */
#define FAULTS                                                                                \
	(SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGBUS) | SIGNAL_BIT(SIGFPE) | SIGNAL_BIT(SIGILL) | \
	 SIGNAL_BIT(SIGSYS))

/* rt_sigaction(2) as the kernel takes it; all zero is SIG_DFL. */
struct kernel_action {
	uintptr_t handler;
	unsigned long flags;
	uintptr_t restorer;
	uint64_t mask;
};

_Noreturn void init_main(long *stack);

static long address(const void *p)
{
	return (long)(uintptr_t)p;
}

static size_t length_of(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

static bool has_slash(const char *s)
{
	for (; *s; s++) {
		if (*s == '/')
			return true;
	}
	return false;
}

static void complain(const char *command, const char *what)
{
	static const char self[] = "bulkhead-init: ";
	static const char colon[] = ": ";

	(void)system_call(__NR_write, 2, address(self), (long)sizeof(self) - 1, 0);
	(void)system_call(__NR_write, 2, address(command), (long)length_of(command), 0);
	(void)system_call(__NR_write, 2, address(colon), (long)sizeof(colon) - 1, 0);
	(void)system_call(__NR_write, 2, address(what), (long)length_of(what), 0);
}

static _Noreturn void quit(int code)
{
	for (;;)
		(void)system_call(__NR_exit_group, code, 0, 0, 0);
}

static long execute(const char *file, char **argv, char **env)
{
	return system_call(__NR_execve, address(file), address(argv), address(env), 0);
}

static const char *search_path(char **env)
{
	static const char key[] = "PATH=";

	for (; *env; env++) {
		size_t i = 0;

		while (key[i] && (*env)[i] == key[i])
			i++;
		if (!key[i])
			return *env + i;
	}
	return DEFAULT_PATH;
}

/* directory/name; false when it does not fit. An empty directory is the current one. */
static bool join(char file[static PATH_BYTES_MAX], const char *directory, size_t length,
		 const char *name)
{
	size_t name_length = length_of(name);
	size_t n = 0;

	if (length + name_length + 2 > PATH_BYTES_MAX)
		return false;
	for (size_t i = 0; i < length; i++)
		file[n++] = directory[i];
	if (length)
		file[n++] = '/';
	for (size_t i = 0; i <= name_length; i++)
		file[n++] = name[i];
	return true;
}

/* As execvp(3) does it: what may not be executed is passed over, and remembered. */
static long execute_by_path(char **argv, char **env)
{
	const char *path = search_path(env);
	char file[PATH_BYTES_MAX];
	long result = -ENOENT;

	for (;;) {
		size_t length = 0;

		while (path[length] && path[length] != ':')
			length++;
		if (join(file, path, length, argv[0])) {
			long r = execute(file, argv, env);

			if (r == -EACCES)
				result = r;
			else if (r != -ENOENT && r != -ENOTDIR)
				return r;
		}
		if (!path[length])
			return result;
		path += length + 1;
	}
}

/* The command starts with default signals, in a process group of its own, before the terminal. */
static void become_command(void)
{
	static const struct kernel_action by_default;
	static const uint64_t none;
	int group = (int)system_call(__NR_getpid, 0, 0, 0, 0);

	(void)system_call(__NR_setpgid, 0, 0, 0, 0);
	/* SIGTTOU is still blocked, or this would stop us. Without a terminal it does nothing. */
	(void)system_call(__NR_ioctl, 0, TIOCSPGRP, address(&group), 0);
	for (int s = 1; s <= SIGNAL_LAST; s++)
		(void)system_call(__NR_rt_sigaction, s, address(&by_default), 0, sizeof(none));
	(void)system_call(__NR_rt_sigprocmask, SIG_SETMASK, address(&none), 0, sizeof(none));
}

static _Noreturn void run_command(char **argv, char **env)
{
	long r;

	become_command();
	if (argv[0][0] == '\0')
		r = -ENOENT;
	else if (has_slash(argv[0]))
		r = execute(argv[0], argv, env);
	else
		r = execute_by_path(argv, env);
	complain(argv[0], r == -ENOENT	 ? "not found in the machine\n"
			  : r == -EACCES ? "permission denied\n"
					 : "cannot be executed\n");
	quit(r == -ENOENT ? CODE_NOT_FOUND : CODE_NOT_EXECUTABLE);
}

static long spawn(char **argv, char **env)
{
	long pid = system_call(__NR_clone, SIGCHLD, 0, 0, 0);

	if (pid == 0)
		run_command(argv, env);
	return pid;
}

/* As the command ended. PID 1 cannot be killed by its own hand, so a code has to tell. */
static _Noreturn void end_like(int status, bool is_first)
{
	int signal = status & 0x7f;
	uint64_t unblocked = SIGNAL_BIT(signal ? signal : 1);

	if (signal == 0)
		quit((status >> 8) & 0xff);
	if (!is_first) {
		/* One core file, the command's, is enough. */
		(void)system_call(__NR_prctl, PR_SET_DUMPABLE, 0, 0, 0);
		(void)system_call(__NR_kill, system_call(__NR_getpid, 0, 0, 0, 0), signal, 0, 0);
		(void)system_call(__NR_rt_sigprocmask, SIG_UNBLOCK, address(&unblocked), 0,
				  sizeof(unblocked));
	}
	quit(CODE_SIGNAL + signal);
}

/* Everything that has ended; true and the status when the command is among it. */
static bool reap(long command, int *ret_status)
{
	bool is_over = false;

	for (;;) {
		int status = 0;
		long pid = system_call(__NR_wait4, -1, address(&status), WNOHANG, 0);

		if (pid <= 0)
			return is_over;
		if (pid == command) {
			*ret_status = status;
			is_over = true;
		}
	}
}

/* What somebody sent is for the command; what the terminal tells its session's leader is not. */
static bool is_for_command(long signal, const siginfo_t *info)
{
	return signal > 0 && signal != SIGCHLD && signal != SIGTTIN && signal != SIGTTOU &&
	       !((signal == SIGHUP || signal == SIGCONT) && info->si_code == SI_KERNEL);
}

static _Noreturn void supervise(long command, bool is_first)
{
	const uint64_t taken = ~FAULTS;
	siginfo_t info;
	int status = 0;

	for (;;) {
		long signal = system_call(__NR_rt_sigtimedwait, address(&taken), address(&info), 0,
					  sizeof(taken));

		if (signal == SIGCHLD && reap(command, &status))
			end_like(status, is_first);
		if (is_for_command(signal, &info))
			(void)system_call(__NR_kill, command, signal, 0, 0);
	}
}

void init_main(long *stack)
{
	static const struct kernel_action by_default;
	static const uint64_t blocked = ~FAULTS;
	char **argv = (char **)(stack + 1) + 1;
	char **env = argv + stack[0];
	bool is_first = system_call(__NR_getpid, 0, 0, 0, 0) == 1;
	long command;

	if (stack[0] < 2) {
		complain("", "no command\n");
		quit(CODE_NOT_FOUND);
	}
	(void)system_call(__NR_prctl, PR_SET_NAME, address("bulkhead-init"), 0, 0);
	if (!is_first)
		(void)system_call(__NR_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0);
	/* Ignored by inheritance, children would be reaped by nobody's knowledge. */
	(void)system_call(__NR_rt_sigaction, SIGCHLD, address(&by_default), 0, sizeof(blocked));
	(void)system_call(__NR_rt_sigprocmask, SIG_SETMASK, address(&blocked), 0, sizeof(blocked));
	command = spawn(argv, env);
	if (command < 0) {
		complain(argv[0], "no process for it: raise the machine's pids limit\n");
		quit(CODE_NOT_EXECUTABLE);
	}
	supervise(command, is_first);
}
