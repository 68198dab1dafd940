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
	[OP_LEDGER_ENTER]     = {ledger_apply_enter, ledger_undo_enter, .subject = "machine"},
	[OP_IDRANGE_TAKE]     = {idrange_apply_take, idrange_undo_take, .subject = "machine",
				 .number = "base"},
	[OP_MACHINEDIR_MAKE]  = {definition_apply_directory, definition_undo_directory,
				 .subject = "machine"},
	[OP_DEFINITION_WRITE] = {definition_apply_write, definition_undo_write,
				 .subject = "machine", .flags = "volatile"},
	[OP_LAYER_MAKE]       = {layer_apply_make, layer_undo_make, .subject = "machine",
				 .number = "owner"},
	[OP_ROOTFS_OPEN]      = {layer_apply_rootfs_open, NULL, .subject = "image",
				 .source = "machine", .number = "base", .flags = "volatile"},

	[OP_CGROUP_MAKE]      = {cgroup_apply_make, cgroup_undo_make, .subject = "controller",
				 .value = "path", .field = "with", .number = "owner"},
	[OP_CGROUP_WRITE]     = {cgroup_apply_write, NULL, .subject = "controller",
				 .source = "path", .field = "file", .value = "value"},
	[OP_CGROUP_ENTER]     = {cgroup_apply_enter, NULL, .subject = "controller",
				 .value = "path"},
	[OP_SCOPE_START]      = {cgroup_apply_scope, cgroup_undo_scope, .subject = "unit",
				 .source = "slice", .value = "path", .field = "with",
				 .number = "owner"},

	[OP_SPAWN]            = {apply_spawn, spawn_undo, .value = "cgroup", .flags = "namespaces"},
	[OP_IDMAP_WRITE]      = {namespaces_apply_idmap_write, NULL, .number = "base", .flags = "count"},
	[OP_CGROUP_NAMESPACE] = {namespaces_apply_cgroup, NULL},

	[OP_ROOT_ATTACH]      = {rootfs_apply_attach, NULL},
	[OP_ROOT_TAKE]        = {rootfs_apply_take, NULL},
	[OP_MOUNT]            = {rootfs_apply_mount, NULL, .subject = "at", .source = "type",
				 .field = "if", .value = "data", .flags = "flags"},
	[OP_BIND]             = {rootfs_apply_bind, NULL, .subject = "at", .source = "source",
				 .field = "if", .flags = "flags"},
	[OP_MKDIR]            = {rootfs_apply_mkdir, NULL, .subject = "path", .number = "mode"},
	[OP_SYMLINK]          = {rootfs_apply_symlink, NULL, .subject = "path", .value = "target"},
	[OP_DEVICE]           = {rootfs_apply_device, NULL, .subject = "path", .source = "source"},
	[OP_CONSOLE_OPEN]     = {rootfs_apply_console_open, NULL},
	[OP_ROOT_SWITCH]      = {rootfs_apply_switch, NULL},
	[OP_MASK]             = {rootfs_apply_mask, NULL, .subject = "path"},
	[OP_READONLY]         = {rootfs_apply_readonly, NULL, .subject = "path",
				 .flags = "flags"},

	[OP_HOSTNAME]         = {namespaces_apply_hostname, NULL, .value = "name"},
	[OP_LOOPBACK_UP]      = {namespaces_apply_loopback_up, NULL},
	[OP_SYSCTL]           = {namespaces_apply_sysctl, NULL, .subject = "key", .value = "value"},

	[OP_RLIMIT]           = {confine_apply_rlimit, NULL, .field = "resource",
				 .number = "soft", .flags = "hard"},
	[OP_KEYRING_JOIN]     = {confine_apply_keyring_join, NULL, .value = "name"},
	[OP_STDIO_ATTACH]     = {confine_apply_stdio_attach, NULL, .number = "controlling"},
	[OP_CREDENTIALS]      = {confine_apply_credentials, NULL, .value = "user"},
	[OP_CAPABILITIES]     = {confine_apply_capabilities, NULL, .field = "which",
				 .flags = "set"},
	[OP_NO_NEW_PRIVS]     = {confine_apply_no_new_privs, NULL},
	[OP_SECCOMP]          = {confine_apply_seccomp, NULL, .value = "profile"},
	[OP_CHDIR]            = {confine_apply_chdir, NULL, .value = "directory"},
	[OP_EXEC]             = {confine_apply_exec, NULL, .value = "how"},
};
/* clang-format on */

const struct operation *operation_get(enum op_kind kind)
{
	assert(kind > OP_UNSET && kind < OP_KIND_MAX);
	assert(operations[kind].apply);
	return &operations[kind];
}
