/* SPDX-License-Identifier: Apache-2.0 */
#include "config/host_json.h"
#include "config/keys.h"
#include "config/values.h"

#include <errno.h>

#define KEY(name_) .section = "capacity", .name = (name_), .full = "capacity." name_
#define FIELD(member) .offset = offsetof(struct host_capacity, member)

static const struct config_key keys[] = {
	{
		KEY("cpu"),
		FIELD(cpu_millicpus),
		.type = &config_quantity,
		.unit = UNIT_CPU,
		.min = 10,
		.max = UINT64_C(1000) * CPU_SETSIZE,
		.fallback = "",
		.valid = "CPUs: 4, 3.5",
		.help = "What all machines and the host may use together.",
	},
	{
		KEY("host-cpu"),
		FIELD(cpu_reserved),
		.type = &config_quantity,
		.unit = UNIT_CPU,
		.max = UINT64_C(1000) * CPU_SETSIZE,
		.fallback = "",
		.valid = "CPUs: 0.1, 100m",
		.help = "The host's own part, which is never promised.",
	},
	{
		KEY("memory"),
		FIELD(memory_bytes),
		.type = &config_quantity,
		.unit = UNIT_BYTES,
		.min = UINT64_C(1) << 20,
		.max = UINT64_C(1) << 60,
		.fallback = "",
		.valid = "bytes: 4G",
		.help = "What all machines and the host may use together.",
	},
	{
		KEY("host-memory"),
		FIELD(memory_reserved),
		.type = &config_quantity,
		.unit = UNIT_BYTES,
		.max = UINT64_C(1) << 60,
		.fallback = "",
		.valid = "bytes: 256M",
		.help = "The host's own part, which is never promised.",
	},
};

static const struct config_table table = {
	.keys = keys,
	.count = sizeof(keys) / sizeof(*keys),
};

int capacity_ini_apply(const char *file, const char *text, size_t bytes,
		       struct host_capacity *capacity, struct err *e)
{
	const struct config_source source = {.file = file, .text = text, .bytes = bytes};
	struct host_capacity changed = *capacity;
	_cleanup_arena_ struct arena a = ARENA_INIT;
	char part[UNIT_TEXT_MAX], whole[UNIT_TEXT_MAX];
	int r = config_table_parse(&table, &source, &changed, &a, e);

	if (r < 0)
		return r;
	if (changed.cpu_reserved > changed.cpu_millicpus)
		return err_set(e, ERR_INPUT, -ERANGE,
			       "%s: capacity.host-cpu %s is more than the %s CPUs there are", file,
			       unit_print(UNIT_CPU, changed.cpu_reserved, part),
			       unit_print(UNIT_CPU, changed.cpu_millicpus, whole));
	if (changed.memory_reserved > changed.memory_bytes)
		return err_set(e, ERR_INPUT, -ERANGE,
			       "%s: capacity.host-memory %s is more than the %s there are", file,
			       unit_print(UNIT_BYTES, changed.memory_reserved, part),
			       unit_print(UNIT_BYTES, changed.memory_bytes, whole));
	*capacity = changed;
	return 0;
}
