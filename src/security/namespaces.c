/* SPDX-License-Identifier: Apache-2.0 */
#include "security/security.h"

#include <sched.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

uint64_t namespaces_flags(const struct spec *spec, const struct host *host)
{
	uint64_t flags = CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;

	if (spec->idmap.count > 0)
		flags |= CLONE_NEWUSER;
	if (spec->network != SPEC_NETWORK_HOST)
		flags |= CLONE_NEWNET;
	if (host->kernel.time_namespace)
		flags |= CLONE_NEWTIME;
	return flags;
}

int namespaces_plan(const struct spec *spec, const struct host *host, struct plan *plan,
		    struct err *e)
{
	(void)host;
	(void)e;
	if (spec->idmap.count > 0)
		PLAN_ADD(plan, OP_STAGE_PARENT, OP_IDMAP_WRITE, .number = spec->idmap.base,
			 .flags = spec->idmap.count);
	PLAN_ADD(plan, OP_STAGE_CHILD, OP_CGROUP_NAMESPACE);
	PLAN_ADD(plan, OP_STAGE_ROOTED, OP_HOSTNAME,
		 .value = spec->hostname ? spec->hostname : spec->name);
	if (spec->network == SPEC_NETWORK_NONE)
		PLAN_ADD(plan, OP_STAGE_ROOTED, OP_LOOPBACK_UP);
	return 0;
}
