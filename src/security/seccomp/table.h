/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The source of truth of the seccomp profiles: one row per group of system calls and reason.
 * Compiled to BPF at build time by compile.c; nothing of it is in the programs.
 *
 * What no row allows fails with EPERM when the call is known (to libseccomp), and with ENOSYS when
 * it is newer than that, so that libc falls back to the older call.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum seccomp_profile_bit {
	PROFILE_DEFAULT = 1, /* plain commands */
	PROFILE_SYSTEM = 2,  /* systemd, sysv */
	PROFILE_BOTH = 3
};

enum seccomp_verdict { VERDICT_UNSET = 0, VERDICT_ALLOW, VERDICT_ENOSYS };

enum seccomp_test { TEST_NONE = 0, TEST_EQUAL, TEST_NOT_EQUAL, TEST_MASK_CLEAR };

struct seccomp_row {
	unsigned int profiles;
	enum seccomp_verdict verdict;
	enum seccomp_test test; /* of one argument */
	unsigned int argument;
	uint64_t value; /* TEST_MASK_CLEAR: none of these bits */
	const char *reason;
	/* Names between blanks; one that an architecture lacks is passed over. "?name" may be newer
	 * than the libseccomp that builds, and then is ENOSYS. */
	const char *calls;
};

extern const struct seccomp_row seccomp_rows[];
extern const size_t seccomp_row_count;
