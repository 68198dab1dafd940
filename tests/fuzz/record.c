/* SPDX-License-Identifier: Apache-2.0 */
/* A record of the journal. */
#include "tests/fuzz/fuzz.h"

#include "config/record_json.h"

#include <errno.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	_cleanup_strbuf_ struct strbuf first = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf second = STRBUF_INIT;
	_cleanup_record_ struct record record = RECORD_INIT, again = RECORD_INIT;
	struct err e = ERR_INIT;

	if (record_json_parse("f", (const char *)data, bytes, &record, &e) < 0) {
		FUZZ_CHECK(e.code == -EBADMSG && strncmp(e.message, "f ", 2) == 0);
		FUZZ_CHECK(record.undo.ops == NULL);
		return 0;
	}
	record_json_print(&record, &first);
	FUZZ_CHECK(record_json_parse("f", first.text, first.length, &again, &e) == 0);
	record_json_print(&again, &second);
	FUZZ_CHECK(strcmp(first.text, second.text) == 0);
	FUZZ_CHECK(record_json_parse("f", first.text, first.length - 1, &again, NULL) < 0);
	return 0;
}
