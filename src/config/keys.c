/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a machine's definition. docs: this table is what `--help` and the man pages print. */
#include "config/keys.h"
#include "config/values.h"
#include "model/spec.h"

#include <string.h>

#define KEY(section_, name_) .section = (section_), .name = (name_), .full = section_ "." name_
#define FIELD(member) .offset = offsetof(struct spec, member)
#define RANGE(unit_, min_, max_) .unit = (unit_), .min = (min_), .max = (max_)

#define CPU_MAX_MILLI (UINT64_C(1000) * CPU_SETSIZE)
#define SHARE_MAX_MILLI UINT64_C(10000000)
#define BYTES_MAX (UINT64_C(1) << 60)
#define MIB (UINT64_C(1) << 20)
#define SECOND UINT64_C(1000000)
#define PIDS_MAX UINT64_C(4194304) /* PID_MAX_LIMIT, linux/threads.h */

static const char *const kinds[] = {
	[SPEC_KIND_UNSET] = "", [SPEC_KIND_CONTAINER] = "container", [SPEC_KIND_MAX] = NULL};

static const char *const networks[] = {[SPEC_NETWORK_UNSET] = "",
				       [SPEC_NETWORK_NONE] = "none",
				       [SPEC_NETWORK_HOST] = "host",
				       [SPEC_NETWORK_MAX] = NULL};

static const char *const restarts[] = {[SPEC_RESTART_UNSET] = "",
				       [SPEC_RESTART_NO] = "no",
				       [SPEC_RESTART_ON_FAILURE] = "on-failure",
				       [SPEC_RESTART_ALWAYS] = "always",
				       [SPEC_RESTART_MAX] = NULL};

static const struct config_key keys[] = {
	{
		KEY("machine", "image"),
		FIELD(image),
		.type = &config_text_set,
		.check = config_check_image,
		.is_annotation = true,
		.fallback = "",
		.valid = "the name of an image",
		.help = "The image whose files the machine sees below its own.",
		.when = CONFIG_CREATE,
	},
	{
		KEY("machine", "kind"),
		FIELD(kind),
		.type = &config_choice,
		.choices = kinds,
		.is_annotation = true,
		.fallback = "container",
		.valid = "container",
		.help = "How the machine is isolated.",
		.when = CONFIG_CREATE,
	},
	{
		KEY("machine", "command"),
		FIELD(process.argv),
		.type = &config_command,
		.fallback = "",
		.valid = "a program and its arguments, split at blanks; quotes group",
		.help = "What runs as the first process; the image's command when there is none.",
		.when = CONFIG_NEXT_START,
	},
	{
		KEY("machine", "argument"),
		FIELD(process.argv),
		.type = &config_argument,
		.is_list = true,
		.fallback = "",
		.valid = "one argument, as it is; \"...\" with \\n, \\x.. when needed",
		.help = "One more argument of the command; may be given many times.",
		.when = CONFIG_NEXT_START,
	},
	{
		KEY("machine", "init"),
		FIELD(init),
		.type = &config_choice,
		.choices = config_init_choices,
		.is_annotation = true,
		.fallback = "auto",
		.valid = "auto, command, systemd, sysv",
		.help = "Who is process 1, and so which signal asks it to stop; auto: the image "
			"tells.",
		.when = CONFIG_NEXT_START,
	},
	{
		KEY("machine", "hostname"),
		FIELD(hostname),
		.type = &config_text,
		.check = config_check_hostname,
		.fallback = "",
		.valid = "letters, digits, '-' and '.'",
		.help = "The host name inside; the machine's name when there is none.",
		.when = CONFIG_NEXT_START,
	},
	{
		KEY("machine", "user"),
		FIELD(process.user),
		.type = &config_text,
		.check = config_check_user,
		.fallback = "",
		.valid = "USER or USER:GROUP, names of the machine or numbers",
		.help = "Who runs the command; the image's user, else 0, when there is none.",
		.when = CONFIG_NEXT_START,
	},
	{
		KEY("machine", "directory"),
		FIELD(process.cwd),
		.type = &config_text,
		.check = config_check_directory,
		.fallback = "",
		.valid = "an absolute path in the machine",
		.help = "Where the command starts; the image's directory, else /, when there is "
			"none.",
		.when = CONFIG_NEXT_START,
	},
	{
		KEY("machine", "environment"),
		FIELD(process.env),
		.type = &config_environment,
		.is_list = true,
		.fallback = "",
		.valid = "KEY=VALUE, one variable per line",
		.help = "A variable of the command's environment; may be given many times.",
		.when = CONFIG_NEXT_START,
	},
	{
		KEY("machine", "terminal"),
		FIELD(process.terminal),
		.type = &config_bool,
		.fallback = "yes",
		.valid = "yes or no",
		.help = "Whether the console is the command's controlling terminal.",
		.when = CONFIG_NEXT_START,
	},
	{
		KEY("machine", "capabilities"),
		.type = &config_capabilities,
		.fallback = "default",
		.valid =
			"default, all, none or a list of names; +name and -name change the default",
		.help = "The capabilities of the machine's root, within its own user namespace.",
		.when = CONFIG_NEXT_START,
	},
	{
		KEY("machine", "new-privileges"),
		.type = &config_new_privileges,
		.fallback = "auto",
		.valid = "auto, yes or no",
		.help = "Whether set-user-ID programs work; auto: yes for systemd and sysv, else "
			"no.",
		.when = CONFIG_NEXT_START,
	},
	{
		KEY("machine", "seccomp"),
		FIELD(process.seccomp),
		.type = &config_bool,
		.is_annotation = true,
		.fallback = "yes",
		.valid = "yes or no",
		.help = "Whether the default filter of system calls is used.",
		.when = CONFIG_NEXT_START,
	},
	{
		KEY("machine", "restart"),
		FIELD(restart),
		.type = &config_choice,
		.choices = restarts,
		.is_annotation = true,
		.fallback = "no",
		.valid = "no, on-failure, always",
		.help = "When the machine is started again after it ended by itself.",
		.when = CONFIG_LIVE,
	},
	{
		KEY("machine", "stop-timeout"),
		FIELD(stop_timeout_usec),
		.type = &config_quantity,
		RANGE(UNIT_TIME, 0, 86400 * SECOND),
		.is_annotation = true,
		.fallback = "10s",
		.valid = "10s, 1.5s, 2min",
		.help = "How long stop waits before it kills.",
		.when = CONFIG_LIVE,
	},
	{
		KEY("machine", "ephemeral"),
		FIELD(ephemeral),
		.type = &config_bool,
		.is_annotation = true,
		.fallback = "no",
		.valid = "yes or no",
		.help = "Whether the machine is deleted when it ends, as `run` asks for.",
		.when = CONFIG_CREATE,
	},
	{
		KEY("machine", "user-namespace"),
		FIELD(user_namespace),
		.type = &config_bool,
		.fallback = "yes",
		.valid = "yes or no",
		.help = "Whether the machine's root is nobody on the host: its ids are a range of "
			"its "
			"own.",
		.when = CONFIG_CREATE,
	},
	{
		KEY("machine", "require"),
		FIELD(require),
		.type = &config_bool,
		.is_annotation = true,
		.fallback = "no",
		.valid = "yes or no",
		.help = "Whether a promise that this host cannot keep is an error.",
		.when = CONFIG_NEXT_START,
	},
	{
		KEY("cpu", "reserve"),
		FIELD(cpu.claim.reserve),
		.type = &config_quantity,
		RANGE(UNIT_CPU, 0, CPU_MAX_MILLI),
		.is_annotation = true,
		.fallback = "0",
		.valid = "CPUs: 0.5, 500m or 50% (of one CPU)",
		.help = "What the machine gets whenever it wants it, whatever the others do.",
		.when = CONFIG_LIVE,
	},
	{
		KEY("cpu", "share"),
		FIELD(cpu.claim.share_milli),
		.type = &config_quantity,
		RANGE(UNIT_SHARE, 0, SHARE_MAX_MILLI),
		.is_annotation = true,
		.fallback = "1",
		.valid = "a weight: 0, 0.5, 1, 2",
		.help = "Its weight in what the reservations leave; 0: nothing beyond its reserve.",
		.when = CONFIG_LIVE,
	},
	{
		KEY("cpu", "limit"),
		FIELD(cpu.claim.limit),
		.type = &config_quantity,
		RANGE(UNIT_CPU, 10, CPU_MAX_MILLI),
		.none_allowed = true,
		.is_annotation = true,
		.fallback = "none",
		.valid = "CPUs: 1.5, 1500m or 150%; none",
		.help = "What it never exceeds, even on an idle host.",
		.when = CONFIG_LIVE,
	},
	{
		KEY("cpu", "burst"),
		FIELD(cpu.burst_usec),
		.type = &config_quantity,
		RANGE(UNIT_TIME, 0, 100 * SECOND),
		.is_annotation = true,
		.fallback = "0",
		.valid = "time: 20ms, 0.1s",
		.help = "CPU time that may be saved up below the limit and spent above it.",
		.when = CONFIG_LIVE,
	},
	{
		KEY("cpu", "cpus"),
		.type = &config_cpus,
		.is_annotation = true,
		.fallback = "all",
		.valid = "CPU numbers: 0-3,8; all",
		.help = "The CPUs that the machine runs on.",
		.when = CONFIG_LIVE,
	},
	{
		KEY("memory", "reserve"),
		FIELD(memory.reserve_bytes),
		.type = &config_quantity,
		RANGE(UNIT_BYTES, 0, BYTES_MAX),
		.is_annotation = true,
		.fallback = "0",
		.valid = "bytes: 512M, 1.5G (powers of 1024)",
		.help = "Memory that the others cannot take away from the machine.",
		.when = CONFIG_LIVE,
	},
	{
		KEY("memory", "limit"),
		FIELD(memory.limit_bytes),
		.type = &config_quantity,
		RANGE(UNIT_BYTES, MIB, BYTES_MAX),
		.none_allowed = true,
		.is_annotation = true,
		.fallback = "none",
		.valid = "bytes: 512M, 1.5G; none",
		.help = "Resident memory and cache that it never exceeds.",
		.when = CONFIG_LIVE,
	},
	{
		KEY("memory", "swap"),
		FIELD(memory.swap_bytes),
		.type = &config_quantity,
		RANGE(UNIT_BYTES, 0, BYTES_MAX),
		.none_allowed = true,
		.is_annotation = true,
		.fallback = "none",
		.valid = "bytes: 0, 256M; none",
		.help = "Swap that it may use beyond its memory limit.",
		.when = CONFIG_LIVE,
	},
	{
		KEY("counts", "pids"),
		FIELD(counts.pids),
		.type = &config_quantity,
		RANGE(UNIT_COUNT, 1, PIDS_MAX),
		.none_allowed = true,
		.is_annotation = true,
		.fallback = "none",
		.valid = "a number: 500, 2k; none",
		.help = "Processes and threads that it may have at one time.",
		.when = CONFIG_LIVE,
	},
	{
		KEY("network", "mode"),
		FIELD(network),
		.type = &config_choice,
		.choices = networks,
		.is_bare = true,
		.fallback = "none",
		.valid = "none, host",
		.help = "none: a network of its own with loopback only; host: the host's.",
		.when = CONFIG_NEXT_START,
	},
	{
		KEY("ids", "base"),
		FIELD(idmap.base),
		.type = &config_id,
		.fallback = "0",
		.valid = "a multiple of 65536; written by create",
		.help = "The user and group id on the host that is 0 in the machine.",
		.when = CONFIG_CREATE,
	},
	{
		KEY("ids", "count"),
		FIELD(idmap.count),
		.type = &config_id,
		.fallback = "0",
		.valid = "65536, or 0 for no user namespace; written by create",
		.help = "How many ids the machine has.",
		.when = CONFIG_CREATE,
	},
};

const struct config_table config_machine_keys = {
	.keys = keys,
	.count = sizeof(keys) / sizeof(*keys),
};

const struct config_key *config_keys(size_t *ret_count)
{
	*ret_count = config_machine_keys.count;
	return keys;
}

int config_key_find(const char *name, const struct config_key **ret_key, struct err *e)
{
	const char *dot = strchr(name, '.');
	char section[32] = "machine";

	if (dot) {
		size_t length = (size_t)(dot - name);

		if (length >= sizeof(section))
			length = sizeof(section) - 1;
		memcpy(section, name, length);
		section[length] = '\0';
		name = dot + 1;
	}
	return config_table_find(&config_machine_keys, section, name, ret_key, e);
}
