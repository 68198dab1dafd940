/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grant -> operations on cgroups, and counters -> usage. One backend per hierarchy version behind
 * one table: each controller of the host picks its own (host_controller.version), so v1, v2 and
 * hybrid hosts are one case. On a host that runs systemd the machine's cgroup is a transient scope
 * below bulkhead.slice (Delegate=yes) made through D-Bus; else a directory below settings.cgroup.
 *
 * Layout, in every hierarchy that is used: PARENT/MACHINE. PARENT's own weight is the top of the
 * range, so that the host's other processes cannot take a promise away.
 */
#pragma once

#include "base/err.h"
#include "model/grant.h"
#include "model/host.h"
#include "model/op_context.h"
#include "model/plan.h"
#include "model/settings.h"
#include "model/spec.h"
#include "model/usage.h"

/* Path of a machine's cgroup below a hierarchy's mount, relative: "bulkhead/web". Pure. */
const char *cgroup_path(const struct settings *s, const struct host *host, const char *name,
			char buffer[static HOST_PATH_MAX]);

/*
 * Appends CGROUP_MAKE, CGROUP_WRITE, SCOPE_START, CGROUP_ENTER for every controller that the grant
 * needs; delegated to spec->idmap.base. Pure. `weight_ppm` is the machine's static weight.
 * A controller that is absent: the promise is GRANT_UNSUPPORTED already (admission said so).
 */
int cgroup_plan(const struct spec *spec, const struct grant *grant, const struct host *host,
		const struct settings *settings, uint32_t weight_ppm, struct plan *plan,
		struct err *e);

/*
 * Changes a running machine to `grant`: appends the CGROUP_WRITEs, pure. What can only grow or only
 * shrink is put into the order that the kernel accepts (limit and swap).
 */
int cgroup_plan_update(const struct grant *from, const struct grant *to, const struct host *host,
		       const struct settings *settings, struct plan *plan, struct err *e);

/* An open cgroup, for the governor: descriptors are kept so that a sample is a few pread(2)s. */
struct cgroup_meter {
	int cpu_usage;  /* cpuacct.usage or cpu.stat */
	int cpu_stat;
	int cpu_weight; /* cpu.shares or cpu.weight, for writing */
	int memory_current;
	int pids_current;
	enum cgroup_version cpu_version;
	uint32_t weight_last; /* what was last written, in the file's own unit; 0: nothing */
};

int cgroup_meter_open(const char *path, const struct host *host, struct cgroup_meter *ret,
		      struct err *e);
void cgroup_meter_close(struct cgroup_meter *m);
/* The one counter that the governor needs at every sample; usec. */
int cgroup_meter_cpu(struct cgroup_meter *m, uint64_t *ret_usec, struct err *e);
/* Writes only when the value in the file's unit differs from the last one. */
int cgroup_meter_set_weight(struct cgroup_meter *m, uint32_t ppm, struct err *e);

/* All counters, once. */
int cgroup_usage(const char *path, const struct host *host, struct usage *ret, struct err *e);

/* Freezes or thaws all processes (v2 core or v1 freezer); waits until it is so, at most 10 s. */
int cgroup_freeze(const char *path, const struct host *host, bool frozen, struct err *e);
int cgroup_frozen(const char *path, const struct host *host, bool *ret_frozen, struct err *e);

/* Sends SIGKILL to all processes, cgroup.kill where there is one; returns when it is empty, or
 * -EBUSY after 10 s with the pids named. */
int cgroup_kill(const char *path, const struct host *host, struct err *e);

/* Calls `each` for every pid in the machine's subtree. */
int cgroup_foreach_pid(const char *path, const struct host *host,
		       int (*each)(pid_t pid, void *data), void *data, struct err *e);

/* Moves `pid` in, in every hierarchy in which the machine has a cgroup (enter, exec). */
int cgroup_enter(const char *path, const struct host *host, pid_t pid, struct err *e);

/* Operations; rows of engine/operation.c. CGROUP_MAKE's undo kills what is left and removes. */
int cgroup_apply_make(const struct op *op, struct op_context *ctx, struct err *e);
int cgroup_undo_make(const struct op *op, struct op_context *ctx, struct err *e);
int cgroup_apply_write(const struct op *op, struct op_context *ctx, struct err *e);
int cgroup_apply_enter(const struct op *op, struct op_context *ctx, struct err *e);
int cgroup_apply_scope(const struct op *op, struct op_context *ctx, struct err *e);
int cgroup_undo_scope(const struct op *op, struct op_context *ctx, struct err *e);
