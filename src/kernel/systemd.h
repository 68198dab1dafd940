/* SPDX-License-Identifier: Apache-2.0 */
/*
 * systemd's manager over D-Bus (org.freedesktop.systemd1(5)). libsystemd is loaded at the first
 * call, so that hosts without systemd do not pay for it.
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* sd_booted(3): /run/systemd/system exists. */
bool systemd_is_running(void);

/*
 * StartTransientUnit of a scope around `pid` in `slice`, Delegate=yes,
 * CollectMode=inactive-or-failed; waits for the job. -ETIMEDOUT after 10 s.
 */
int systemd_scope_start(const char *unit, const char *slice, const char *description, pid_t pid,
			struct err *e);
/* A property of a unit's cgroup; UINT64_MAX is "infinity". */
struct systemd_property {
	const char *name;
	uint64_t value;
};

/* SetUnitProperties, until the next boot. systemd writes what it knows at every daemon-reload. */
int systemd_unit_set(const char *unit, const struct systemd_property *properties, size_t count,
		     struct err *e);
/* StopUnit; success when there is none. */
int systemd_scope_stop(const char *unit, struct err *e);
