/* SPDX-License-Identifier: Apache-2.0 */
/* A machine's /etc/passwd, and what is printed of it: no control character reaches a terminal. */
#include "cli/passwd.h"
#include "cli/format.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_safe(struct arena *a, const char *text)
{
	const char *safe = format_safe(a, text);

	for (const char *s = safe; *s; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			abort();
	}
	/* Made safe once, it stays as it is. */
	if (strcmp(safe, format_safe(a, safe)) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	char *text = malloc(size + 1);
	struct passwd p;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	passwd_parse(text, &a, &p);
	for (size_t i = 0; i < p.count; i++) {
		const struct passwd_entry *e = &p.entries[i];

		if (!*e->name || !passwd_find(&p, e->name) != (strlen(e->name) >= 64))
			abort();
		if (!passwd_find_uid(&p, e->uid))
			abort();
		check_safe(&a, e->name);
		check_safe(&a, e->home);
		check_safe(&a, e->shell);
	}
	free(text);
	return 0;
}
