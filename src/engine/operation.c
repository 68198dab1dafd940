/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One row per kind of operation: how it is applied, how undone, and under which names its fields
 * are printed. What an operation means to op_context:
 *
 *   LEDGER_ENTER   gives up ledger_lock
 *   SPAWN          fills child_pid, child_pidfd, channel, init_file
 *   ROOTFS_OPEN    fills root_mount (after SPAWN: it needs the child's user namespace)
 *   ROOT_ATTACH    takes root_mount
 *   ROOT_TAKE      fills new_root
 *   CONSOLE_OPEN   fills console_master and stdio
 *   ROOT_SWITCH    takes new_root
 *   CREDENTIALS    fills uid, gid
 */
#include "engine/operation.h"

#include "engine/kind.h"
#include "engine/spawn.h"
#include "resource/cgroup.h"
#include "security/operations.h"
#include "state/operations.h"
#include "storage/layer.h"

#include <assert.h>

static int apply_spawn(const struct op *op, struct op_context *ctx, struct err *e)
{
	return kind_get(ctx->spec->kind)->spawn(op, ctx, e);
}

/* clang-format off */
static const struct operation operations[OP_KIND_MAX] = {
	[OP_LEDGER_ENTER]     = {.apply = ledger_apply_enter, .undo = ledger_undo_enter, .subject = "machine"},
	[OP_IDRANGE_TAKE]     = {.apply = idrange_apply_take, .undo = idrange_undo_take, .subject = "machine",
				 .number = "base"},
	[OP_MACHINEDIR_MAKE]  = {.apply = definition_apply_directory, .undo = definition_undo_directory,
				 .subject = "machine"},
	[OP_DEFINITION_WRITE] = {.apply = definition_apply_write, .undo = definition_undo_write,
				 .subject = "machine", .flags = "volatile"},
	[OP_LAYER_MAKE]       = {.apply = layer_apply_make, .undo = layer_undo_make, .subject = "machine",
				 .number = "owner"},
	[OP_ROOTFS_OPEN]      = {.apply = layer_apply_rootfs_open, .subject = "image",
				 .source = "machine", .number = "base", .flags = "volatile"},

	[OP_CGROUP_MAKE]      = {.apply = cgroup_apply_make, .undo = cgroup_undo_make, .subject = "controller",
				 .value = "path", .field = "with", .number = "owner"},
	[OP_CGROUP_WRITE]     = {.apply = cgroup_apply_write, .subject = "controller",
				 .source = "path", .field = "file", .value = "value"},
	[OP_CGROUP_ENTER]     = {.apply = cgroup_apply_enter, .subject = "controller",
				 .value = "path"},
	[OP_SCOPE_START]      = {.apply = cgroup_apply_scope, .undo = cgroup_undo_scope, .subject = "unit",
				 .source = "slice", .value = "path", .field = "with",
				 .number = "owner"},

	[OP_SPAWN]            = {.apply = apply_spawn, .undo = spawn_undo, .value = "cgroup", .flags = "namespaces"},
	[OP_IDMAP_WRITE]      = {.apply = namespaces_apply_idmap_write, .number = "base", .flags = "count"},
	[OP_CGROUP_NAMESPACE] = {.apply = namespaces_apply_cgroup},

	[OP_ROOT_ATTACH]      = {.apply = rootfs_apply_attach},
	[OP_ROOT_TAKE]        = {.apply = rootfs_apply_take},
	[OP_MOUNT]            = {.apply = rootfs_apply_mount, .subject = "at", .source = "type",
				 .field = "if", .value = "data", .flags = "flags"},
	[OP_BIND]             = {.apply = rootfs_apply_bind, .subject = "at", .source = "source",
				 .field = "if", .flags = "flags"},
	[OP_MKDIR]            = {.apply = rootfs_apply_mkdir, .subject = "path", .number = "mode"},
	[OP_SYMLINK]          = {.apply = rootfs_apply_symlink, .subject = "path", .value = "target"},
	[OP_DEVICE]           = {.apply = rootfs_apply_device, .subject = "path", .source = "source"},
	[OP_CONSOLE_OPEN]     = {.apply = rootfs_apply_console_open},
	[OP_ROOT_SWITCH]      = {.apply = rootfs_apply_switch},
	[OP_MASK]             = {.apply = rootfs_apply_mask, .subject = "path"},
	[OP_READONLY]         = {.apply = rootfs_apply_readonly, .subject = "path",
				 .flags = "flags"},

	[OP_HOSTNAME]         = {.apply = namespaces_apply_hostname, .value = "name"},
	[OP_LOOPBACK_UP]      = {.apply = namespaces_apply_loopback_up},
	[OP_SYSCTL]           = {.apply = namespaces_apply_sysctl, .subject = "key", .value = "value"},

	[OP_RLIMIT]           = {.apply = confine_apply_rlimit, .field = "resource",
				 .number = "soft", .flags = "hard"},
	[OP_KEYRING_JOIN]     = {.apply = confine_apply_keyring_join, .value = "name"},
	[OP_STDIO_ATTACH]     = {.apply = confine_apply_stdio_attach, .number = "controlling"},
	[OP_CREDENTIALS]      = {.apply = confine_apply_credentials, .value = "user"},
	[OP_CAPABILITIES]     = {.apply = confine_apply_capabilities, .field = "which",
				 .flags = "set"},
	[OP_NO_NEW_PRIVS]     = {.apply = confine_apply_no_new_privs},
	[OP_SECCOMP]          = {.apply = confine_apply_seccomp, .value = "profile"},
	[OP_CHDIR]            = {.apply = confine_apply_chdir, .value = "directory"},
	[OP_EXEC]             = {.apply = confine_apply_exec, .value = "how"},
};
/* clang-format on */

const struct operation *operation_get(enum op_kind kind)
{
	assert(kind > OP_UNSET && kind < OP_KIND_MAX);
	assert(operations[kind].apply);
	return &operations[kind];
}
