/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/actions.h"
#include "cli/many.h"

static int action_restart(struct call *c, const char *name, struct err *e)
{
	int r = action_stop(c, name, e);

	return r < 0 ? r : action_start(c, name, e);
}

int verb_restart(struct call *c, struct err *e)
{
	return many_run(c, c->words, action_restart, e);
}
