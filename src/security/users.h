/* SPDX-License-Identifier: Apache-2.0 */
/*
 * passwd(5) and group(5) of a machine: hostile files, read once, in pieces of a fixed size, with a
 * limit on their length and on each line. No allocation, no name service.
 */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define USERS_GROUPS_MAX 256
#define USERS_LINE_MAX 4096
#define USERS_FILE_MAX (4u << 20)

struct users_identity {
	uint32_t uid;
	uint32_t gid;
	uint32_t groups[USERS_GROUPS_MAX]; /* supplementary, without gid */
	size_t group_count;
};

/*
 * `user` is "0", "1000:1000", "www-data", "www-data:adm". A number needs no entry: its group is
 * the entry's, else 0. With a group given there are no supplementary groups.
 * ERR_INPUT: a name that is not there, a number past `id_count` (0: no user
 * namespace, so no bound).
 */
int users_find(int root_fd, const char *user, uint32_t id_count, struct users_identity *ret,
	       struct err *e);
