/* SPDX-License-Identifier: Apache-2.0 */
#include "state/ledger.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "base/strbuf.h"
#include "config/record_json.h"
#include "model/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define LEDGER_FILE_MAX (8 * 1024 * 1024)

int ledger_load(const struct settings *s, struct ledger *ret_ledger, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	struct err failure = ERR_INIT;
	char path[PATHS_MAX];
	size_t bytes = 0;
	int r = io_read_file(AT_FDCWD, paths_run(s, "ledger", path), LEDGER_FILE_MAX, &text, &bytes,
			     &failure);

	if (r == -ENOENT) {
		*ret_ledger = (struct ledger){.entries = NULL};
		return 0;
	}
	if (r == 0)
		return ledger_json_parse(path, text, bytes, ret_ledger, e);
	if (e)
		*e = failure;
	return r;
}

static int ledger_store(const struct settings *s, const struct ledger *ledger, struct err *e)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	char path[PATHS_MAX];

	ledger_json_print(ledger, &text);
	return io_replace_file(AT_FDCWD, paths_run(s, "ledger", path), 0600, IO_VOLATILE, text.text,
			       text.length, e);
}

/* Index of the first entry whose name is not below `name`. */
static size_t lower_bound(const struct ledger *ledger, const char *name)
{
	size_t low = 0, high = ledger->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(ledger->entries[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct grant *ledger_find(const struct ledger *ledger, const char *name)
{
	size_t i = lower_bound(ledger, name);

	if (i < ledger->count && strcmp(ledger->entries[i].name, name) == 0)
		return &ledger->entries[i];
	return NULL;
}

/* Makes room for an entry at `at`. */
static void ledger_open_gap(struct ledger *ledger, size_t at)
{
	ledger->entries =
		reallocarray(ledger->entries, ledger->count + 1, sizeof(*ledger->entries));
	if (!ledger->entries)
		abort();
	memmove(&ledger->entries[at + 1], &ledger->entries[at],
		(ledger->count - at) * sizeof(*ledger->entries));
	ledger->count++;
}

int ledger_put(const struct settings *s, const struct grant *grant, struct err *e)
{
	_cleanup_ledger_ struct ledger ledger = {.entries = NULL};
	int r = ledger_load(s, &ledger, e);
	size_t at;

	if (r < 0)
		return r;
	at = lower_bound(&ledger, grant->name);
	if (at == ledger.count || strcmp(ledger.entries[at].name, grant->name) != 0) {
		if (ledger.count == LEDGER_ENTRIES_MAX)
			return err_set(e, ERR_REFUSED, -ENOSPC,
				       "%s: %d machines run already, the most that one host holds",
				       grant->name, LEDGER_ENTRIES_MAX);
		ledger_open_gap(&ledger, at);
	}
	ledger.entries[at] = *grant;
	return ledger_store(s, &ledger, e);
}

int ledger_remove(const struct settings *s, const char *name, struct err *e)
{
	_cleanup_ledger_ struct ledger ledger = {.entries = NULL};
	const struct grant *grant;
	size_t at;
	int r = ledger_load(s, &ledger, e);

	if (r < 0)
		return r;
	grant = ledger_find(&ledger, name);
	if (!grant)
		return 0;
	at = (size_t)(grant - ledger.entries);
	ledger.count--;
	memmove(&ledger.entries[at], &ledger.entries[at + 1],
		(ledger.count - at) * sizeof(*ledger.entries));
	return ledger_store(s, &ledger, e);
}

void ledger_done(struct ledger *ledger)
{
	free(ledger->entries);
	*ledger = (struct ledger){.entries = NULL};
}
