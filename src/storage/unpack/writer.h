/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries of an archive become files below one directory. The archive is hostile: names pass
 * storage/entry_name.h, parents are opened by openat2(2) beneath the root without following any
 * link, existing directories are never replaced, nothing is written through a link.
 */
#pragma once

#include "base/err.h"
#include "storage/entry_name.h"
#include "storage/unpack_report.h"

#include <archive.h>
#include <archive_entry.h>

struct writer_directory;

struct writer {
	int root;
	uint64_t bytes_max;
	uint64_t written_bytes;
	struct unpack_report totals;
	/* The parent of the last entry: archives come directory by directory. */
	int parent;
	char parent_path[ENTRY_PATH_MAX];
	/* Times of directories are set last, as every entry made in them changes them. */
	struct writer_directory *directories;
	size_t directory_count, directory_capacity;
};

/* Takes no ownership of `root`. */
void writer_init(struct writer *w, int root, uint64_t bytes_max);

/* Writes one entry with its data, which is read from `source`. ERR_INPUT when it is refused. */
int writer_add(struct writer *w, struct archive *source, struct archive_entry *entry,
	       struct err *e);

/* Times of directories. */
int writer_finish(struct writer *w, struct err *e);

void writer_done(struct writer *w);
