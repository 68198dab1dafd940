/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/resolve.h"

#include "security/security.h"

#include <errno.h>
#include <string.h>

static const char *const base_environment[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"HOME=/root",
	/* systemd's container interface: PID 1 reads it from its own environment. */
	"container=bulkhead",
	NULL,
};

static const char *const terminal_environment[] = {"TERM=xterm", NULL};

static bool same_variable(const char *a, const char *b)
{
	size_t n = strcspn(a, "=");

	return strcspn(b, "=") == n && strncmp(a, b, n) == 0;
}

/* Later vectors replace what earlier ones set, in place. */
static const char **environment_merge(const char **env, const char *const *more, struct arena *a)
{
	for (; more && *more; more++) {
		size_t i = 0;

		while (env && env[i] && !same_variable(env[i], *more))
			i++;
		if (env && env[i])
			env[i] = *more;
		else
			env = arena_strv_push(a, env, *more);
	}
	return env;
}

const char *const *environment_make(const char *const *own, const struct image *image,
				    bool terminal, struct arena *a)
{
	const char **env = environment_merge(NULL, base_environment, a);

	if (terminal)
		env = environment_merge(env, terminal_environment, a);
	if (image)
		env = environment_merge(env, image->env, a);
	return environment_merge(env, own, a);
}

static bool is_full_init(const char *path)
{
	static const char *const paths[] = {"/sbin/init", "/usr/sbin/init", "/lib/systemd/systemd",
					    "/usr/lib/systemd/systemd"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (strcmp(path, paths[i]) == 0)
			return true;
	}
	return false;
}

/* Any other command than the system's own init runs under the small one. */
static void resolve_init(struct spec *spec, const struct image *image)
{
	if (spec->init != SPEC_INIT_UNSET)
		return;
	spec->init = SPEC_INIT_COMMAND;
	if (is_full_init(spec->process.argv[0]) && image && image->init != SPEC_INIT_UNSET)
		spec->init = image->init;
}

static void resolve_privileges(struct spec *spec)
{
	spec->process.capabilities = capabilities_resolve(spec);
	spec->process.capabilities_add = 0;
	spec->process.capabilities_drop = 0;
	spec->process.capabilities_default = false;
	spec->process.no_new_privs = no_new_privs_resolve(spec);
	spec->process.no_new_privs_default = false;
}

int spec_resolve(struct spec *spec, const struct image *image, struct arena *a, struct err *e)
{
	struct spec_process *p = &spec->process;
	bool own_command = p->argv && p->argv[0];

	if (!own_command && image)
		p->argv = image->command;
	if (!p->argv || !p->argv[0])
		return err_set(e, ERR_INPUT, -EINVAL,
			       "%s has no command: image %s names none; give one after the image",
			       spec->name, spec->image);
	if (!p->cwd)
		p->cwd = image && image->cwd ? image->cwd : "/";
	if (!p->user)
		p->user = image && image->user ? image->user : "0";
	if (!spec->hostname)
		spec->hostname = spec->name;
	p->env = environment_make(p->env, image, p->terminal, a);
	resolve_init(spec, image);
	resolve_privileges(spec);
	return 0;
}
