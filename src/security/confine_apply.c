/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "kernel/capability.h"
#include "kernel/credentials.h"
#include "kernel/path.h"
#include "kernel/pty.h"
#include "security/operations.h"
#include "security/security.h"
#include "security/users.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

static const struct {
	const char *name;
	int resource;
} rlimits[] = {
	{"as", RLIMIT_AS},
	{"core", RLIMIT_CORE},
	{"cpu", RLIMIT_CPU},
	{"data", RLIMIT_DATA},
	{"fsize", RLIMIT_FSIZE},
	{"locks", RLIMIT_LOCKS},
	{"memlock", RLIMIT_MEMLOCK},
	{"msgqueue", RLIMIT_MSGQUEUE},
	{"nice", RLIMIT_NICE},
	{"nofile", RLIMIT_NOFILE},
	{"nproc", RLIMIT_NPROC},
	{"rss", RLIMIT_RSS},
	{"rtprio", RLIMIT_RTPRIO},
	{"rttime", RLIMIT_RTTIME},
	{"sigpending", RLIMIT_SIGPENDING},
	{"stack", RLIMIT_STACK},
};

static int rlimit_set(int resource, const struct op *op, struct err *e)
{
	const struct rlimit wanted = {.rlim_cur = op->number, .rlim_max = op->flags};
	struct rlimit now;
	int r;

	if (prlimit(0, (__rlimit_resource_t)resource, &wanted, NULL) == 0)
		return 0;
	r = -errno;
	if (r == -EPERM && prlimit(0, (__rlimit_resource_t)resource, NULL, &now) == 0)
		return err_set(
			e, ERR_HOST, r,
			"limit %s: %llu is above the hard limit %llu, and raising that needs "
			"CAP_SYS_RESOURCE on the host; ask for less",
			op->name, (unsigned long long)op->flags, (unsigned long long)now.rlim_max);
	return err_sys(e, r, "limit %s", op->name);
}

int confine_apply_rlimit(const struct op *op, struct op_context *ctx, struct err *e)
{
	(void)ctx;
	for (size_t i = 0; i < sizeof(rlimits) / sizeof(rlimits[0]); i++) {
		if (strcmp(rlimits[i].name, op->name) == 0)
			return rlimit_set(rlimits[i].resource, op, e);
	}
	return err_set(e, ERR_INPUT, -EINVAL, "limit %s: no resource of this name", op->name);
}

/* A kernel without keyrings has none of the host's to give away. */
int confine_apply_keyring_join(const struct op *op, struct op_context *ctx, struct err *e)
{
	int r = keyring_join(op->value);

	(void)ctx;
	if (r == 0 || r == -ENOSYS)
		return 0;
	return err_sys(e, r, "a session keyring (see kernel.keys.root_maxkeys)");
}

/* The machine's /dev/null where the caller gave nothing; never one of 0, 1, 2. */
static int stdio_source(struct op_context *ctx, int i)
{
	int fd = ctx->stdio[i];

	if (fd < 0)
		fd = path_open(ctx->new_root, "dev/null", O_RDWR | O_NOFOLLOW | O_NOCTTY, 0);
	if (fd < 0)
		return fd;
	if (fd <= OP_STDERR && fd != i)
		fd = fcntl(fd, F_DUPFD_CLOEXEC, OP_STDIO_COUNT);
	return fd < 0 ? -errno : fd;
}

static int stdio_replace(struct op_context *ctx)
{
	int sources[OP_STDIO_COUNT];

	for (int i = 0; i < OP_STDIO_COUNT; i++) {
		sources[i] = stdio_source(ctx, i);
		if (sources[i] < 0)
			return sources[i];
	}
	for (int i = 0; i < OP_STDIO_COUNT; i++) {
		int r = sources[i] == i ? fcntl(i, F_SETFD, 0) : dup3(sources[i], i, 0);

		if (r < 0)
			return -errno;
	}
	return 0;
}

int confine_apply_stdio_attach(const struct op *op, struct op_context *ctx, struct err *e)
{
	int r;

	if (op->number == 1) {
		r = pty_make_controlling(ctx->stdio[OP_STDIN]);
		return r < 0 ? err_sys(e, r, "the terminal as controlling terminal") : 0;
	}
	/* Fails only when this is a session's leader already. */
	(void)setsid();
	r = stdio_replace(ctx);
	return r < 0 ? err_sys(e, r, "standard input and output") : 0;
}

/* A user that is not root opens its own terminal again through /dev/tty or /proc/self/fd. */
static void give_terminal(const struct op_context *ctx, uint32_t uid)
{
	if (uid != 0 && ctx->console_master >= 0)
		(void)!fchown(STDIN_FILENO, uid, (gid_t)-1);
}

int confine_apply_credentials(const struct op *op, struct op_context *ctx, struct err *e)
{
	struct users_identity identity;
	_cleanup_fd_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (root < 0)
		return err_sys(e, -errno, "the machine's /");
	if (strcmp(op->value, "0") == 0)
		identity = (struct users_identity){.uid = 0};
	else {
		r = users_find(root, op->value, ctx->spec->idmap.count, &identity, e);
		if (r < 0)
			return r;
	}
	give_terminal(ctx, identity.uid);
	r = credentials_set(identity.uid, identity.gid, identity.groups, identity.group_count);
	if (r < 0)
		return err_sys(e, r, "becoming user %s", op->value);
	ctx->uid = identity.uid;
	ctx->gid = identity.gid;
	return 0;
}

int confine_apply_capabilities(const struct op *op, struct op_context *ctx, struct err *e)
{
	bool bounding = op->name && strcmp(op->name, "bounding") == 0;
	/* execve(2) would leave a user that is not root nothing, so nothing is held before. */
	uint64_t set = bounding || ctx->uid == 0 ? op->flags : 0;
	int r = bounding ? capability_bound(set) : capability_set(set);

	if (r == -EPERM)
		return err_set(
			e, ERR_HOST, r,
			"capabilities: the machine asks for one that Bulkhead itself does not "
			"hold here; drop it from the machine");
	return r < 0 ? err_sys(e, r, "capabilities") : 0;
}

int confine_apply_no_new_privs(const struct op *op, struct op_context *ctx, struct err *e)
{
	int r = no_new_privs_set();

	(void)op;
	(void)ctx;
	return r < 0 ? err_sys(e, r, "no_new_privs") : 0;
}

int confine_apply_seccomp(const struct op *op, struct op_context *ctx, struct err *e)
{
	const void *program = ctx->seccomp_program;
	int r;

	if (!program)
		program = seccomp_program(op->value);
	if (!program)
		return err_set(e, ERR_INPUT, -EINVAL, "seccomp profile %s: there is none",
			       op->value);
	r = seccomp_install(program);
	return r < 0 ? err_sys(e, r, "seccomp profile %s", op->value) : 0;
}

/* As the user, so that a directory that it may not enter is refused; through no magic link. */
int confine_apply_chdir(const struct op *op, struct op_context *ctx, struct err *e)
{
	_cleanup_fd_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_fd_ int directory = -EBADF;

	(void)ctx;
	if (root < 0)
		return err_sys(e, -errno, "the machine's /");
	directory = path_open(root, op->value, O_PATH | O_DIRECTORY, 0);
	if (directory < 0)
		return err_sys(e, directory, "working directory %s of the machine", op->value);
	if (fchdir(directory) < 0)
		return err_sys(e, -errno, "working directory %s of the machine", op->value);
	return 0;
}
