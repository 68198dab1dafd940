/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/spec_options.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "config/machine_ini.h"
#include "state/idrange.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define ENV_FILE_MAX_BYTES 65536

const struct option_row spec_options[] = {
	{'\0', "cpu", OPTION_VALUE, "LIST",
	 "reserve=, share=, limit=, burst=, cpus=: reserve=0.5,share=2,limit=1.5"},
	{'\0', "memory", OPTION_VALUE, "LIST", "reserve=, limit=, swap=: reserve=256M,limit=1G"},
	{'\0', "counts", OPTION_VALUE, "LIST", "pids="},
	{'\0', "pids", OPTION_VALUE, "N", "Most processes and threads, as --counts pids=N"},
	{'\0', "network", OPTION_VALUE, "none|host",
	 "Own network with loopback only, or the host's"},
	{'\0', "hostname", OPTION_VALUE, "NAME", "Host name inside (default: the machine's name)"},
	{'\0', "restart", OPTION_VALUE, "no|on-failure|always", "When it ended by itself"},
	{'\0', "init", OPTION_VALUE, "systemd|sysv|command",
	 "What the command is (default: what the image says)"},
	{'e', "env", OPTION_VALUE, "KEY=VALUE", "Variable; KEY alone passes on our own"},
	{'\0', "env-file", OPTION_VALUE, "FILE", "Variables from a file, one per line"},
	{'u', "user", OPTION_VALUE, "USER", "User inside: name or id, with :GROUP"},
	{'w', "workdir", OPTION_VALUE, "DIR", "Directory inside"},
	{'\0', "cap-add", OPTION_VALUE, "CAPABILITY", "Add a capability, or ALL"},
	{'\0', "cap-drop", OPTION_VALUE, "CAPABILITY", "Remove a capability, or ALL"},
	{'\0', "no-new-privs", OPTION_BOOL, "BOOL", "Set-user-id programs give nothing"},
	{'\0', "seccomp", OPTION_VALUE, "default|off", "Filter of system calls"},
	{'\0', "stop-timeout", OPTION_VALUE, "TIME", "'stop' kills it after this (default 10s)"},
	{'\0', "require", OPTION_FLAG, NULL,
	 "A promise that this host cannot keep is an error, not best effort"},
	{.name = NULL},
};

/* Which key of machine.ini an option sets. */
static const struct {
	const char *option;
	const char *key; /* NULL: `section` and a list */
	const char *section;
} key_options[] = {
	{"cpu", NULL, "cpu"},
	{"memory", NULL, "memory"},
	{"counts", NULL, "counts"},
	{"pids", "counts.pids", NULL},
	{"network", "network.mode", NULL},
	{"hostname", "machine.hostname", NULL},
	{"restart", "machine.restart", NULL},
	{"init", "machine.init", NULL},
	{"user", "machine.user", NULL},
	{"workdir", "machine.directory", NULL},
	{"stop-timeout", "machine.stop-timeout", NULL},
};

static int apply_keys(struct call *c, struct spec *spec, struct err *e)
{
	for (size_t i = 0; i < sizeof(key_options) / sizeof(key_options[0]); i++) {
		const char *option = key_options[i].option;
		size_t cursor = 0;
		const char *value;

		while ((value = call_next(c, option, &cursor))) {
			int r = key_options[i].key
					? machine_key_set(spec, &c->arena, key_options[i].key,
							  value, e)
					: machine_key_set_list(spec, &c->arena,
							       key_options[i].section, value, e);

			if (r < 0)
				return err_wrap(e, "--%s", option);
		}
	}
	return 0;
}

static bool has_all(const struct call *c, const char *option)
{
	size_t cursor = 0;
	const char *name;

	while ((name = call_next(c, option, &cursor))) {
		if (strcasecmp(name, "all") == 0)
			return true;
	}
	return false;
}

static const char *append_capabilities(struct call *c, const char *list, const char *option,
				       char sign)
{
	size_t cursor = 0;
	const char *name;

	while ((name = call_next(c, option, &cursor))) {
		if (strcasecmp(name, "all") != 0)
			list = arena_printf(&c->arena, "%s %c%s", list, sign, name);
	}
	return list;
}

/* As docker has it: `--cap-drop all --cap-add chown` leaves one. */
static int apply_capabilities(struct call *c, struct spec *spec, struct err *e)
{
	const char *list = has_all(c, "cap-drop")  ? "none"
			   : has_all(c, "cap-add") ? "all"
						   : "default";

	if (!call_has(c, "cap-add") && !call_has(c, "cap-drop"))
		return 0;
	list = append_capabilities(c, list, "cap-add", '+');
	list = append_capabilities(c, list, "cap-drop", '-');
	return machine_key_set(spec, &c->arena, "machine.capabilities", list, e);
}

static int apply_new_privileges(struct call *c, struct spec *spec, struct err *e)
{
	bool none;
	int r;

	if (!call_has(c, "no-new-privs"))
		return 0;
	r = call_bool(c, "no-new-privs", true, &none, e);
	if (r < 0)
		return r;
	return machine_key_set(spec, &c->arena, "machine.new-privileges", none ? "no" : "yes", e);
}

static int apply_seccomp(struct call *c, struct spec *spec, struct err *e)
{
	const char *value = call_value(c, "seccomp");
	bool off = value && strcmp(value, "off") == 0;

	if (!value)
		return 0;
	if (!off && strcmp(value, "default") != 0)
		return err_set(e, ERR_INPUT, -EINVAL, "--seccomp '%.40s': neither default nor off",
			       value);
	return machine_key_set(spec, &c->arena, "machine.seccomp", off ? "no" : "yes", e);
}

static int env_push(struct call *c, const char ***env, const char *text, struct err *e)
{
	const char *equals = strchr(text, '=');
	const char *own;

	if (equals == text || !*text)
		return err_set(e, ERR_INPUT, -EINVAL, "environment '%.60s': not KEY=VALUE", text);
	if (!equals) {
		own = getenv(text);
		if (!own)
			return 0;
		text = arena_printf(&c->arena, "%s=%s", text, own);
	}
	*env = arena_strv_push(&c->arena, *env, text);
	return 0;
}

static int env_push_file(struct call *c, const char ***env, const char *file, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	char *line, *rest;
	size_t bytes;
	int r;

	r = io_read_file(AT_FDCWD, file, ENV_FILE_MAX_BYTES, &text, &bytes, e);
	if (r < 0)
		return r;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		line += strspn(line, " \t");
		if (!*line || *line == '#')
			continue;
		r = env_push(c, env, arena_strdup(&c->arena, line), e);
		if (r < 0)
			return err_wrap(e, "%s", file);
	}
	return 0;
}

int env_from_call(struct call *c, const char *const **ret_env, struct err *e)
{
	const char **env = NULL;
	size_t cursor = 0;
	const char *value;
	int r;

	while ((value = call_next(c, "env-file", &cursor))) {
		r = env_push_file(c, &env, value, e);
		if (r < 0)
			return r;
	}
	cursor = 0;
	while ((value = call_next(c, "env", &cursor))) {
		r = env_push(c, &env, value, e);
		if (r < 0)
			return r;
	}
	*ret_env = env ? env : (const char *const *)arena_strv_dup(&c->arena, NULL);
	return 0;
}

int spec_from_call(struct call *c, const char *name, const char *const *image_and_command,
		   struct spec *ret_spec, struct err *e)
{
	struct spec spec;
	int r;

	spec_set_defaults(&spec, &c->arena);
	r = name_check("machine", name, e);
	if (r == 0)
		r = name_check("image", image_and_command[0], e);
	if (r < 0)
		return r;
	spec.name = name;
	spec.image = image_and_command[0];
	if (image_and_command[1])
		spec.process.argv = image_and_command + 1;
	spec.require = call_has(c, "require");
	r = env_from_call(c, &spec.process.env, e);
	if (r == 0)
		r = apply_keys(c, &spec, e);
	if (r == 0)
		r = apply_capabilities(c, &spec, e);
	if (r == 0)
		r = apply_new_privileges(c, &spec, e);
	if (r == 0)
		r = apply_seccomp(c, &spec, e);
	if (r == 0)
		r = spec_check_relations(&spec, e);
	if (r < 0)
		return r;
	/* A user namespace always; the base is chosen by create. */
	spec.idmap.count = IDRANGE_COUNT;
	*ret_spec = spec;
	return 0;
}
