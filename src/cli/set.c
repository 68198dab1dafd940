/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verb.h"
#include "machine/lifecycle.h"

#include <errno.h>
#include <string.h>

int verb_set(struct call *c, struct err *e)
{
	const char *const *assignments = c->words + 1;
	int r;

	for (size_t i = 0; assignments[i]; i++) {
		if (!strchr(assignments[i], '='))
			return err_set(e, ERR_INPUT, -EINVAL,
				       "'%.60s' is not KEY=VALUE, as in cpu.reserve=0.75",
				       assignments[i]);
	}
	r = machine_set(&c->settings, c->words[0], assignments, e);
	return r < 0 && e->code == 0 ? err_sys(e, r, "%s", c->words[0]) : r;
}
