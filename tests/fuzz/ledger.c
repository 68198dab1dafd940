/* SPDX-License-Identifier: Apache-2.0 */
/* A ledger; and whatever it promises, admission beside it keeps its sums. */
#include "tests/fuzz/fuzz.h"

#include "base/units.h"
#include "config/record_json.h"
#include "guarantee/admission.h"

#include <errno.h>

static void admit_beside(const struct ledger *ledger)
{
	struct host host = {.capacity = {.cpu_millicpus = 4000, .memory_bytes = 1 << 30}};
	struct spec spec = {.name = "fuzz",
			    .cpu.claim = {.reserve = 700, .share_milli = 1000, .limit = UNIT_NONE},
			    .memory = {.reserve_bytes = 1 << 20,
				       .limit_bytes = UNIT_NONE,
				       .swap_bytes = UNIT_NONE},
			    .counts.pids = UNIT_NONE};
	struct admission_room room;
	struct grant grant;
	struct err e = ERR_INIT;

	for (size_t cpu = 0; cpu < 4; cpu++)
		CPU_SET(cpu, &host.capacity.cpus);
	admission_cpu_room(&host, ledger, &room);
	if (admission_decide(&spec, &host, ledger, &grant, &e) < 0)
		FUZZ_CHECK(e.code == -ENOSPC && e.kind == ERR_REFUSED);
	else if (!ledger->count)
		FUZZ_CHECK(grant.cpu.reserve <= room.left);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	_cleanup_strbuf_ struct strbuf first = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf second = STRBUF_INIT;
	struct ledger ledger = {.entries = NULL}, again = {.entries = NULL};
	struct err e = ERR_INIT;

	if (ledger_json_parse("f", (const char *)data, bytes, &ledger, &e) < 0) {
		FUZZ_CHECK(e.code == -EBADMSG && strncmp(e.message, "f ", 2) == 0);
		FUZZ_CHECK(ledger.entries == NULL);
		return 0;
	}
	ledger_json_print(&ledger, &first);
	FUZZ_CHECK(ledger_json_parse("f", first.text, first.length, &again, &e) == 0);
	ledger_json_print(&again, &second);
	FUZZ_CHECK(strcmp(first.text, second.text) == 0);
	admit_beside(&ledger);
	free(ledger.entries);
	free(again.entries);
	return 0;
}
