/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/actions.h"
#include "cli/many.h"
#include "machine/keeper_client.h"

#include <unistd.h>

int action_start(struct call *c, const char *name, struct err *e)
{
	const struct keeper_start start = {.name = name,
					   .progress = c->quiet ? -EBADF : STDERR_FILENO};

	return keeper_start(&c->settings, &start, NULL, NULL, e);
}

int verb_start(struct call *c, struct err *e)
{
	return many_run(c, c->words, action_start, e);
}
