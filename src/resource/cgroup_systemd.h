/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is written to the cgroup of a unit, systemd is told as well: it writes all attributes of its
 * units anew at every daemon-reload, from what it knows (systemd.resource-control(5)).
 */
#pragma once

#include "base/err.h"
#include "model/host.h"

/*
 * `path`: of the cgroup of a scope or a slice; `file` and `value` as they were written there.
 * Success on a host without systemd, and for files that are no property.
 */
int cgroup_systemd_tell(const struct host *host, const char *path, const char *file,
			const char *value, struct err *e);
