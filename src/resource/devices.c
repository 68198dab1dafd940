/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices of a machine without a user namespace, whose root could make nodes (cgroup-v1/
 * devices.rst). With a user namespace mknod(2) is refused anyway, and only what is bound in can be
 * opened. Backwards (a start is a lowering): first everything is denied, then the rows upwards.
 */
#include "resource/cgroup_settings.h"

static bool without_user_namespace(const struct cgroup_change *change)
{
	return !change->has_user_namespace && !change->from;
}

#define ALLOW(device)                                                                           \
	{                                                                                       \
		CGROUP_DEVICES, CGROUP_V1, "devices.allow", NULL, without_user_namespace, NULL, \
			device                                                                  \
	}

static const struct cgroup_row rows[] = {
	ALLOW("c *:* m"), /* a node may be made, not opened */
	ALLOW("b *:* m"),
	ALLOW("c 1:3 rwm"),   /* null */
	ALLOW("c 1:5 rwm"),   /* zero */
	ALLOW("c 1:7 rwm"),   /* full */
	ALLOW("c 1:8 rwm"),   /* random */
	ALLOW("c 1:9 rwm"),   /* urandom */
	ALLOW("c 5:0 rwm"),   /* tty */
	ALLOW("c 5:2 rwm"),   /* ptmx */
	ALLOW("c 136:* rwm"), /* pts */
	{CGROUP_DEVICES, CGROUP_V1, "devices.deny", NULL, without_user_namespace, NULL, "a"},
};

static bool grows(const struct grant *from, const struct grant *to)
{
	(void)from;
	(void)to;
	return true;
}

const struct cgroup_resource cgroup_resource_devices = {rows, sizeof(rows) / sizeof(rows[0]),
							grows};
