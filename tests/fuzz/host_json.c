/* SPDX-License-Identifier: Apache-2.0 */
/* A text of host facts; the same text as capacity.ini as well. */
#include "tests/fuzz/fuzz.h"

#include "config/host_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	_cleanup_strbuf_ struct strbuf first = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf second = STRBUF_INIT;
	struct err e = ERR_INIT;
	struct host host = {.kernel.release = 0}, again;

	if (capacity_ini_apply("f", (const char *)data, bytes, &host.capacity, &e) == 0)
		FUZZ_CHECK(host.capacity.cpu_reserved <= host.capacity.cpu_millicpus);
	if (host_json_parse("f", (const char *)data, bytes, &host, &e) < 0) {
		FUZZ_CHECK(e.code < 0 && e.kind == ERR_INPUT && strncmp(e.message, "f", 1) == 0);
		return 0;
	}
	host_json_print(&host, &first);
	FUZZ_CHECK(host_json_parse("f", strbuf_text(&first), first.length, &again, &e) == 0);
	host_json_print(&again, &second);
	FUZZ_CHECK(strcmp(strbuf_text(&first), strbuf_text(&second)) == 0);
	return 0;
}
