/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include "config/image_ini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	_cleanup_strbuf_ struct strbuf first = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf second = STRBUF_INIT;
	struct err e = ERR_INIT;
	struct image image, again;

	if (image_ini_parse("f", (const char *)data, bytes, &a, &image, &e) < 0) {
		FUZZ_CHECK(e.code < 0 && e.kind == ERR_INPUT && strncmp(e.message, "f", 1) == 0);
		return 0;
	}
	image_ini_print(&image, &first);
	if (first.length > 65536)
		return 0;
	FUZZ_CHECK(image_ini_parse("f", strbuf_text(&first), first.length, &a, &again, &e) == 0);
	image_ini_print(&again, &second);
	FUZZ_CHECK(strcmp(strbuf_text(&first), strbuf_text(&second)) == 0);
	return 0;
}
