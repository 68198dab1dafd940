/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses the unit, the rest is the text. */
#include "tests/fuzz/fuzz.h"

#include "base/units.h"

#include <errno.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	char text[128], printed[UNIT_TEXT_MAX];
	uint64_t value = 42, again = 0;
	struct err e = ERR_INIT;
	enum unit unit;
	int r;

	if (bytes < 1 || bytes > sizeof(text))
		return 0;
	unit = (enum unit)(1 + data[0] % (UNIT_MAX - 1));
	memcpy(text, data + 1, bytes - 1);
	text[bytes - 1] = '\0';
	r = unit_parse(unit, "key", text, &value, &e);
	if (r < 0) {
		FUZZ_CHECK((r == -EINVAL || r == -ERANGE) && e.code == r && e.kind == ERR_INPUT);
		FUZZ_CHECK(value == 42 && strncmp(e.message, "key: ", 5) == 0);
		return 0;
	}
	FUZZ_CHECK(unit_parse(unit, "key", unit_print(unit, value, printed), &again, &e) == 0);
	FUZZ_CHECK(value == again);
	return 0;
}
