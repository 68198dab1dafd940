/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/inside.h"

static int exec_in(struct call *c, struct inside *in, struct session *session, struct err *e)
{
	bool detach = call_has(c, "detach");
	struct spec_process process;
	int r = session_choose(c, session, e);

	if (r == 0 && detach)
		r = session_detach(session, e);
	if (r == 0)
		r = inside_process(c, in, session, &process, e);
	if (r < 0)
		return r;
	process.argv = c->words + 1;
	return inside_run(c, in, &process, session, detach, e);
}

int verb_exec(struct call *c, struct err *e)
{
	_cleanup_session_ struct session session = SESSION_INIT;
	struct inside in;
	int r = inside_open(c, c->words[0], &in, e);

	if (r < 0)
		return r;
	r = exec_in(c, &in, &session, e);
	inside_done(&in);
	return r;
}
