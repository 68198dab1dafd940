/* SPDX-License-Identifier: Apache-2.0 */
#include "model/plan.h"

#include <assert.h>
#include <stdlib.h>

void plan_add(struct plan *p, const struct op *op)
{
	assert(op->kind > OP_UNSET && op->kind < OP_KIND_MAX);
	assert(op->stage > OP_STAGE_UNSET && op->stage < OP_STAGE_MAX);
	if (p->count == p->capacity) {
		p->capacity = p->capacity ? 2 * p->capacity : 64;
		p->ops = reallocarray(p->ops, p->capacity, sizeof(*p->ops));
		if (!p->ops)
			abort();
	}
	p->ops[p->count++] = (struct op){
		.kind = op->kind,
		.stage = op->stage,
		.subject = arena_strdup(&p->arena, op->subject),
		.source = arena_strdup(&p->arena, op->source),
		.name = arena_strdup(&p->arena, op->name),
		.value = arena_strdup(&p->arena, op->value),
		.number = op->number,
		.flags = op->flags,
	};
}

void plan_order(struct plan *p)
{
	struct op *ordered;
	size_t n = 0;

	if (p->count == 0)
		return;
	ordered = calloc(p->count, sizeof(*ordered));
	if (!ordered)
		abort();
	for (int stage = OP_STAGE_HOST; stage < OP_STAGE_MAX; stage++) {
		for (size_t i = 0; i < p->count; i++) {
			if ((int)p->ops[i].stage == stage)
				ordered[n++] = p->ops[i];
		}
	}
	free(p->ops);
	p->ops = ordered;
	p->capacity = p->count;
}

void plan_done(struct plan *p)
{
	free(p->ops);
	arena_done(&p->arena);
	*p = PLAN_INIT;
}
