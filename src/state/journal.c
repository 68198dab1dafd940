/* SPDX-License-Identifier: Apache-2.0 */
#include "state/journal.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "base/strbuf.h"
#include "config/record_json.h"
#include "model/paths.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define RECORD_FILE_MAX (1024 * 1024)

static const char *entry_path(const struct settings *s, const char *name,
			      enum record_transaction transaction, char path[static PATHS_MAX])
{
	const char *suffix = record_transaction_name(transaction);
	char file[sizeof("journal/.create") + NAME_LENGTH_MAX];

	assert(suffix);
	(void)snprintf(file, sizeof(file), "journal/%.*s.%s", NAME_LENGTH_MAX, name, suffix);
	return paths_run(s, file, path);
}

int journal_write(const struct settings *s, const struct record *record, struct err *e)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	char path[PATHS_MAX];

	record_json_print(record, &text);
	(void)entry_path(s, record->name, record->transaction, path);
	return io_replace_file(AT_FDCWD, path, 0600, IO_VOLATILE, text.text, text.length, e);
}

int journal_read(const struct settings *s, const char *name, enum record_transaction transaction,
		 struct record *ret_record, struct err *e)
{
	_cleanup_record_ struct record record = RECORD_INIT;
	_cleanup_free_ char *text = NULL;
	char path[PATHS_MAX];
	size_t bytes = 0;
	int r = io_read_file(AT_FDCWD, entry_path(s, name, transaction, path), RECORD_FILE_MAX,
			     &text, &bytes, e);

	if (r == 0)
		r = record_json_parse(path, text, bytes, &record, e);
	if (r < 0)
		return r;
	if (strcmp(record.name, name) != 0 || record.transaction != transaction)
		return err_set(e, ERR_HOST, -EBADMSG,
			       "%s is damaged: it is the record of another machine or transaction",
			       path);
	*ret_record = record;
	record = RECORD_INIT;
	return 0;
}

int journal_remove(const struct settings *s, const char *name, enum record_transaction transaction,
		   struct err *e)
{
	char path[PATHS_MAX];

	return io_remove_file(AT_FDCWD, entry_path(s, name, transaction, path), e);
}

/* Splits "NAME.TRANSACTION"; false for files that are not ours (and temporaries: ".NAME..."). */
static bool entry_split(const char *file, char name[static NAME_LENGTH_MAX + 1],
			enum record_transaction *ret_transaction)
{
	const char *dot = strchr(file, '.');
	size_t length = dot ? (size_t)(dot - file) : 0;

	if (length == 0 || length > NAME_LENGTH_MAX)
		return false;
	memcpy(name, file, length);
	name[length] = '\0';
	*ret_transaction = record_transaction_find(dot + 1);
	return name_is_valid(name) && *ret_transaction != RECORD_TRANSACTION_UNSET;
}

int journal_foreach(const struct settings *s,
		    int (*each)(const char *name, enum record_transaction transaction, void *data),
		    void *data, struct err *e)
{
	char path[PATHS_MAX];
	_cleanup_dir_ DIR *dir = opendir(paths_run(s, "journal", path));

	if (!dir)
		return errno == ENOENT ? 0 : err_sys(e, -errno, "open %s", path);
	for (;;) {
		enum record_transaction transaction;
		char name[NAME_LENGTH_MAX + 1];
		const struct dirent *entry;
		int r;

		errno = 0;
		entry = readdir(dir);
		if (!entry)
			return errno ? err_sys(e, -errno, "read %s", path) : 0;
		if (!entry_split(entry->d_name, name, &transaction))
			continue;
		r = each(name, transaction, data);
		if (r != 0)
			return r;
	}
}
