/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delivered against promised: RUN/accounts, an array of struct account, mapped by the governor,
 * which alone writes it, and read by whoever prints it. Records live over a death of the governor.
 */
#pragma once

#include "base/err.h"
#include "model/settings.h"
#include "model/usage.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#define ACCOUNTS_MAX 4096u

struct accounts {
	struct account *records; /* mapped; an empty name: free */
	size_t count;		 /* of records in the file, which grows by them */
	int file;
};
#define ACCOUNTS_INIT ((struct accounts){.records = NULL, .file = -EBADF})

int accounts_open(const struct settings *s, struct accounts *ret, struct err *e);
void accounts_close(struct accounts *a);

/* The record of a machine, an empty one if it had none; NULL when all are taken. Borrowed. */
struct account *accounts_get(struct accounts *a, const char *name);
/* Empties the records of all machines that are not kept. */
void accounts_keep(struct accounts *a, bool (*is_kept)(const char *name, void *data), void *data);

/* One period in which a machine wanted `target_milli` of its reservation and had
 * `delivered_milli`. Nothing is counted when the target is 0. Pure. */
void account_add(struct account *record, uint64_t target_milli, uint64_t delivered_milli);
