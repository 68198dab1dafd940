/* SPDX-License-Identifier: Apache-2.0 */
/* Whose console is read next. A machine that floods its console waits for its turn and, with all
 * the others that flood, for the next tick: the keeper's time is not accounted to it. */
#include "keeper/console.h"
#include "keeper/keeper.h"

#define TICK_USEC 50000u
#define TICK_BYTES (128u * 1024u)
#define TURN_BYTES 65536u
/* A pty holds less than this when nobody writes to it any more. */
#define DRAIN_BYTES (4u * 1024u * 1024u)

void pumping_ready(struct keeper *k, uint32_t slot)
{
	if (k->has_turn[slot])
		return;
	k->has_turn[slot] = 1;
	k->turn[(k->turn_first + k->turn_count) % TABLE_SLOTS] = (uint16_t)slot;
	k->turn_count++;
}

static uint32_t turn_take(struct keeper *k)
{
	uint32_t slot = k->turn[k->turn_first];

	k->turn_first = (k->turn_first + 1) % TABLE_SLOTS;
	k->turn_count--;
	k->has_turn[slot] = 0;
	return slot;
}

void pumping_run(struct keeper *k, uint64_t now, int *ret_wait_msec)
{
	uint32_t round = k->turn_count;

	if (now - k->tick_usec >= TICK_USEC) {
		k->tick_usec = now;
		k->tick_bytes = TICK_BYTES;
	}
	/* One round, then others' events get their turn. */
	for (; round > 0 && k->tick_bytes > 0; round--) {
		uint32_t slot = turn_take(k);
		size_t budget = k->tick_bytes < TURN_BYTES ? k->tick_bytes : TURN_BYTES;
		size_t moved;

		if (console_pump(k->h, k->t, slot, budget, &moved) == CONSOLE_MORE)
			pumping_ready(k, slot);
		k->tick_bytes -= moved < k->tick_bytes ? moved : k->tick_bytes;
	}
	if (k->turn_count == 0)
		*ret_wait_msec = -1;
	else if (k->tick_bytes > 0)
		*ret_wait_msec = 0;
	else
		*ret_wait_msec = (int)((k->tick_usec + TICK_USEC - now) / 1000 + 1);
}

void pumping_drain(struct keeper *k, uint32_t slot)
{
	size_t moved;

	(void)console_pump(k->h, k->t, slot, DRAIN_BYTES, &moved);
}
