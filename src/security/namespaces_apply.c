/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "kernel/loopback.h"
#include "kernel/path.h"
#include "kernel/user_namespace.h"
#include "security/operations.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#define SYSCTL_PATH_MAX 256

int namespaces_apply_idmap_write(const struct op *op, struct op_context *ctx, struct err *e)
{
	if (op->flags == 0)
		return 0;
	return user_namespace_write_map(ctx->child_pid, (uint32_t)op->number, (uint32_t)op->flags,
					e);
}

int namespaces_apply_cgroup(const struct op *op, struct op_context *ctx, struct err *e)
{
	(void)op;
	(void)ctx;
	if (unshare(CLONE_NEWCGROUP) < 0)
		return err_sys(e, -errno, "a cgroup namespace");
	return 0;
}

int namespaces_apply_hostname(const struct op *op, struct op_context *ctx, struct err *e)
{
	(void)ctx;
	if (sethostname(op->value, strlen(op->value)) < 0)
		return err_sys(e, -errno, "host name %s (at most 64 characters)", op->value);
	return 0;
}

int namespaces_apply_loopback_up(const struct op *op, struct op_context *ctx, struct err *e)
{
	int r = loopback_up();

	(void)op;
	(void)ctx;
	return r < 0 ? err_sys(e, r, "the loopback interface") : 0;
}

/* "net.ipv4.ip_forward" -> "proc/sys/net/ipv4/ip_forward"; a slash in a key stays what it is. */
static int sysctl_path(const char *key, char path[static SYSCTL_PATH_MAX])
{
	int n = snprintf(path, SYSCTL_PATH_MAX, "proc/sys/%s", key);

	if (n < 0 || n >= SYSCTL_PATH_MAX || strstr(key, ".."))
		return -EINVAL;
	if (strchr(key, '/'))
		return 0;
	for (char *p = path; *p; p++) {
		if (*p == '.')
			*p = '/';
	}
	return 0;
}

int namespaces_apply_sysctl(const struct op *op, struct op_context *ctx, struct err *e)
{
	char path[SYSCTL_PATH_MAX];
	_cleanup_fd_ int fd = -EBADF;
	size_t length = strlen(op->value);
	int r = sysctl_path(op->subject, path);

	if (r < 0)
		return err_set(e, ERR_INPUT, r, "sysctl %s is not a key: dots between words",
			       op->subject);
	fd = path_open(ctx->new_root, path, O_WRONLY | O_NOFOLLOW, 0);
	if (fd < 0)
		return err_sys(e, fd, "sysctl %s", op->subject);
	if (write(fd, op->value, length) != (ssize_t)length)
		return err_sys(e, -errno, "sysctl %s = %s", op->subject, op->value);
	return 0;
}
