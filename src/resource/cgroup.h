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

#include <errno.h>

/* Path of a machine's cgroup, the same in every hierarchy, relative to where machines are made
 * there (host_controller: mount and parent): "bulkhead/web", "bulkhead.slice/bulkhead-web.scope".
 */
const char *cgroup_path(const struct settings *s, const struct host *host, const char *name,
			char buffer[static HOST_PATH_MAX]);

/* The value of OP_SPAWN: cgroup_path() where the child is made inside of its cgroup of the tree
 * (CLONE_INTO_CGROUP), else "". Pure. */
const char *cgroup_birth_path(const struct settings *s, const struct host *host, const char *name,
			      char buffer[static HOST_PATH_MAX]);

/* A descriptor of the machine's directory in the tree, for CLONE_INTO_CGROUP. */
int cgroup_open_tree(const char *path, const struct host *host, int *ret_fd, struct err *e);

/*
 * Appends CGROUP_MAKE, CGROUP_WRITE, SCOPE_START, CGROUP_ENTER for every controller that the grant
 * needs; delegated to spec->idmap.base. Pure. `weight_ppm` is the machine's static weight.
 * A controller that is absent: the promise is GRANT_UNSUPPORTED already (admission said so).
 *
 * Must be appended before security's operations: on v1 the child moves itself (CGROUP_ENTER in
 * stage CHILD), and CGROUP_NAMESPACE may come only after that.
 */
int cgroup_plan(const struct spec *spec, const struct grant *grant, const struct host *host,
		const struct settings *settings, uint32_t weight_ppm, struct plan *plan,
		struct err *e);

/*
 * Changes a running machine to `to`: appends the CGROUP_WRITEs (stage HOST), pure. What can only
 * grow or only shrink is put into the order that the kernel accepts (limit and swap, quota and
 * burst). The plan from `to` to `from` takes it back. The weight is not here: a change of one
 * machine changes those of all, see cgroup_meter_set_weight(). ERR_INPUT: needs a restart.
 */
int cgroup_plan_update(const struct grant *from, const struct grant *to, const struct host *host,
		       const struct settings *settings, struct plan *plan, struct err *e);

/* An open cgroup, for the governor: descriptors are kept so that a sample is one pread(2). */
struct cgroup_meter {
	int cpu_usage;	/* cpu.stat of v2 or cpuacct.usage */
	int cpu_weight; /* cpu.weight or cpu.shares, for writing; -EBADF: there is no cpu controller
			 */
	enum cgroup_version usage_version;
	enum cgroup_version weight_version;
	uint32_t weight_last; /* what was last written, in the file's own unit; 0: nothing */
};

#define CGROUP_METER_INIT ((struct cgroup_meter){.cpu_usage = -EBADF, .cpu_weight = -EBADF})

/* -ENOENT: the machine has no cgroup (any more). */
int cgroup_meter_open(const char *path, const struct host *host, struct cgroup_meter *ret,
		      struct err *e);
void cgroup_meter_close(struct cgroup_meter *m);
/* The one counter that the governor needs at every sample; usec. -ENODEV: the cgroup is gone. */
int cgroup_meter_cpu(struct cgroup_meter *m, uint64_t *ret_usec, struct err *e);
/* Writes only when the value in the file's unit differs from the last one. Success without a cpu
 * controller: the promise says so already. */
int cgroup_meter_set_weight(struct cgroup_meter *m, uint32_t ppm, struct err *e);

/*
 * The weight of PARENT, in ppm of the range, with which the host's own processes get the part that
 * is kept for them (host_capacity.cpu_reserved) when one on each CPU wants it, and the machines the
 * rest. More of the host's processes take more; the governor then raises it (governor/host_part.h).
 * Pure.
 */
uint32_t cgroup_parent_weight(const struct host *host);

/* PARENT itself, for the governor: -ENOENT while there is no machine. */
int cgroup_meter_open_parent(const struct settings *s, const struct host *host,
			     struct cgroup_meter *ret, struct err *e);

/* All counters, once; what this kernel does not count is 0. -ENOENT: no cgroup. */
int cgroup_usage(const char *path, const struct host *host, struct usage *ret, struct err *e);

/* Freezes or thaws all processes (v2 core or v1 freezer); waits until it is so, at most 10 s. */
int cgroup_freeze(const char *path, const struct host *host, bool frozen, struct err *e);
int cgroup_frozen(const char *path, const struct host *host, bool *ret_frozen, struct err *e);

/* Sends SIGKILL to all processes, cgroup.kill where there is one; returns when it is empty, or
 * -EBUSY after 10 s with the pids named. Success when there is no cgroup. Final: on v1 the machine
 * cannot fork any more. */
int cgroup_kill(const char *path, const struct host *host, struct err *e);

/* Calls `each` for every pid in the machine's subtree; a result other than 0 ends it and is
 * returned. A pid may have ended or been seen twice. */
int cgroup_foreach_pid(const char *path, const struct host *host,
		       int (*each)(pid_t pid, void *data), void *data, struct err *e);

/*
 * Moves `pid` in, in every hierarchy in which the machine has a cgroup (enter, exec). pid 0: the
 * calling process, which must have one thread and still the host's ids; on v1 that spares the wait
 * for an RCU grace period (0.1 ms instead of 7 ms, measured), so a forked child should move itself.
 * No allocation. Where the machine's own manager uses the top of its v2 subtree for controllers
 * only, the process goes into "bulkhead-exec" below it.
 */
int cgroup_enter(const char *path, const struct host *host, pid_t pid, struct err *e);

/*
 * Operations; rows of engine/operation.c. CGROUP_MAKE's and SCOPE_START's undo kill what is left
 * and remove the machine's directory, with what it made below it, and the parent when that is
 * empty. CGROUP_MAKE opens ctx->cgroup_tasks on v1 for CGROUP_ENTER in stage CHILD, which closes
 * the child's copy.
 */
int cgroup_apply_make(const struct op *op, struct op_context *ctx, struct err *e);
int cgroup_undo_make(const struct op *op, struct op_context *ctx, struct err *e);
int cgroup_apply_write(const struct op *op, struct op_context *ctx, struct err *e);
int cgroup_apply_enter(const struct op *op, struct op_context *ctx, struct err *e);
int cgroup_apply_scope(const struct op *op, struct op_context *ctx, struct err *e);
int cgroup_undo_scope(const struct op *op, struct op_context *ctx, struct err *e);
