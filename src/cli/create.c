/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/json.h"
#include "cli/spec_options.h"
#include "cli/verb.h"
#include "machine/lifecycle.h"

#include <stdio.h>

int verb_create(struct call *c, struct err *e)
{
	const char *name = c->words[0];
	struct spec spec;
	int r;

	r = spec_from_call(c, name, c->words + 1, &spec, e);
	if (r == 0)
		r = machine_create(&c->settings, &spec, e);
	if (r < 0)
		return r;
	if (c->json)
		json_print_wrapped("name", json_text(name));
	else
		(void)printf("%s\n", name);
	return 0;
}
