/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/actions.h"
#include "cli/many.h"
#include "cli/signals.h"
#include "machine/lifecycle.h"

#include <signal.h>

static int action_kill(struct call *c, const char *name, struct err *e)
{
	const char *text = call_value(c, "signal");
	int number = SIGKILL;
	int r = text ? signal_parse(text, &number, e) : 0;

	if (r < 0)
		return r;
	if (number == SIGKILL)
		action_no_restart(c, name);
	return machine_kill(&c->settings, name, number, !call_has(c, "init"), e);
}

int verb_kill(struct call *c, struct err *e)
{
	return many_run(c, c->words, action_kill, e);
}
