/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/inside.h"
#include "cli/passwd.h"

#include <string.h>
#include <unistd.h>

static bool is_usable_shell(const char *shell)
{
	const char *base = strrchr(shell, '/');

	return base && shell[0] == '/' && strcmp(base, "/nologin") != 0 &&
	       strcmp(base, "/false") != 0;
}

/* A login shell: the profile sets the path, as it does on a console. */
static void use_shell(struct call *c, const struct passwd_entry *entry, struct spec_process *p)
{
	const char *shell = entry && is_usable_shell(entry->shell) ? entry->shell : "/bin/sh";
	const char **argv = arena_strv_push(&c->arena, NULL, shell);

	p->argv = arena_strv_push(&c->arena, argv, "-l");
	p->env = env_put(&c->arena, p->env, arena_printf(&c->arena, "SHELL=%s", shell));
	if (!entry)
		return;
	p->env = env_put(&c->arena, p->env, arena_printf(&c->arena, "HOME=%s", entry->home));
	p->env = env_put(&c->arena, p->env, arena_printf(&c->arena, "USER=%s", entry->name));
	if (!call_has(c, "workdir") && entry->home[0] == '/')
		p->cwd = entry->home;
}

static int enter_in(struct call *c, const struct inside *in, const struct session *session,
		    struct err *e)
{
	struct spec_process process;
	struct passwd passwd;
	int r = inside_process(c, in, session, &process, e);

	if (r < 0)
		return r;
	if (!call_has(c, "user"))
		process.user = "0";
	r = passwd_load(in->record.init_pid, &c->arena, &passwd, e);
	if (r < 0)
		return r;
	use_shell(c, passwd_find(&passwd, process.user), &process);
	return inside_run(c, in, &process, session, false, e);
}

/* A script may feed a shell, too: then it is no terminal, and prompts for nothing. */
int verb_enter(struct call *c, struct err *e)
{
	_cleanup_session_ struct session session = SESSION_INIT;
	struct inside in;
	int r = inside_open(c, c->words[0], &in, e);

	if (r < 0)
		return r;
	session_choose_tty(&session, isatty(STDIN_FILENO) && isatty(STDOUT_FILENO));
	r = enter_in(c, &in, &session, e);
	inside_done(&in);
	return r;
}
