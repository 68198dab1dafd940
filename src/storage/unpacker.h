/* SPDX-License-Identifier: Apache-2.0 */
/* A running bulkhead-unpack, seen from its caller. Its reports are not trusted. */
#pragma once

#include "base/err.h"
#include "storage/unpack_report.h"

#include <stdbool.h>
#include <sys/types.h>

struct unpacker {
	pid_t pid;
	int reports; /* to poll */
	bool ended;
	struct unpack_report last;
};

#define UNPACKER_INIT ((struct unpacker){.pid = -1, .reports = -EBADF})
#define _cleanup_unpacker_ __attribute__((cleanup(unpacker_done)))

struct unpacker_request {
	int input; /* an archive, or a directory */
	bool directory;
	int rootfs;	    /* the directory to fill */
	uint64_t bytes_max; /* 0: the default */
};

int unpacker_start(struct unpacker *u, const struct unpacker_request *request, struct err *e);

/* Waits for one report. 1: progress; 0: done; else the error that it ended with. */
int unpacker_read(struct unpacker *u, struct err *e);

/* Ends it when it still runs. */
void unpacker_done(struct unpacker *u);
