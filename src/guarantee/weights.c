/* SPDX-License-Identifier: Apache-2.0 */
#include "guarantee/weights.h"

#include "base/wide.h"

#define PPM_ALL 1000000u
#define SHARE_MAX UINT32_MAX

#define CPU_WEIGHT_MIN 1u
#define CPU_WEIGHT_TOP 10000u
#define CPU_SHARES_MIN 2u
#define CPU_SHARES_TOP 262144u

/* What a static weight of one claim depends on: the claims of all. */
struct totals {
	uint64_t capacity; /* at least 1 */
	uint64_t excess;   /* capacity - sum of the reservations; 0 when they do not fit */
	wide_u128 shares;
};

/* The claims are `stride` bytes apart. */
static struct totals totals_of(uint64_t capacity, const void *first, size_t stride, size_t count)
{
	struct totals t = {.capacity = capacity ? capacity : 1};
	wide_u128 reserved = 0;

	for (size_t i = 0; i < count; i++) {
		const struct claim *c = (const void *)((const char *)first + i * stride);

		reserved += c->reserve;
		t.shares += c->share_milli < SHARE_MAX ? c->share_milli : SHARE_MAX;
	}
	t.excess = reserved < capacity ? (uint64_t)(capacity - reserved) : 0;
	return t;
}

static uint64_t ppm_of(uint64_t part, uint64_t whole)
{
	return part >= whole ? PPM_ALL : (uint64_t)((wide_u128)part * PPM_ALL / whole);
}

static uint32_t ppm_clamp(uint64_t ppm)
{
	return ppm < 1 ? 1 : ppm > PPM_ALL ? PPM_ALL : (uint32_t)ppm;
}

/* R / C + (C - sum R) S / (sum S * C) */
static uint64_t static_ppm(const struct totals *t, const struct claim *c)
{
	uint64_t share = c->share_milli < SHARE_MAX ? c->share_milli : SHARE_MAX;
	uint64_t ppm = ppm_of(c->reserve, t->capacity);

	if (t->shares > 0)
		ppm += (uint64_t)((wide_u128)t->excess * share * PPM_ALL /
				  (t->shares * t->capacity));
	return ppm;
}

void weights_static(uint64_t capacity, const struct claim *claims, uint32_t *ret_ppm, size_t count)
{
	struct totals t = totals_of(capacity, claims, sizeof(*claims), count);

	for (size_t i = 0; i < count; i++)
		ret_ppm[i] = ppm_clamp(static_ppm(&t, &claims[i]));
}

/*
 * R C / (C - R), and not below the static weight: who wakes without a reservation must not wait
 * for the next sample either. It does not depend on who is busy, so it is written once.
 */
static uint64_t idle_ppm(const struct totals *t, const struct claim *c)
{
	/* A reservation of all but 1 % of the capacity or more is 99 times the rest. */
	uint64_t most = (uint64_t)((wide_u128)t->capacity * 99 / 100);
	uint64_t reserve = c->reserve < most ? c->reserve : most;
	uint64_t by_floor = (uint64_t)((wide_u128)reserve * PPM_ALL / (t->capacity - reserve));
	uint64_t by_claim = static_ppm(t, c);

	return by_floor > by_claim ? by_floor : by_claim;
}

_Static_assert(offsetof(struct contender, claim) == 0, "totals_of() reads claims");

static uint64_t dynamic_ppm(const struct totals *t, const struct contender *c, wide_u128 busy)
{
	if (c->demand == 0)
		return idle_ppm(t, &c->claim);
	return busy ? (uint64_t)((wide_u128)c->entitled * PPM_ALL / busy) : 1;
}

void weights_dynamic(uint64_t capacity, const struct contender *contenders, uint32_t *ret_ppm,
		     size_t count)
{
	struct totals t = totals_of(capacity, contenders, sizeof(*contenders), count);
	uint64_t top = PPM_ALL;
	wide_u128 busy = 0;

	for (size_t i = 0; i < count; i++)
		busy += contenders[i].demand ? contenders[i].entitled : 0;
	for (size_t i = 0; i < count; i++) {
		uint64_t ppm = dynamic_ppm(&t, &contenders[i], busy);

		top = ppm > top ? ppm : top;
	}
	/* Only an idle reservation of more than half the capacity is above the top: then all go
	 * down together, so that their ratios stay. */
	for (size_t i = 0; i < count; i++)
		ret_ppm[i] = ppm_clamp(dynamic_ppm(&t, &contenders[i], busy) * PPM_ALL / top);
}

static uint32_t scale(uint32_t ppm, uint32_t least, uint32_t top)
{
	uint64_t value = ((uint64_t)ppm * top + PPM_ALL / 2) / PPM_ALL;

	return value < least ? least : value > top ? top : (uint32_t)value;
}

uint32_t weights_to_cpu_weight(uint32_t ppm)
{
	return scale(ppm, CPU_WEIGHT_MIN, CPU_WEIGHT_TOP);
}

uint32_t weights_to_cpu_shares(uint32_t ppm)
{
	return scale(ppm, CPU_SHARES_MIN, CPU_SHARES_TOP);
}
