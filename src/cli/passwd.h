/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /etc/passwd of a machine, which is hostile: opened below its root only, a regular file of a
 * limited size, parsed here and not by the host's libc.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"

#include <stdint.h>
#include <sys/types.h>

#define PASSWD_MAX_BYTES (1024u * 1024u)

struct passwd_entry {
	const char *name;
	const char *home;
	const char *shell;
	uint32_t uid;
};

struct passwd {
	struct passwd_entry *entries; /* in the arena */
	size_t count;
};

/* Pure. Lines that are not valid are skipped. `text` is changed, and kept. */
void passwd_parse(char *text, struct arena *a, struct passwd *ret);

/* Of the root of `pid`, a process that is known to be the machine's. Empty when there is none. */
int passwd_load(pid_t pid, struct arena *a, struct passwd *ret, struct err *e);

/* By "name", "name:group", "1000" or "1000:1000"; NULL when there is none. */
const struct passwd_entry *passwd_find(const struct passwd *p, const char *user);
const struct passwd_entry *passwd_find_uid(const struct passwd *p, uint32_t uid);
