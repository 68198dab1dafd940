/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/format.h"
#include "cli/json.h"
#include "cli/many.h"
#include "machine/keeper_client.h"
#include "state/exit.h"

#include <stdio.h>

/* How the present run ends, or how the last one did. */
static int wait_one(struct call *c, const char *name, struct exit_status *ret, struct err *e)
{
	_cleanup_keeper_link_ struct keeper_link link = KEEPER_LINK_INIT;
	const struct host *host;
	struct machine_view view;
	bool is_up;
	int r;

	r = call_host(c, &host, e);
	if (r == 0)
		r = machine_view(&c->settings, host, name, &c->arena, &view, e);
	if (r < 0)
		return r;
	is_up = view.state == MACHINE_RUNNING || view.state == MACHINE_PAUSED;
	if (!is_up && view.exit.knowledge != EXIT_UNSET) {
		*ret = view.exit;
		return 0;
	}
	/* One that has just ended is known to bulkheadd before it is on disk. */
	r = keeper_watch(&c->settings, name, &link, e);
	if (r == 0)
		r = keeper_link_wait(&link, ret, e);
	if (r == -ESRCH && !is_up)
		return err_set(e, ERR_INPUT, -ESRCH, "machine %s never ran", name);
	return r;
}

/* The bare code, as scripts read it; 128+N for a signal. */
static void wait_print(const struct exit_status *exit)
{
	if (exit->knowledge == EXIT_UNKNOWN)
		(void)printf("unknown\n");
	else
		(void)printf("%d\n",
			     exit->knowledge == EXIT_SIGNAL ? 128 + exit->value : exit->value);
	(void)fflush(stdout);
}

int verb_wait(struct call *c, struct err *e)
{
	json_t *machines = c->json ? json_array() : NULL;
	struct exit_status exit;

	for (size_t i = 0; i < c->word_count; i++) {
		int r = wait_one(c, c->words[i], &exit, e);

		if (r < 0) {
			json_decref(machines);
			return r;
		}
		if (c->json)
			(void)json_array_append_new(machines,
						    json_pack("{s:s, s:o}", "name", c->words[i],
							      "exit", json_exit(&exit)));
		else
			wait_print(&exit);
	}
	if (c->json)
		json_print_wrapped("machines", machines);
	return 0;
}
