/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/many.h"
#include "machine/lifecycle.h"

static int action_pause(struct call *c, const char *name, struct err *e)
{
	return machine_pause(&c->settings, name, true, e);
}

static int action_resume(struct call *c, const char *name, struct err *e)
{
	return machine_pause(&c->settings, name, false, e);
}

int verb_pause(struct call *c, struct err *e)
{
	return many_run(c, c->words, action_pause, e);
}

int verb_resume(struct call *c, struct err *e)
{
	return many_run(c, c->words, action_resume, e);
}
