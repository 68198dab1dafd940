/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where entries come from: a tar archive, compressed or not, or a directory that is copied. Both
 * are libarchive readers (archive_read_open_fd(3), archive_read_disk(3)).
 */
#pragma once

#include "base/err.h"

#include <archive.h>
#include <archive_entry.h>

struct source {
	struct archive *archive;
	struct archive_entry_linkresolver *links; /* directories only */
};

#define SOURCE_INIT ((struct source){.archive = NULL})

/* tar in all its dialects; gzip, bzip2, xz, lzma, zstd, lz4, by this process alone. */
int source_open_archive(struct source *s, int fd, struct err *e);

/* The process's directory is changed to `fd`; no link is followed, no mount entered. */
int source_open_directory(struct source *s, int fd, struct err *e);

/* 0: *ret_entry, borrowed until the next call; -ENODATA: the end. */
int source_next(struct source *s, struct archive_entry **ret_entry, struct err *e);

void source_done(struct source *s);
