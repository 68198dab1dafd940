/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What bulkhead-unpack tells its caller, as one write of a fixed size to descriptor 4: any number
 * of UNPACK_PROGRESS, then UNPACK_DONE or UNPACK_FAILED. The unpacker is not trusted: the reader
 * checks magic and kind, terminates and cleans the text.
 *
 * Descriptors of bulkhead-unpack: 0 the archive (a file or pipe), or with --directory the directory
 * to copy; 3 the empty directory to fill; 4 the pipe for reports.
 */
#pragma once

#include "base/err.h"

#include <limits.h>
#include <stdint.h>

#define UNPACK_MAGIC 0x424b5531u
#define UNPACK_TARGET_FD 3
#define UNPACK_REPORT_FD 4

#define UNPACK_ENTRIES_MAX 5000000u
#define UNPACK_BYTES_DEFAULT (64ull << 30)
#define UNPACK_ID_MAX 65535

enum unpack_report_kind { UNPACK_UNSET = 0, UNPACK_PROGRESS, UNPACK_DONE, UNPACK_FAILED };

struct unpack_report {
	uint32_t magic;
	uint32_t kind;
	uint64_t input_bytes; /* of the archive, compressed, read so far */
	uint64_t entries;
	uint64_t file_bytes;	     /* apparent size of the files, hard links once */
	uint64_t skipped_devices;    /* device nodes and sockets */
	uint64_t skipped_attributes; /* extended attributes that images do not keep */
	struct err err;		     /* UNPACK_FAILED */
};

_Static_assert(sizeof(struct unpack_report) <= PIPE_BUF, "a report is one atomic write");
