/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kind `container`: which planners run, in which order. The order of the stages is that of
 * enum op_stage; within a stage it is the order below.
 */
#include "engine/container.h"

#include "engine/enter.h"
#include "engine/spawn.h"
#include "kernel/process.h"
#include "model/paths.h"
#include "resource/cgroup.h"
#include "security/security.h"

#include "base/cleanup.h"

static void plan_spawn(const struct plan_request *r, struct plan *plan)
{
	char cgroup[HOST_PATH_MAX];

	PLAN_ADD(plan, OP_STAGE_HOST, OP_SPAWN,
		 .value = cgroup_birth_path(r->settings, r->host, r->spec->name, cgroup),
		 .flags = namespaces_flags(r->spec, r->host));
}

static void plan_rootfs_open(const struct plan_request *r, struct plan *plan)
{
	char path[PATHS_MAX];

	PLAN_ADD(plan, OP_STAGE_PARENT, OP_ROOTFS_OPEN,
		 .subject = paths_image(r->settings, r->spec->image, "rootfs", path),
		 .source = r->spec->name, .number = r->spec->idmap.base,
		 .flags = r->spec->ephemeral);
}

int container_plan(const struct plan_request *request, struct plan *plan, struct err *e)
{
	int r;

	PLAN_ADD(plan, OP_STAGE_HOST, OP_LEDGER_ENTER, .subject = request->spec->name);
	r = cgroup_plan(request->spec, request->grant, request->host, request->settings,
			request->weight_ppm, plan, e);
	if (r < 0)
		return r;
	plan_spawn(request, plan);
	r = namespaces_plan(request->spec, request->host, plan, e);
	plan_rootfs_open(request, plan);
	if (r == 0)
		r = rootfs_plan(request->spec, request->host, plan, e);
	if (r == 0)
		r = confine_plan(request->spec, request->host, plan, e);
	plan_order(plan);
	return r;
}

int container_signal(const struct record *record, int signal, struct err *e)
{
	_cleanup_fd_ int pidfd = -EBADF;
	int r = process_open_same(record->init_pid, record->init_start_ticks, &pidfd, e);

	return r < 0 ? r : process_signal(pidfd, signal, e);
}

int container_usage(const struct record *record, const struct host *host, struct usage *ret_usage,
		    struct err *e)
{
	return cgroup_usage(record->tree_cgroup, host, ret_usage, e);
}
