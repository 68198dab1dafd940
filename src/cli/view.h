/* SPDX-License-Identifier: Apache-2.0 */
/* Machines as `list`, `show`, `top` and `ps` look at them: machine_view() and the account. */
#pragma once

#include "cli/verb.h"
#include "machine/lifecycle.h"

struct view {
	const char *name;
	struct machine_view machine;
	bool accounted; /* the governor has an account of it */
	struct account account;
};

struct view_list {
	struct view *views; /* in the arena of the call of view_list_load() */
	size_t count;
};

/*
 * The machines named, in that order, or all of them by name when `names` is empty. A machine that
 * cannot be read is there as MACHINE_BROKEN; one that does not exist is an error.
 */
int view_list_load(struct call *c, struct arena *a, const char *const *names, struct view_list *ret,
		   struct err *e);

/* Puts what the image gives under the definition, as a start does; as it is when that fails. */
void view_resolve(struct call *c, struct view *v);

bool view_is_up(const struct view *v);

/* reserve/share/limit in one short cell each; strings in `a`. "-" for a default. */
const char *view_claim(struct arena *a, const struct claim *claim);
const char *view_memory(struct arena *a, const struct spec_memory *memory);

/* kept, best-effort, unsupported; "-" without a grant. */
const char *view_quality(const struct view *v, const struct grant_promise *promise);

const char *view_network_name(enum spec_network network);
const char *view_restart_name(enum spec_restart restart);
const char *view_init_name(enum spec_init init);
