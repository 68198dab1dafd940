/* SPDX-License-Identifier: Apache-2.0 */
#include "guarantee/entitlement.h"

#include "base/wide.h"

#include <stdlib.h>

/* Shares above this are taken as this, so that sums of products fit 128 bits. */
#define SHARE_MAX UINT32_MAX

/* One contender above its floor: it may take `need` more, at the pace of `share`. */
struct filler {
	uint64_t need;
	uint64_t share;
	size_t index;
};

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t share_of(const struct claim *claim)
{
	return min(claim->share_milli, SHARE_MAX);
}

/* What it may have at most: demand and limit; share=0 makes the reservation the limit. */
static uint64_t cap_of(const struct contender *c, uint64_t capacity)
{
	uint64_t limit =
		c->claim.share_milli == 0 ? min(c->claim.reserve, c->claim.limit) : c->claim.limit;

	return min(capacity, min(c->demand, limit));
}

static uint64_t floor_of(const struct contender *c, uint64_t capacity)
{
	return min(c->claim.reserve, cap_of(c, capacity));
}

/* Reservations that do not fit (a capacity that shrank) shrink in proportion. */
static void fill_floors_only(uint64_t capacity, struct contender *contenders, size_t count,
			     wide_u128 floors)
{
	for (size_t i = 0; i < count; i++) {
		struct contender *c = &contenders[i];

		c->entitled = (uint64_t)((wide_u128)capacity * floor_of(c, capacity) / floors);
	}
}

/* By the water level at which it is full: need / share. */
static int filler_compare(const void *a, const void *b)
{
	const struct filler *x = a, *y = b;
	wide_u128 left = (wide_u128)x->need * y->share;
	wide_u128 right = (wide_u128)y->need * x->share;

	return left < right ? -1 : left > right;
}

/*
 * Raises the water until `rest` is spent. In the order of their levels each filler is full, or it
 * and all after it share what is left. `rest` and `shares` stay exact; only the last division
 * rounds down, by less than one unit for each.
 */
static void fill_excess(uint64_t rest, struct filler *fillers, size_t count,
			struct contender *contenders)
{
	wide_u128 shares = 0;

	qsort(fillers, count, sizeof(*fillers), filler_compare);
	for (size_t i = 0; i < count; i++)
		shares += fillers[i].share;
	for (size_t i = 0; i < count; i++) {
		const struct filler *f = &fillers[i];
		struct contender *c = &contenders[f->index];

		if (f->need * shares <= (wide_u128)rest * f->share) {
			c->entitled += f->need;
			rest -= f->need;
			shares -= f->share;
		} else {
			c->entitled += (uint64_t)((wide_u128)rest * f->share / shares);
		}
	}
}

void entitlement_fill(uint64_t capacity, struct contender *contenders, size_t count)
{
	struct filler *fillers;
	wide_u128 floors = 0;
	size_t open = 0;

	for (size_t i = 0; i < count; i++)
		floors += floor_of(&contenders[i], capacity);
	if (floors > capacity) {
		fill_floors_only(capacity, contenders, count, floors);
		return;
	}
	fillers = calloc(count + 1, sizeof(*fillers));
	if (!fillers)
		abort();
	for (size_t i = 0; i < count; i++) {
		struct contender *c = &contenders[i];
		uint64_t cap = cap_of(c, capacity);

		c->entitled = floor_of(c, capacity);
		if (cap > c->entitled && c->claim.share_milli > 0)
			fillers[open++] =
				(struct filler){cap - c->entitled, share_of(&c->claim), i};
	}
	fill_excess((uint64_t)(capacity - floors), fillers, open, contenders);
	free(fillers);
}
