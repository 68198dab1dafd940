/* SPDX-License-Identifier: Apache-2.0 */
#include "resource/cgroup.h"
#include "resource/cgroup_place.h"

#include <stdio.h>
#include <string.h>

/* In a slice's name '-' would mean another level, and so would '/': one flat slice per instance. */
const char *cgroup_slice(const struct settings *s, char buffer[static HOST_PATH_MAX])
{
	(void)snprintf(buffer, HOST_PATH_MAX, "%.200s.slice", s->cgroup);
	for (char *c = buffer; *c; c++) {
		if (*c == '-' || *c == '/')
			*c = '_';
	}
	return buffer;
}

const char *cgroup_unit(const struct settings *s, const char *name,
			char buffer[static HOST_PATH_MAX])
{
	char slice[HOST_PATH_MAX];
	int length = (int)(strlen(cgroup_slice(s, slice)) - strlen(".slice"));

	(void)snprintf(buffer, HOST_PATH_MAX, "%.*s-%s.scope", length > 120 ? 120 : length, slice,
		       name);
	return buffer;
}

const char *cgroup_path(const struct settings *s, const struct host *host, const char *name,
			char buffer[static HOST_PATH_MAX])
{
	char slice[HOST_PATH_MAX], unit[HOST_PATH_MAX];

	if (host->cgroups.systemd)
		(void)snprintf(buffer, HOST_PATH_MAX, "%.127s/%.127s", cgroup_slice(s, slice),
			       cgroup_unit(s, name, unit));
	else
		(void)snprintf(buffer, HOST_PATH_MAX, "%.190s/%s", s->cgroup, name);
	return buffer;
}

bool cgroup_is_scoped(const struct host *host, enum cgroup_controller c)
{
	return host->cgroups.systemd &&
	       (c == CGROUP_TREE || host->cgroups.controller[c].version == CGROUP_V2);
}

bool cgroup_is_born_into(const struct host *host)
{
	return host->cgroups.can_clone_into && !host->cgroups.systemd &&
	       host->cgroups.controller[CGROUP_TREE].version == CGROUP_V2;
}

const char *cgroup_birth_path(const struct settings *s, const struct host *host, const char *name,
			      char buffer[static HOST_PATH_MAX])
{
	buffer[0] = '\0';
	return cgroup_is_born_into(host) ? cgroup_path(s, host, name, buffer) : buffer;
}
