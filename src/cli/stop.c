/* SPDX-License-Identifier: Apache-2.0 */
#include "base/units.h"
#include "cli/actions.h"
#include "cli/many.h"
#include "machine/keeper_client.h"
#include "machine/lifecycle.h"

#include <stdio.h>

void action_no_restart(struct call *c, const char *name)
{
	struct keeper_machine machine = {.init_pid = 0};

	if (!name_is_valid(name))
		return;
	(void)snprintf(machine.name, sizeof(machine.name), "%s", name);
	/* Not known there, or nobody there: then nothing would restart it. */
	(void)keeper_tell(&c->settings, KEEPER_NO_RESTART, &machine, NULL, NULL);
}

static int stop_timeout(struct call *c, const char *name, uint64_t *ret_usec, struct err *e)
{
	const char *text = call_value(c, "timeout");
	struct spec spec;
	int r;

	if (text)
		return unit_parse(UNIT_TIME, "--timeout", text, ret_usec, e);
	r = machine_load(&c->settings, name, &c->arena, &spec, e);
	if (r == 0)
		*ret_usec = spec.stop_timeout_usec;
	return r;
}

int action_stop(struct call *c, const char *name, struct err *e)
{
	uint64_t timeout_usec;
	int r = stop_timeout(c, name, &timeout_usec, e);

	return r < 0 ? r : machine_stop(&c->settings, name, timeout_usec, e);
}

int verb_stop(struct call *c, struct err *e)
{
	return many_run(c, c->words, action_stop, e);
}
