/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capabilities(7) by name. Pure; the numbers are the kernel's ABI (linux/capability.h). Which of
 * them a machine gets by default is decided in security/.
 */
#pragma once

#include <stdint.h>

/* How many there are names for: CAP_CHOWN (0) to CAP_CHECKPOINT_RESTORE (40). */
#define CAPABILITY_COUNT 41

#define CAPABILITY_BIT(number) (UINT64_C(1) << (number))
#define CAPABILITY_ALL (CAPABILITY_BIT(CAPABILITY_COUNT) - 1)

/* "net_admin" for 12; NULL for a number that has no name. */
const char *capability_name(int number);

/* Number of "net_admin", "NET_ADMIN" or "CAP_NET_ADMIN"; -1 when there is none. */
int capability_find(const char *name);
