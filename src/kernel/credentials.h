/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What else falls away before exec: keyctl(2), prctl(2), seccomp(2), setrlimit(2), close_range(2).
 * No allocation.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A new, empty session keyring; -ENOSYS and -EDQUOT are the caller's to judge. */
int keyring_join(const char *name);
/* SECCOMP_SET_MODE_FILTER with a struct sock_fprog. */
int seccomp_install(const void *program);
int no_new_privs_set(void);
/* setgroups, setresgid, setresuid, with PR_SET_KEEPCAPS so that capability_set() may follow. */
int credentials_set(uint32_t uid, uint32_t gid, const uint32_t *groups, size_t count);
/* Close-on-exec for every descriptor from `first` (3 in general) on. */
int descriptors_close_on_exec(int first);
