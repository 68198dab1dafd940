/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bulkheadd: starts in the background, says on stderr why it cannot, and returns when it answers.
 * Internal: --role and --handover, by which each process makes the other.
 */
#include "keeper/keeper.h"

#include "build_config.h"

#include "base/cleanup.h"
#include "base/units.h"
#include "keeper/adopt.h"
#include "kernel/channel.h"
#include "kernel/process.h"
#include "machine/keeper_client.h"
#include "model/paths.h"

#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define IDLE_USEC (60u * 1000000u)

struct options {
	const char *root, *run;
	uint64_t idle_usec;
	int handover;
	enum role role;
	enum keeper_verb tell; /* to the one that runs */
	bool stay, foreground;
};

static struct holdings holdings;

/* A child of ours that is reaped already: does the kernel still tell how it ended? */
static bool kernel_tells(void)
{
	_cleanup_fd_ int pidfd = -EBADF;
	int status = 0;
	pid_t pid = process_clone(0, -EBADF, &pidfd);

	if (pid == 0)
		_exit(7);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return false;
	return process_exit_status(pidfd, pid, &status, NULL) == 0 && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 7;
}

static int lock_take(const struct settings *s, struct err *e)
{
	char path[PATHS_MAX];
	int fd = open(paths_run(s, "locks/bulkheadd", path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(e, -errno, "cannot open %s", path);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		(void)fd_close(fd);
		return err_set(e, ERR_HOST, -EALREADY, "it runs already for %s", s->run);
	}
	holdings.lock = fd;
	return 0;
}

static int program_open(struct table *t, struct err *e)
{
	static const char deleted[] = " (deleted)";
	char *path = t->header.file;
	ssize_t n = readlink("/proc/self/exe", path, sizeof(t->header.file) - 1);

	holdings.program = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (n < 0 || holdings.program < 0)
		return err_sys(e, -errno, "cannot open its own file");
	path[n] = '\0';
	if (strlen(path) > strlen(deleted) &&
	    strcmp(path + strlen(path) - strlen(deleted), deleted) == 0)
		path[strlen(path) - strlen(deleted)] = '\0';
	return 0;
}

static void files_raise(struct table *t)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	t->header.nofile_soft = files.rlim_cur;
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
}

/* All that both processes share, made once. */
static int instance_make(const struct options *o, const struct settings *s, struct table **ret,
			 struct err *e)
{
	char path[PATHS_MAX];
	struct table *t;
	int r = paths_make(s, e);

	if (r == 0)
		r = lock_take(s, e);
	if (r == 0)
		r = table_new(s, &holdings.table, &t, e);
	if (r < 0)
		return r;
	t->header.stay = o->stay;
	t->header.idle_usec = o->idle_usec;
	t->header.kernel_tells = kernel_tells();
	files_raise(t);
	r = program_open(t, e);
	if (r < 0)
		return r;
	if (pipe2(holdings.pump, O_CLOEXEC) < 0)
		return err_sys(e, -errno, "cannot make a pipe");
	r = adopt_machines(&holdings, t, e);
	if (r < 0)
		return r;
	r = channel_listen(paths_run(s, "keeper.sock", path), &holdings.listener);
	if (r < 0)
		return err_sys(e, r, "cannot listen at %s", path);
	*ret = t;
	return 0;
}

/* The end of stderr tells whoever waits that we are ready (keeper_connect.c). */
static void log_open(const struct settings *s)
{
	char path[PATHS_MAX];
	int fd;

	if (getenv("JOURNAL_STREAM"))
		return;
	fd = open(paths_run(s, "bulkheadd.log", path),
		  O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	(void)dup2(fd, STDERR_FILENO);
	(void)fd_close(fd);
}

/* 0, 1 and 2 are open ever after, so that descriptor 0 can mean none (holdings.h). */
static void stdio_settle(void)
{
	int null = open("/dev/null", O_RDWR);

	while (null >= 0 && null <= STDERR_FILENO)
		null = dup(null);
	if (null < 0)
		return;
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO);
	(void)fd_close(null);
}

/* In the process that lives on: the governor first, since it is then the keeper's ancestor, and
 * gets the keeper's children when that dies. */
static int daemon_run(const struct options *o, const struct settings *s, int ready)
{
	struct table *t = NULL;
	struct err e = ERR_INIT;
	char done = 1;

	stdio_settle();
	(void)setsid();
	(void)chdir("/");
	(void)umask(022);
	if (instance_make(o, s, &t, &e) < 0) {
		/* Somebody else was faster: that is what was wanted. */
		if (e.code == -EALREADY && !o->foreground)
			(void)!write(ready, &done, 1);
		else
			say("%s", e.message);
		return e.code == -EALREADY && !o->foreground ? 0 : 1;
	}
	if (!o->foreground)
		log_open(s);
	(void)!write(ready, &done, 1);
	(void)fd_close(ready);
	return governor_main(&holdings, t);
}

static int daemon_start(const struct options *o, const struct settings *s)
{
	int fds[2];
	char done = 0;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return 1;
	pid = o->foreground ? 0 : fork();
	if (pid == 0)
		return daemon_run(o, s, fds[1]);
	(void)fd_close(fds[1]);
	if (pid < 0) {
		say("cannot fork: %s", strerrordesc_np(errno));
		return 1;
	}
	return read(fds[0], &done, 1) == 1 && done ? 0 : 1;
}

static int role_run(const struct options *o)
{
	struct table *t = NULL;
	struct err e = ERR_INIT;

	(void)prctl(PR_SET_NAME, o->role == ROLE_KEEPER ? "bulkheadd" : "bulkhead-gov");
	if (holdings_load(o->handover, &holdings, &t, &e) < 0) {
		say("%s", e.message);
		return 1;
	}
	/* After an upgrade: the other is made from the file that we are. */
	held_close(&holdings.program);
	if (program_open(t, &e) < 0)
		say("%s", e.message);
	return o->role == ROLE_KEEPER ? keeper_main(&holdings, t) : governor_main(&holdings, t);
}

static int tell_run(const struct options *o, const struct settings *s)
{
	struct keeper_reply reply;
	struct err e = ERR_INIT;

	if (keeper_tell(s, o->tell, NULL, &reply, &e) < 0) {
		say("%s", e.message);
		return err_exit_code(&e);
	}
	if (o->tell == KEEPER_PING)
		printf("keeper %d governor %d\n", reply.keeper_pid, reply.governor_pid);
	return 0;
}

static const struct option long_options[] = {
	{"root", required_argument, NULL, 'r'},
	{"run", required_argument, NULL, 'u'},
	{"idle", required_argument, NULL, 'i'},
	{"stay", no_argument, NULL, 's'},
	{"foreground", no_argument, NULL, 'f'},
	{"ping", no_argument, NULL, 'p'},
	{"reexec", no_argument, NULL, 'x'},
	{"shutdown", no_argument, NULL, 'q'},
	{"role", required_argument, NULL, 'R'},
	{"handover", required_argument, NULL, 'H'},
	{"version", no_argument, NULL, 'v'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static const char help[] =
	"Usage: bulkheadd [--root DIR] [--run DIR] [OPTION]\n"
	"Parent of the machines: keeps their consoles, exit statuses, restarts and promises.\n"
	"Started on demand by bulkhead; in the background when it returns.\n"
	"\n"
	"  --stay          do not end when there is no machine\n"
	"  --idle TIME     end when there was no machine for so long (1min)\n"
	"  --foreground    stay in the foreground, messages to standard error\n"
	"  --ping          print the processes of the one that runs\n"
	"  --reexec        let it execute its file again (an upgrade); machines do not notice\n"
	"  --shutdown      let it end; machines go on, their consoles are lost\n"
	"  --version, --help\n";

/* 0: go on; 1: done; 2: wrong call. */
static int option_apply(struct options *o, int c)
{
	struct err e = ERR_INIT;

	switch (c) {
	case 'r':
		o->root = optarg;
		return 0;
	case 'u':
		o->run = optarg;
		return 0;
	case 'i':
		if (unit_parse(UNIT_TIME, "--idle", optarg, &o->idle_usec, &e) == 0)
			return 0;
		say("%s", e.message);
		return 2;
	case 's':
		o->stay = true;
		return 0;
	case 'f':
		o->foreground = true;
		return 0;
	case 'p':
		o->tell = KEEPER_PING;
		return 0;
	case 'x':
		o->tell = KEEPER_REEXEC;
		return 0;
	case 'q':
		o->tell = KEEPER_SHUTDOWN;
		return 0;
	case 'R':
		o->role = strcmp(optarg, "keeper") == 0 ? ROLE_KEEPER : ROLE_GOVERNOR;
		return 0;
	case 'H':
		o->handover = atoi(optarg);
		return 0;
	case 'v':
		printf("bulkheadd %s\n", BULKHEAD_VERSION);
		return 1;
	case 'h':
		printf("%s", help);
		return 1;
	default:
		fprintf(stderr, "%s", help);
		return 2;
	}
}

int main(int argc, char **argv)
{
	struct options o = {.idle_usec = IDLE_USEC, .handover = -EBADF};
	struct settings s;
	struct err e = ERR_INIT;
	int c, r;

	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		r = option_apply(&o, c);
		if (r != 0)
			return r == 1 ? 0 : 2;
	}
	if (o.role != ROLE_UNSET)
		return role_run(&o);
	r = paths_settings(o.root, o.run, &s, &e);
	if (r < 0) {
		say("%s", e.message);
		return err_exit_code(&e);
	}
	return o.tell != KEEPER_UNSET ? tell_run(&o, &s) : daemon_start(&o, &s);
}
