/* SPDX-License-Identifier: Apache-2.0 */
#include "guarantee/refusal.h"

#include "base/cleanup.h"
#include "base/strbuf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HOLDERS_SHOWN 5
#define MIB (UINT64_C(1) << 20)

struct holder {
	const char *name;
	uint64_t amount;
};

static int holder_compare(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;

	if (x->amount != y->amount)
		return x->amount > y->amount ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Bytes of what a host has are odd numbers: whole mebibytes read better, rounded down. */
static const char *amount_print(const struct refusal *r, uint64_t amount,
				char text[static UNIT_TEXT_MAX])
{
	if (r->unit == UNIT_BYTES && amount >= MIB)
		amount -= amount % MIB;
	return unit_print(r->unit, amount, text);
}

/* " (db 1, mail 0.2 and 3 more)", largest first; nothing when nobody holds any. */
static void holders_print(const struct refusal *r, const struct ledger *ledger, struct strbuf *out)
{
	_cleanup_free_ struct holder *holders = calloc(ledger->count + 1, sizeof(*holders));
	char text[UNIT_TEXT_MAX];
	size_t count = 0;

	if (!holders)
		abort();
	for (size_t i = 0; i < ledger->count; i++) {
		const struct grant *grant = &ledger->entries[i];
		uint64_t amount = r->held(grant);

		if (amount > 0 && strcmp(grant->name, r->name) != 0)
			holders[count++] = (struct holder){grant->name, amount};
	}
	qsort(holders, count, sizeof(*holders), holder_compare);
	for (size_t i = 0; i < count && i < HOLDERS_SHOWN; i++)
		strbuf_printf(out, "%s%s %s", i ? ", " : " (", holders[i].name,
			      amount_print(r, holders[i].amount, text));
	if (count > HOLDERS_SHOWN)
		strbuf_printf(out, " and %zu more", count - HOLDERS_SHOWN);
	if (count > 0)
		strbuf_append(out, ")");
}

int refusal_set(const struct refusal *r, const struct ledger *ledger, struct err *e)
{
	char asked[UNIT_TEXT_MAX], left[UNIT_TEXT_MAX], total[UNIT_TEXT_MAX];
	_cleanup_strbuf_ struct strbuf holders = STRBUF_INIT;

	if (!e)
		return -ENOSPC;
	holders_print(r, ledger, &holders);
	(void)amount_print(r, r->room.left, left);
	return err_set(e, ERR_REFUSED, -ENOSPC,
		       "%s reserve %s%s refused: %s of %s%s left%s; lower it with 'bulkhead set %s "
		       "%s.reserve=%s'",
		       r->resource, unit_print(r->unit, r->asked, asked), r->where, left,
		       amount_print(r, r->room.total, total), r->noun, strbuf_text(&holders),
		       r->name, r->resource, left);
}
