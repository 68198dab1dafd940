/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/unpack/attributes.h"

#include "storage/entry_name.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <string.h>
#include <sys/xattr.h>

#define ATTRIBUTES_MAX 64
#define ATTRIBUTE_BYTES_MAX 65536

static bool is_kept(const char *name, const void *value, size_t bytes)
{
	if (strncmp(name, "user.", 5) == 0)
		return true;
	/* A capability of another user namespace (revision 3) means nothing in a machine. */
	return strcmp(name, "security.capability") == 0 && value && bytes == XATTR_CAPS_SZ_2;
}

int attributes_set(int fd, struct archive_entry *entry, const char *path,
		   struct unpack_report *totals, struct err *e)
{
	char shown[ENTRY_SHOWN_MAX];
	const char *name;
	const void *value;
	size_t bytes;
	int count = archive_entry_xattr_reset(entry);

	if (count > ATTRIBUTES_MAX)
		return err_set(e, ERR_INPUT, -E2BIG,
			       "entry %s has %d extended attributes, more than %d",
			       entry_name_show(path, shown), count, ATTRIBUTES_MAX);
	while (archive_entry_xattr_next(entry, &name, &value, &bytes) == ARCHIVE_OK) {
		if (!name || !is_kept(name, value, bytes) || bytes > ATTRIBUTE_BYTES_MAX) {
			totals->skipped_attributes++;
			continue;
		}
		if (fsetxattr(fd, name, value, bytes, 0) == 0)
			continue;
		/* The file system has no user.* attributes (tmpfs before 6.6). */
		if (errno != EOPNOTSUPP || strcmp(name, "security.capability") == 0)
			return err_sys(e, -errno, "attribute of entry %s",
				       entry_name_show(path, shown));
		totals->skipped_attributes++;
	}
	return 0;
}
