/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which cgroup a machine has in which hierarchy, and who makes it. Pure.
 */
#pragma once

#include "model/host.h"
#include "model/settings.h"

#include <stdbool.h>

/* "bulkhead.slice", "bulkhead-web.scope"; another instance's: "bulkhead_1234abcd.slice". */
const char *cgroup_slice(const struct settings *s, char buffer[static HOST_PATH_MAX]);
const char *cgroup_unit(const struct settings *s, const char *name,
			char buffer[static HOST_PATH_MAX]);

/* systemd makes the directory of this controller's hierarchy (SCOPE_START), not CGROUP_MAKE. */
bool cgroup_is_scoped(const struct host *host, enum cgroup_controller c);

/* The child is made inside of its cgroup of the tree by clone3(2). */
bool cgroup_is_born_into(const struct host *host);
