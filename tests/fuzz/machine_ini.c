/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a definition is: an error that says where, or a spec that prints and reads the same. */
#include "tests/fuzz/fuzz.h"

#include "config/machine_ini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	_cleanup_strbuf_ struct strbuf first = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf second = STRBUF_INIT;
	struct err e = ERR_INIT;
	struct spec spec, again;

	if (machine_ini_parse("f", (const char *)data, bytes, &a, &spec, &e) < 0) {
		FUZZ_CHECK(e.code < 0 && e.kind == ERR_INPUT && strncmp(e.message, "f", 1) == 0);
		return 0;
	}
	machine_ini_print(&spec, &first);
	if (first.length > MACHINE_INI_MAX_BYTES)
		return 0;
	FUZZ_CHECK(machine_ini_parse("f", strbuf_text(&first), first.length, &a, &again, &e) == 0);
	machine_ini_print(&again, &second);
	FUZZ_CHECK(strcmp(strbuf_text(&first), strbuf_text(&second)) == 0);
	if (spec.process.argv[0])
		FUZZ_CHECK(spec_check(&spec, &e) == 0);
	return 0;
}
