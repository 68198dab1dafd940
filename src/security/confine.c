/* SPDX-License-Identifier: Apache-2.0 */
#include "security/security.h"

#include <errno.h>

static void plan_seccomp(const struct spec *spec, struct plan *plan)
{
	if (spec->process.seccomp)
		PLAN_ADD(plan, OP_STAGE_CONFINE, OP_SECCOMP,
			 .value = seccomp_profile_for(spec->init));
}

int confine_plan(const struct spec *spec, const struct host *host, struct plan *plan, struct err *e)
{
	const struct spec_process *p = &spec->process;
	uint64_t capabilities = capabilities_resolve(spec);
	bool locked = no_new_privs_resolve(spec);

	(void)host;
	if (!p->argv || !p->argv[0])
		return err_set(e, ERR_INPUT, -EINVAL, "machine %s: no command", spec->name);
	PLAN_ADD(plan, OP_STAGE_CONFINE, OP_KEYRING_JOIN);
	PLAN_ADD(plan, OP_STAGE_CONFINE, OP_STDIO_ATTACH, .number = p->terminal ? 1 : 0);
	/* seccomp(2) needs CAP_SYS_ADMIN or no_new_privs; the rest is allowed by every profile. */
	if (!locked)
		plan_seccomp(spec, plan);
	/* PR_CAPBSET_DROP needs CAP_SETPCAP, which goes with the user id. */
	PLAN_ADD(plan, OP_STAGE_CONFINE, OP_CAPABILITIES, .name = "bounding",
		 .flags = capabilities);
	PLAN_ADD(plan, OP_STAGE_CONFINE, OP_CREDENTIALS, .value = p->user ? p->user : "0");
	PLAN_ADD(plan, OP_STAGE_CONFINE, OP_CAPABILITIES, .name = "effective",
		 .flags = capabilities);
	PLAN_ADD(plan, OP_STAGE_CONFINE, OP_CHDIR, .value = p->cwd ? p->cwd : "/");
	if (locked) {
		PLAN_ADD(plan, OP_STAGE_CONFINE, OP_NO_NEW_PRIVS);
		plan_seccomp(spec, plan);
	}
	PLAN_ADD(plan, OP_STAGE_CONFINE, OP_EXEC,
		 .value = spec->init == SPEC_INIT_COMMAND ? "init" : "direct");
	return 0;
}
