/* SPDX-License-Identifier: Apache-2.0 */
#include "config/host_json.h"

#include "config/cpu_list.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_MAX (INT64_C(1) << 60)

static const char *const controllers[CGROUP_CONTROLLER_MAX] = {
	[CGROUP_CPU] = "cpu",	      [CGROUP_CPUACCT] = "cpuacct", [CGROUP_CPUSET] = "cpuset",
	[CGROUP_MEMORY] = "memory",   [CGROUP_PIDS] = "pids",	    [CGROUP_DEVICES] = "devices",
	[CGROUP_FREEZER] = "freezer", [CGROUP_IO] = "io",	    [CGROUP_TREE] = "tree",
};

static const char *const versions[] = {
	[CGROUP_ABSENT] = "absent", [CGROUP_V1] = "v1", [CGROUP_V2] = "v2"};

struct flag {
	const char *name;
	size_t offset;
};

static const struct flag cgroup_flags[] = {
	{"systemd", offsetof(struct host_cgroups, systemd)},
	{"can_kill", offsetof(struct host_cgroups, can_kill)},
	{"can_clone_into", offsetof(struct host_cgroups, can_clone_into)},
	{NULL, 0},
};

static const struct flag kernel_flags[] = {
	{"idmap_overlay", offsetof(struct host_kernel, idmap_overlay)},
	{"overlay_fd", offsetof(struct host_kernel, overlay_fd)},
	{"time_namespace", offsetof(struct host_kernel, time_namespace)},
	{"pidfd_exit_info", offsetof(struct host_kernel, pidfd_exit_info)},
	{"seccomp_notify", offsetof(struct host_kernel, seccomp_notify)},
	{"memory_swap", offsetof(struct host_kernel, memory_swap)},
	{"cpu_burst", offsetof(struct host_kernel, cpu_burst)},
	{"may_raise_rlimits", offsetof(struct host_kernel, may_raise_rlimits)},
	{NULL, 0},
};

/* Printing */

static void put_flags(json_t *to, const struct flag *flags, const void *from)
{
	for (; flags->name; flags++) {
		const bool *value = (const bool *)((const char *)from + flags->offset);

		json_object_set_new(to, flags->name, json_boolean(*value));
	}
}

static json_t *cgroups_to_json(const struct host_cgroups *cgroups)
{
	json_t *all = json_object(), *object = json_object();

	for (int i = 0; i < CGROUP_CONTROLLER_MAX; i++) {
		const struct host_controller *c = &cgroups->controller[i];

		if (c->version == CGROUP_ABSENT)
			continue;
		json_object_set_new(all, controllers[i],
				    json_pack("{s:s, s:s, s:s}", "version", versions[c->version],
					      "mount", c->mount, "parent", c->parent));
	}
	json_object_set_new(object, "controllers", all);
	put_flags(object, cgroup_flags, cgroups);
	return object;
}

/* Whole numbers of CPUs print without a fraction. */
static json_t *cpus_to_json(uint64_t milli)
{
	if (milli % 1000 == 0)
		return json_integer((json_int_t)(milli / 1000));
	return json_real((double)milli / 1000);
}

static json_t *capacity_to_json(const struct host_capacity *capacity)
{
	_cleanup_strbuf_ struct strbuf cpus = STRBUF_INIT;

	cpu_list_print(&capacity->cpus, &cpus);
	return json_pack("{s:o, s:o, s:I, s:I, s:s}", "cpu", cpus_to_json(capacity->cpu_millicpus),
			 "cpu_host", cpus_to_json(capacity->cpu_reserved), "memory",
			 (json_int_t)capacity->memory_bytes, "memory_host",
			 (json_int_t)capacity->memory_reserved, "cpus", strbuf_text(&cpus));
}

static json_t *kernel_to_json(const struct host_kernel *kernel)
{
	char release[32];
	json_t *object = json_object();

	(void)snprintf(release, sizeof(release), "%u.%u.%u", kernel->release >> 16,
		       kernel->release >> 8 & 0xff, kernel->release & 0xff);
	json_object_set_new(object, "release", json_string(release));
	put_flags(object, kernel_flags, kernel);
	return object;
}

void host_json_print(const struct host *host, struct strbuf *out)
{
	json_auto_t *root = json_object();
	char *text;

	json_object_set_new(root, "cgroups", cgroups_to_json(&host->cgroups));
	json_object_set_new(root, "capacity", capacity_to_json(&host->capacity));
	json_object_set_new(root, "kernel", kernel_to_json(&host->kernel));
	text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
	if (!text)
		abort();
	strbuf_append(out, text);
	strbuf_append(out, "\n");
	free(text);
}

/* Reading. Errors name the field; the file is put before it once, at the end. */

static int bad(struct err *e, const char *field, const char *expected)
{
	return err_set(e, ERR_INPUT, -EBADMSG, "'%.60s' is not %s", field, expected);
}

/* A missing object is the caller's to judge; a field that is none of `known` is an error. */
static int check_fields(json_t *object, const char *const *known, struct err *e)
{
	const char *field;
	json_t *value;

	json_object_foreach(object, field, value)
	{
		size_t i = 0;

		while (known[i] && strcmp(known[i], field) != 0)
			i++;
		if (!known[i])
			return err_set(e, ERR_INPUT, -EBADMSG, "unknown field '%.60s'", field);
	}
	return 0;
}

/* Takes the flags out of `from`, so that what is left can be checked. */
static int take_flags(json_t *from, const struct flag *flags, void *to, struct err *e)
{
	for (; flags->name; flags++) {
		json_t *value = json_object_get(from, flags->name);

		if (value && !json_is_boolean(value))
			return bad(e, flags->name, "true or false");
		*(bool *)((char *)to + flags->offset) = json_is_true(value);
		(void)json_object_del(from, flags->name);
	}
	return 0;
}

static int take_path(const json_t *from, const char *field, char to[static HOST_PATH_MAX],
		     struct err *e)
{
	const char *text = json_string_value(json_object_get(from, field));

	if (!text || strlen(text) >= HOST_PATH_MAX)
		return bad(e, field, "a path of at most 255 bytes");
	memcpy(to, text, strlen(text) + 1);
	return 0;
}

static int controller_from_json(json_t *from, struct host_controller *to, struct err *e)
{
	static const char *const fields[] = {"version", "mount", "parent", NULL};
	const char *version = json_string_value(json_object_get(from, "version"));
	int r = check_fields(from, fields, e);

	if (r < 0)
		return r;
	if (!version || (strcmp(version, "v1") != 0 && strcmp(version, "v2") != 0))
		return bad(e, "version", "v1 or v2");
	to->version = strcmp(version, "v1") == 0 ? CGROUP_V1 : CGROUP_V2;
	r = take_path(from, "mount", to->mount, e);
	if (r == 0 && to->mount[0] != '/')
		r = bad(e, "mount", "an absolute path");
	if (r == 0)
		r = take_path(from, "parent", to->parent, e);
	return r;
}

static int cgroups_from_json(json_t *from, struct host_cgroups *to, struct err *e)
{
	static const char *const fields[] = {"controllers", NULL};
	json_t *all = json_object_get(from, "controllers");
	int r = take_flags(from, cgroup_flags, to, e);

	if (r == 0)
		r = check_fields(from, fields, e);
	if (r == 0 && !json_is_object(all))
		r = bad(e, "cgroups.controllers", "an object");
	if (r == 0 && json_object_size(all) > 0) {
		const char *known[CGROUP_CONTROLLER_MAX + 1] = {NULL};

		memcpy(known, controllers, sizeof(controllers));
		r = check_fields(all, known, e);
	}
	for (int i = 0; r == 0 && i < CGROUP_CONTROLLER_MAX; i++) {
		json_t *c = json_object_get(all, controllers[i]);

		if (!c)
			continue;
		r = controller_from_json(c, &to->controller[i], e);
		if (r < 0 && e)
			r = err_wrap(e, "cgroups.controllers.%s", controllers[i]);
	}
	return r;
}

static int take_cpus(const json_t *from, const char *field, uint64_t *to, struct err *e)
{
	const json_t *value = json_object_get(from, field);
	double cpus = json_number_value(value);

	if (!json_is_number(value) || !(cpus >= 0 && cpus <= CPU_SETSIZE))
		return bad(e, field, "a number of CPUs");
	*to = (uint64_t)(cpus * 1000 + 0.5);
	return 0;
}

static int take_bytes(const json_t *from, const char *field, uint64_t *to, struct err *e)
{
	const json_t *value = json_object_get(from, field);
	json_int_t bytes = json_integer_value(value);

	if (!json_is_integer(value) || bytes < 0 || bytes > BYTES_MAX)
		return bad(e, field, "a number of bytes");
	*to = (uint64_t)bytes;
	return 0;
}

static int capacity_from_json(json_t *from, struct host_capacity *to, struct err *e)
{
	static const char *const fields[] = {"cpu",	    "cpu_host", "memory",
					     "memory_host", "cpus",	NULL};
	const char *cpus = json_string_value(json_object_get(from, "cpus"));
	int r = check_fields(from, fields, e);

	if (r == 0)
		r = take_cpus(from, "cpu", &to->cpu_millicpus, e);
	if (r == 0)
		r = take_cpus(from, "cpu_host", &to->cpu_reserved, e);
	if (r == 0)
		r = take_bytes(from, "memory", &to->memory_bytes, e);
	if (r == 0)
		r = take_bytes(from, "memory_host", &to->memory_reserved, e);
	if (r == 0 && (!cpus || cpu_list_parse(cpus, &to->cpus) < 0))
		r = bad(e, "capacity.cpus", "a list of CPUs such as 0-3,8");
	if (r == 0 &&
	    (to->cpu_reserved > to->cpu_millicpus || to->memory_reserved > to->memory_bytes))
		r = bad(e, "capacity", "at least the host's own part of it");
	return r;
}

static int kernel_from_json(json_t *from, struct host_kernel *to, struct err *e)
{
	static const char *const fields[] = {"release", NULL};
	const char *release = json_string_value(json_object_get(from, "release"));
	unsigned int major, minor, patch;
	int end = 0;
	int r = take_flags(from, kernel_flags, to, e);

	if (r == 0)
		r = check_fields(from, fields, e);
	if (r < 0)
		return r;
	if (!release || sscanf(release, "%3u.%3u.%3u%n", &major, &minor, &patch, &end) != 3 ||
	    release[end] != '\0' || minor > 255 || patch > 255)
		return bad(e, "kernel.release", "a version such as 6.1.0");
	to->release = major << 16 | minor << 8 | patch;
	return 0;
}

static int host_from_json(json_t *root, struct host *host, struct err *e)
{
	static const char *const fields[] = {"cgroups", "capacity", "kernel", NULL};
	json_t *part[3];
	int r;

	if (!json_is_object(root))
		return bad(e, "text", "a JSON object");
	r = check_fields(root, fields, e);
	if (r < 0)
		return r;
	for (int i = 0; i < 3; i++) {
		part[i] = json_object_get(root, fields[i]);
		if (!json_is_object(part[i]))
			return bad(e, fields[i], "an object");
	}
	r = cgroups_from_json(part[0], &host->cgroups, e);
	if (r == 0)
		r = capacity_from_json(part[1], &host->capacity, e);
	if (r == 0)
		r = kernel_from_json(part[2], &host->kernel, e);
	return r;
}

int host_json_parse(const char *file, const char *text, size_t bytes, struct host *ret_host,
		    struct err *e)
{
	struct host host = {.kernel.release = 0};
	json_error_t syntax;
	json_auto_t *root = NULL;
	int r;

	if (bytes > HOST_JSON_MAX_BYTES)
		return err_set(e, ERR_INPUT, -EFBIG, "%s has %zu bytes: at most %d are read", file,
			       bytes, HOST_JSON_MAX_BYTES);
	root = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &syntax);
	if (!root)
		return err_set(e, ERR_INPUT, -EBADMSG, "%s:%d: %s", file, syntax.line, syntax.text);
	r = host_from_json(root, &host, e);
	if (r < 0)
		return e ? err_wrap(e, "%s", file) : r;
	*ret_host = host;
	return 0;
}
