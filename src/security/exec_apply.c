/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "kernel/credentials.h"
#include "security/operations.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#define ARGUMENTS_MAX 4096
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static const char *search_path(char *const *env)
{
	for (; *env; env++) {
		if (strncmp(*env, "PATH=", 5) == 0)
			return *env + 5;
	}
	return DEFAULT_PATH;
}

/* execvp(3): a directory that cannot be searched is passed over, and remembered. */
static int exec_search(char *const *argv, char *const *env)
{
	const char *path = search_path(env);
	char file[PATH_MAX];
	int result = -ENOENT;

	for (;;) {
		size_t length = strcspn(path, ":");
		int n = snprintf(file, sizeof(file), "%.*s%s%s", (int)length, path,
				 length ? "/" : "", argv[0]);

		if (n > 0 && (size_t)n < sizeof(file)) {
			(void)execve(file, argv, env);
			if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
				return -errno;
			if (errno == EACCES)
				result = -EACCES;
		}
		if (path[length] == '\0')
			return result;
		path += length + 1;
	}
}

static int exec_direct(char *const *argv, char *const *env)
{
	if (argv[0][0] == '\0')
		return -ENOENT;
	if (!strchr(argv[0], '/'))
		return exec_search(argv, env);
	(void)execve(argv[0], argv, env);
	return -errno;
}

/* execve(2) takes vectors as not const, for history's sake, and changes nothing. */
union vector {
	const char *const *given;
	char *const *taken;
};

/* The small init takes the command as its arguments; its own name comes before. */
static int exec_init(int file, const char *const *argv, union vector env, struct err *e)
{
	const char *all[ARGUMENTS_MAX + 2] = {"bulkhead-init"};
	union vector vector = {.given = all};
	size_t n = 1;

	for (; *argv; argv++) {
		if (n > ARGUMENTS_MAX)
			return err_set(
				e, ERR_INPUT, -E2BIG,
				"the command has more than %d arguments: put them in a script",
				ARGUMENTS_MAX);
		all[n++] = *argv;
	}
	all[n] = NULL;
	(void)syscall(SYS_execveat, file, "", vector.taken, env.taken, AT_EMPTY_PATH);
	return err_sys(e, -errno, "executing bulkhead-init");
}

int confine_apply_exec(const struct op *op, struct op_context *ctx, struct err *e)
{
	static char *const empty[] = {NULL};
	union vector argv = {.given = ctx->spec->process.argv};
	union vector env = {.given = ctx->spec->process.env};
	int r = descriptors_close_on_exec(OP_STDIO_COUNT);

	if (r < 0)
		return err_sys(e, r, "closing descriptors");
	if (!env.given)
		env.taken = empty;
	if (strcmp(op->value, "init") == 0)
		return exec_init(ctx->init_file, argv.given, env, e);
	r = exec_direct(argv.taken, env.taken);
	return err_sys(e, r, "executing %s", argv.given[0]);
}
