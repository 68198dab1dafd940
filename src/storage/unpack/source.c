/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/unpack/source.h"

#include "storage/entry_name.h"

#include <errno.h>
#include <unistd.h>

#define BLOCK_BYTES 65536

static int libarchive_error(struct archive *a, struct err *e, const char *what)
{
	char shown[ENTRY_SHOWN_MAX];

	return err_set(e, ERR_INPUT, -EBADMSG, "%s: %s", what,
		       entry_name_show(archive_error_string(a), shown));
}

int source_open_archive(struct source *s, int fd, struct err *e)
{
	static int (*const filters[])(struct archive *) = {
		archive_read_support_filter_gzip, archive_read_support_filter_bzip2,
		archive_read_support_filter_xz,	  archive_read_support_filter_lzma,
		archive_read_support_filter_zstd, archive_read_support_filter_lz4,
	};

	s->archive = archive_read_new();
	if (!s->archive)
		return err_sys(e, -ENOMEM, "archive");
	/* ARCHIVE_WARN: it would call a program, which does not exist in the jail. */
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		(void)filters[i](s->archive);
	if (archive_read_support_format_tar(s->archive) != ARCHIVE_OK ||
	    archive_read_open_fd(s->archive, fd, BLOCK_BYTES) != ARCHIVE_OK)
		return libarchive_error(s->archive, e, "not a tar archive");
	return 0;
}

int source_open_directory(struct source *s, int fd, struct err *e)
{
	const int flags = ARCHIVE_READDISK_NO_TRAVERSE_MOUNTS | ARCHIVE_READDISK_NO_ACL |
			  ARCHIVE_READDISK_NO_FFLAGS;

	if (fchdir(fd) < 0)
		return err_sys(e, -errno, "directory to copy");
	s->archive = archive_read_disk_new();
	s->links = archive_entry_linkresolver_new();
	if (!s->archive || !s->links)
		return err_sys(e, -ENOMEM, "directory to copy");
	archive_entry_linkresolver_set_strategy(s->links, ARCHIVE_FORMAT_TAR_PAX_RESTRICTED);
	if (archive_read_disk_set_symlink_physical(s->archive) != ARCHIVE_OK ||
	    archive_read_disk_set_behavior(s->archive, flags) != ARCHIVE_OK ||
	    archive_read_disk_open(s->archive, ".") != ARCHIVE_OK)
		return libarchive_error(s->archive, e, "directory to copy");
	return 0;
}

int source_next(struct source *s, struct archive_entry **ret_entry, struct err *e)
{
	struct archive_entry *entry, *spare = NULL;
	int r = archive_read_next_header(s->archive, &entry);

	if (r == ARCHIVE_EOF)
		return -ENODATA;
	/* A warning is about a name's charset, and the name is still whole. */
	if (r < ARCHIVE_WARN)
		return libarchive_error(s->archive, e, "archive is damaged");
	if (s->links) {
		(void)archive_read_disk_descend(s->archive);
		archive_entry_linkify(s->links, &entry, &spare);
	}
	*ret_entry = entry;
	return 0;
}

void source_done(struct source *s)
{
	if (s->links)
		archive_entry_linkresolver_free(s->links);
	if (s->archive)
		(void)archive_read_free(s->archive);
	*s = SOURCE_INIT;
}
