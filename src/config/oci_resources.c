/* SPDX-License-Identifier: Apache-2.0 */
#include "base/units.h"
#include "config/cpu_list.h"
#include "config/keys.h"
#include "config/machine_ini.h"
#include "config/oci_parts.h"

#include <string.h>

#define PERIOD_USEC 100000u
/* cgroup v1 cpu.shares, which OCI's `shares` is in. */
#define SHARES_PER_CPU 1024u
#define SHARES_MIN 2u
#define SHARES_MAX 262144u

static json_t *oci_integer(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

/* Without Bulkhead nothing keeps a reservation, so it counts as a weight, like the share. */
static uint64_t shares(const struct claim *c)
{
	uint64_t milli = c->share_milli > c->reserve ? c->share_milli : c->reserve;
	uint64_t value = milli * SHARES_PER_CPU / 1000;

	if (value < SHARES_MIN)
		return SHARES_MIN;
	return value > SHARES_MAX ? SHARES_MAX : value;
}

static json_t *cpu_resources(const struct spec_cpu *cpu)
{
	uint64_t limit = cpu->claim.share_milli == 0 ? cpu->claim.reserve : cpu->claim.limit;
	_cleanup_strbuf_ struct strbuf cpus = STRBUF_INIT;
	json_t *object = json_object();

	json_object_set_new(object, "shares", oci_integer(shares(&cpu->claim)));
	if (limit != UNIT_NONE) {
		json_object_set_new(object, "quota", oci_integer(limit * PERIOD_USEC / 1000));
		json_object_set_new(object, "period", oci_integer(PERIOD_USEC));
		if (cpu->burst_usec)
			json_object_set_new(object, "burst", oci_integer(cpu->burst_usec));
	}
	if (cpu->pinned) {
		cpu_list_print(&cpu->cpus, &cpus);
		json_object_set_new(object, "cpus", json_string(strbuf_text(&cpus)));
	}
	return object;
}

/* OCI's `swap` is memory and swap together; `reservation` is a soft limit. */
static json_t *memory_resources(const struct spec_memory *memory)
{
	json_t *object = json_object();

	if (memory->limit_bytes != UNIT_NONE) {
		json_object_set_new(object, "limit", oci_integer(memory->limit_bytes));
		if (memory->swap_bytes != UNIT_NONE)
			json_object_set_new(object, "swap",
					    oci_integer(memory->limit_bytes + memory->swap_bytes));
	}
	if (memory->reserve_bytes)
		json_object_set_new(object, "reservation", oci_integer(memory->reserve_bytes));
	return object;
}

json_t *oci_resources(const struct spec *spec)
{
	json_t *object = json_pack("{s:[{s:b, s:s}], s:o}", "devices", "allow", 0, "access", "rwm",
				   "cpu", cpu_resources(&spec->cpu));
	json_t *memory = memory_resources(&spec->memory);

	if (json_object_size(memory) > 0)
		json_object_set(object, "memory", memory);
	json_decref(memory);
	if (spec->counts.pids != UNIT_NONE)
		json_object_set_new(object, "pids",
				    json_pack("{s:o}", "limit", oci_integer(spec->counts.pids)));
	return object;
}

static void annotate(json_t *to, const char *key, const char *value)
{
	_cleanup_strbuf_ struct strbuf name = STRBUF_INIT;

	strbuf_printf(&name, "%s%s", CONFIG_ANNOTATION, key);
	json_object_set_new(to, strbuf_text(&name), oci_string(value));
}

json_t *oci_annotations(const struct spec *spec)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	json_t *object = json_object();
	struct spec defaults;
	size_t count;
	const struct config_key *keys = config_keys(&count);

	spec_set_defaults(&defaults, &a);
	for (size_t i = 0; i < count; i++) {
		const struct config_key *k = &keys[i];
		_cleanup_strbuf_ struct strbuf value = STRBUF_INIT;

		if (!k->is_annotation || !config_key_differs(k, spec, &defaults))
			continue;
		k->type->print(k, spec, 0, &value);
		annotate(object, strcmp(k->section, "machine") == 0 ? k->name : k->full,
			 strbuf_text(&value));
	}
	if (spec->process.user &&
	    strspn(spec->process.user, "0123456789:") < strlen(spec->process.user))
		annotate(object, "user", spec->process.user);
	if (spec->init == SPEC_INIT_SYSTEMD || spec->init == SPEC_INIT_SYSV)
		json_object_set_new(
			object, "org.opencontainers.image.stopSignal",
			json_string(spec->init == SPEC_INIT_SYSTEMD ? "SIGRTMIN+3" : "SIGPWR"));
	return object;
}
