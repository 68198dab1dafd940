/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock (kernel documentation: userspace-api/landlock), version 2 or later. */
#pragma once

/*
 * From now on nothing but what is below the two directories can be opened; `source` only for
 * reading, -EBADF when there is none. Success where the kernel has no Landlock, or only version 1,
 * which forbids hard links across directories.
 */
int landlock_enter(int target, int source);
