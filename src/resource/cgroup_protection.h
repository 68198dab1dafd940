/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory.min of the levels above the machines. cgroup-v2.rst: the effective floor is limited by
 * those of all ancestors, so the parent needs at least the sum of its children. It must not have
 * more either: with memory_recursiveprot what the children do not claim is handed down to all of
 * them by use, and a parent with "max" would make everything that any machine uses unreclaimable,
 * where the contract lends what is not reserved. So: exactly the sum, written again after every
 * change, which also repairs what a crash left.
 */
#pragma once

#include "model/host.h"

/* Sums up from the level above `path` to the top. Without memory.min: nothing. 0 or -errno. */
int cgroup_protection_sum(const struct host *host, const char *path);

/* The same after a machine is gone; one read where nobody has a floor. */
int cgroup_protection_lower(const struct host *host, const char *path);
