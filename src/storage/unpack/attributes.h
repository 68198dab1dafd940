/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Extended attributes that an image keeps: security.capability and user.*. All others are counted
 * and left out; trusted.overlay.* in a lower layer would redirect the overlay of every machine.
 */
#pragma once

#include "base/err.h"
#include "storage/unpack_report.h"

#include <archive.h>
#include <archive_entry.h>

int attributes_set(int fd, struct archive_entry *entry, const char *path,
		   struct unpack_report *totals, struct err *e);
