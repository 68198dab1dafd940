/* SPDX-License-Identifier: Apache-2.0 */
/* What is done to one machine, shared by the verbs that do it: each is a many_fn. */
#pragma once

#include "cli/verb.h"

int action_start(struct call *c, const char *name, struct err *e);
/* By --timeout, or else by the machine's own stop-timeout. */
int action_stop(struct call *c, const char *name, struct err *e);

/* Tells bulkheadd, when it runs, that the next end of the machine is wanted. */
void action_no_restart(struct call *c, const char *name);
