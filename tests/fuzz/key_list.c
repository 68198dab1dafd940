/* SPDX-License-Identifier: Apache-2.0 */
/* Options and assignments: the first line is the section, the rest the list; then KEY, VALUE. */
#include "tests/fuzz/fuzz.h"

#include "config/machine_ini.h"
#include "config/oci_json.h"

static void check_spec(const struct spec *spec, struct arena *a)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf oci = STRBUF_INIT;
	struct spec again;

	machine_ini_print(spec, &text);
	if (spec_check_relations(spec, NULL) == 0 && text.length <= MACHINE_INI_MAX_BYTES)
		FUZZ_CHECK(machine_ini_parse("f", strbuf_text(&text), text.length, a, &again,
					     NULL) == 0);
	oci_json_print(spec, "/", &oci);
	FUZZ_CHECK(oci.length > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	char *section = arena_strndup(&a, (const char *)data, bytes);
	char *list = strchr(section, '\n');
	struct err e = ERR_INIT;
	struct spec spec;
	int r;

	if (!list)
		return 0;
	*list++ = '\0';
	spec_set_defaults(&spec, &a);
	r = machine_key_set_list(&spec, &a, section, list, &e);
	if (r < 0)
		FUZZ_CHECK(e.code < 0 && e.kind == ERR_INPUT && e.message[0] != '\0');
	if (machine_key_set(&spec, &a, section, list, NULL) == 0)
		r = 0;
	if (r == 0)
		check_spec(&spec, &a);
	return 0;
}
