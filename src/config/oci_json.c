/* SPDX-License-Identifier: Apache-2.0 */
#include "config/oci_json.h"

#include "config/oci_parts.h"
#include "model/capability_names.h"
#include "model/hidden_paths.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define OCI_VERSION "1.2.0"
#define ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))

struct oci_mount {
	const char *destination, *type, *source;
	const char *options[9];
};

static const struct oci_mount mounts[] = {
	{"/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}},
	{"/dev", "tmpfs", "tmpfs", {"nosuid", "noexec", "strictatime", "mode=755", "size=4096k"}},
	{"/dev/pts",
	 "devpts",
	 "devpts",
	 {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}},
	{"/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}},
	{"/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}},
	{"/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "relatime"}},
};

/* sysfs belongs to a network namespace: the host's can only be bound. It comes before the cgroups.
 */
static const struct oci_mount sys_own = {
	"/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}};
static const struct oci_mount sys_host = {
	"/sys", "none", "/sys", {"rbind", "nosuid", "noexec", "nodev", "ro"}};

static const struct oci_mount run_system = {
	"/run", "tmpfs", "tmpfs", {"nosuid", "nodev", "strictatime", "mode=755", "size=20%"}};

json_t *oci_string(const char *text)
{
	json_t *string = json_string(text);

	return string ? string : json_string("\xef\xbf\xbd");
}

static bool is_system(const struct spec *spec)
{
	return spec->init == SPEC_INIT_SYSTEMD || spec->init == SPEC_INIT_SYSV;
}

static json_t *strings(const char *const *v, size_t max)
{
	json_t *array = json_array();

	for (size_t i = 0; v && i < max && v[i]; i++)
		json_array_append_new(array, oci_string(v[i]));
	return array;
}

/* "1000:100" -> 1000 and 100, "1000" -> 1000 and 0; a name is 0. */
static json_t *process_user(const char *user)
{
	const char *group = user ? strchr(user, ':') : NULL;
	json_int_t uid = 0, gid = 0;

	if (user && isdigit((unsigned char)*user))
		uid = strtoll(user, NULL, 10);
	if (group && isdigit((unsigned char)group[1]))
		gid = strtoll(group + 1, NULL, 10);
	return json_pack("{s:I, s:I}", "uid", uid, "gid", gid);
}

static json_t *capability_set(uint64_t set)
{
	json_t *array = json_array();

	for (int i = 0; i < CAPABILITY_COUNT; i++) {
		char name[40] = "CAP_";

		if (!(set & CAPABILITY_BIT(i)))
			continue;
		for (const char *s = capability_name(i); *s; s++)
			strncat(name, &(char){(char)toupper((unsigned char)*s)}, 1);
		json_array_append_new(array, json_string(name));
	}
	return array;
}

static json_t *process_object(const struct spec *spec)
{
	const struct spec_process *p = &spec->process;
	static const char *const sets[] = {"bounding", "effective", "permitted"};
	json_t *capabilities = json_object();
	json_t *object =
		json_pack("{s:b, s:o, s:o, s:o, s:o, s:b}", "terminal", p->terminal, "user",
			  process_user(p->user), "args", strings(p->argv, SIZE_MAX), "env",
			  strings(p->env, SIZE_MAX), "cwd", oci_string(p->cwd ? p->cwd : "/"),
			  "noNewPrivileges", p->no_new_privs);

	for (size_t i = 0; i < ARRAY_LENGTH(sets); i++)
		json_object_set_new(capabilities, sets[i], capability_set(p->capabilities));
	json_object_set_new(object, "capabilities", capabilities);
	return object;
}

static void append_mount(json_t *to, const struct oci_mount *m)
{
	json_array_append_new(to, json_pack("{s:s, s:s, s:s, s:o}", "destination", m->destination,
					    "type", m->type, "source", m->source, "options",
					    strings(m->options, ARRAY_LENGTH(m->options))));
}

static json_t *mount_array(const struct spec *spec)
{
	json_t *array = json_array();

	append_mount(array, spec->network == SPEC_NETWORK_HOST ? &sys_host : &sys_own);
	for (size_t i = 0; i < ARRAY_LENGTH(mounts); i++)
		append_mount(array, &mounts[i]);
	if (is_system(spec))
		append_mount(array, &run_system);
	return array;
}

static json_t *namespace_array(const struct spec *spec)
{
	static const char *const always[] = {"pid", "ipc", "uts", "mount", "cgroup", "time"};
	json_t *array = json_array();

	for (size_t i = 0; i < ARRAY_LENGTH(always); i++)
		json_array_append_new(array, json_pack("{s:s}", "type", always[i]));
	if (spec->network != SPEC_NETWORK_HOST)
		json_array_append_new(array, json_pack("{s:s}", "type", "network"));
	if (spec->idmap.count)
		json_array_append_new(array, json_pack("{s:s}", "type", "user"));
	return array;
}

static json_t *id_mapping(const struct spec_idmap *ids)
{
	return json_pack("[{s:I, s:I, s:I}]", "containerID", (json_int_t)0, "hostID",
			 (json_int_t)ids->base, "size", (json_int_t)ids->count);
}

static json_t *linux_object(const struct spec *spec)
{
	/* A system in a user namespace sets its own keys below /proc/sys, the last of the list. */
	bool is_sys_writable = is_system(spec) && spec->idmap.count;
	json_t *object =
		json_pack("{s:o, s:o, s:o, s:o}", "namespaces", namespace_array(spec), "resources",
			  oci_resources(spec), "maskedPaths",
			  strings(hidden_paths_masked, HIDDEN_PATHS_MASKED), "readonlyPaths",
			  strings(hidden_paths_readonly, HIDDEN_PATHS_READONLY - is_sys_writable));

	if (spec->idmap.count) {
		json_object_set_new(object, "uidMappings", id_mapping(&spec->idmap));
		json_object_set_new(object, "gidMappings", id_mapping(&spec->idmap));
	}
	return object;
}

void oci_json_print(const struct spec *spec, const char *rootfs, struct strbuf *out)
{
	const char *hostname = spec->hostname ? spec->hostname : spec->name;
	json_auto_t *root = json_pack("{s:s, s:o, s:{s:o, s:b}, s:o, s:o, s:o, s:o}", "ociVersion",
				      OCI_VERSION, "process", process_object(spec), "root", "path",
				      oci_string(rootfs), "readonly", 0, "hostname",
				      oci_string(hostname), "mounts", mount_array(spec), "linux",
				      linux_object(spec), "annotations", oci_annotations(spec));
	char *text = json_dumps(root, JSON_INDENT(2));

	if (!text)
		abort();
	strbuf_append(out, text);
	strbuf_append(out, "\n");
	free(text);
}
