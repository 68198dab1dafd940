/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grant -> (controller, file, value), as tables with one row per file and hierarchy version. Pure.
 *
 * Rows stand in the order in which a limit may be raised; lowering goes through them backwards. A
 * start is a lowering from what a new cgroup has.
 */
#pragma once

#include "model/grant.h"
#include "model/host.h"

#include <stdbool.h>
#include <stddef.h>

#define CGROUP_VALUE_MAX 4096 /* a list of CPUs */

struct cgroup_change {
	const struct grant *from; /* NULL: a new cgroup */
	const struct grant *to;
	const struct host *host;
	bool has_user_namespace;
};

struct cgroup_row {
	enum cgroup_controller controller;
	enum cgroup_version version;
	const char *file;
	const char *initial; /* what a new cgroup has there; NULL: not known, so always written */
	bool (*wanted)(const struct cgroup_change *change); /* NULL: always */
	void (*print)(const struct grant *g, const struct host *host,
		      char value[static CGROUP_VALUE_MAX]); /* NULL: `constant` */
	const char *constant;
};

struct cgroup_resource {
	const struct cgroup_row *rows;
	size_t count;
	bool (*grows)(const struct grant *from, const struct grant *to);
};

extern const struct cgroup_resource cgroup_resource_cpu;     /* cpu.c */
extern const struct cgroup_resource cgroup_resource_memory;  /* memory.c */
extern const struct cgroup_resource cgroup_resource_counts;  /* counts.c */
extern const struct cgroup_resource cgroup_resource_devices; /* devices.c */

/* "%llu", and `none` for UNIT_NONE. */
void cgroup_print_number(uint64_t number, const char *none, char value[static CGROUP_VALUE_MAX]);
