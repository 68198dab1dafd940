/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/actions.h"
#include "cli/many.h"
#include "machine/lifecycle.h"

#include <errno.h>

static int action_delete(struct call *c, const char *name, struct err *e)
{
	bool force = call_has(c, "force");
	int r;

	if (force)
		action_no_restart(c, name);
	r = machine_delete(&c->settings, name, force, e);
	if (r == -ENOENT && force && name_is_valid(name)) {
		*e = ERR_INIT;
		return 0;
	}
	return r;
}

int verb_delete(struct call *c, struct err *e)
{
	return many_run(c, c->words, action_delete, e);
}
