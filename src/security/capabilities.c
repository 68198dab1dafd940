/* SPDX-License-Identifier: Apache-2.0 */
#include "model/capability_names.h"
#include "security/security.h"

#include <linux/capability.h>

#define BIT(name) CAPABILITY_BIT(CAP_##name)

/* What software expects of "root" when it serves, installs or drops its own privileges. */
#define COMMAND_SET                                                                                \
	(BIT(CHOWN) | BIT(DAC_OVERRIDE) | BIT(FSETID) | BIT(FOWNER) | BIT(NET_RAW) | BIT(SETGID) | \
	 BIT(SETUID) | BIT(SETFCAP) | BIT(SETPCAP) | BIT(NET_BIND_SERVICE) | BIT(SYS_CHROOT) |     \
	 BIT(KILL) | BIT(AUDIT_WRITE))

/* And what an init needs to run services that confine themselves. */
#define SYSTEM_SET                                                                            \
	(COMMAND_SET | BIT(SYS_ADMIN) | BIT(NET_ADMIN) | BIT(NET_BROADCAST) |                 \
	 BIT(DAC_READ_SEARCH) | BIT(IPC_OWNER) | BIT(LEASE) | BIT(SYS_BOOT) | BIT(SYS_NICE) | \
	 BIT(SYS_PTRACE))

/* Over the host itself, were there no user namespace between. */
#define HARMFUL_WITHOUT_USER_NAMESPACE \
	(BIT(DAC_READ_SEARCH) | BIT(SYS_PTRACE) | BIT(SYS_NICE) | BIT(AUDIT_WRITE))

/* Over the host's interfaces, which a machine on the host's network shares. */
#define HARMFUL_ON_HOST_NETWORK (BIT(NET_ADMIN) | BIT(NET_RAW) | BIT(NET_BROADCAST))

uint64_t capabilities_default(enum spec_init init)
{
	return init == SPEC_INIT_SYSTEMD || init == SPEC_INIT_SYSV ? SYSTEM_SET : COMMAND_SET;
}

uint64_t capabilities_resolve(const struct spec *spec)
{
	const struct spec_process *p = &spec->process;
	uint64_t set = capabilities_default(spec->init);

	if (!p->capabilities_default)
		return p->capabilities;
	if (spec->idmap.count == 0)
		set &= ~HARMFUL_WITHOUT_USER_NAMESPACE;
	if (spec->network == SPEC_NETWORK_HOST)
		set &= ~HARMFUL_ON_HOST_NETWORK;
	return (set | p->capabilities_add) & ~p->capabilities_drop;
}

bool no_new_privs_resolve(const struct spec *spec)
{
	if (!spec->process.no_new_privs_default)
		return spec->process.no_new_privs;
	return spec->init == SPEC_INIT_COMMAND;
}
