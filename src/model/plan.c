/* SPDX-License-Identifier: Apache-2.0 */
#include "model/plan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The names are part of the journal's format: never change one, only add. */
static const char *const kind_names[OP_KIND_MAX] = {
	[OP_LEDGER_ENTER] = "ledger-enter",
	[OP_IDRANGE_TAKE] = "idrange-take",
	[OP_MACHINEDIR_MAKE] = "machinedir-make",
	[OP_DEFINITION_WRITE] = "definition-write",
	[OP_LAYER_MAKE] = "layer-make",
	[OP_ROOTFS_OPEN] = "rootfs-open",
	[OP_CGROUP_MAKE] = "cgroup-make",
	[OP_CGROUP_WRITE] = "cgroup-write",
	[OP_CGROUP_ENTER] = "cgroup-enter",
	[OP_SCOPE_START] = "scope-start",
	[OP_SPAWN] = "spawn",
	[OP_IDMAP_WRITE] = "idmap-write",
	[OP_CGROUP_NAMESPACE] = "cgroup-namespace",
	[OP_ROOT_ATTACH] = "root-attach",
	[OP_ROOT_TAKE] = "root-take",
	[OP_MOUNT] = "mount",
	[OP_BIND] = "bind",
	[OP_MKDIR] = "mkdir",
	[OP_SYMLINK] = "symlink",
	[OP_DEVICE] = "device",
	[OP_CONSOLE_OPEN] = "console-open",
	[OP_ROOT_SWITCH] = "root-switch",
	[OP_MASK] = "mask",
	[OP_READONLY] = "readonly",
	[OP_HOSTNAME] = "hostname",
	[OP_LOOPBACK_UP] = "loopback-up",
	[OP_SYSCTL] = "sysctl",
	[OP_RLIMIT] = "rlimit",
	[OP_KEYRING_JOIN] = "keyring-join",
	[OP_STDIO_ATTACH] = "stdio-attach",
	[OP_CREDENTIALS] = "credentials",
	[OP_CAPABILITIES] = "capabilities",
	[OP_NO_NEW_PRIVS] = "no-new-privs",
	[OP_SECCOMP] = "seccomp",
	[OP_CHDIR] = "chdir",
	[OP_EXEC] = "exec",
};

static const char *const stage_names[OP_STAGE_MAX] = {
	[OP_STAGE_HOST] = "host",     [OP_STAGE_PARENT] = "parent",   [OP_STAGE_CHILD] = "child",
	[OP_STAGE_ROOTED] = "rooted", [OP_STAGE_CONFINE] = "confine", [OP_STAGE_READY] = "ready",
};

const char *op_kind_name(enum op_kind kind)
{
	return kind > OP_UNSET && kind < OP_KIND_MAX ? kind_names[kind] : NULL;
}

enum op_kind op_kind_find(const char *name)
{
	for (int kind = OP_UNSET + 1; kind < OP_KIND_MAX; kind++) {
		if (kind_names[kind] && strcmp(kind_names[kind], name) == 0)
			return (enum op_kind)kind;
	}
	return OP_UNSET;
}

const char *op_stage_name(enum op_stage stage)
{
	return stage > OP_STAGE_UNSET && stage < OP_STAGE_MAX ? stage_names[stage] : NULL;
}

enum op_stage op_stage_find(const char *name)
{
	for (int stage = OP_STAGE_UNSET + 1; stage < OP_STAGE_MAX; stage++) {
		if (strcmp(stage_names[stage], name) == 0)
			return (enum op_stage)stage;
	}
	return OP_STAGE_UNSET;
}

void plan_add(struct plan *p, const struct op *op)
{
	assert(op->kind > OP_UNSET && op->kind < OP_KIND_MAX);
	assert(op->stage > OP_STAGE_UNSET && op->stage < OP_STAGE_MAX);
	if (p->count == p->capacity) {
		p->capacity = p->capacity ? 2 * p->capacity : 64;
		p->ops = reallocarray(p->ops, p->capacity, sizeof(*p->ops));
		if (!p->ops)
			abort();
	}
	p->ops[p->count++] = (struct op){
		.kind = op->kind,
		.stage = op->stage,
		.subject = arena_strdup(&p->arena, op->subject),
		.source = arena_strdup(&p->arena, op->source),
		.name = arena_strdup(&p->arena, op->name),
		.value = arena_strdup(&p->arena, op->value),
		.number = op->number,
		.flags = op->flags,
	};
}

void plan_order(struct plan *p)
{
	struct op *ordered;
	size_t n = 0;

	if (p->count == 0)
		return;
	ordered = calloc(p->count, sizeof(*ordered));
	if (!ordered)
		abort();
	for (int stage = OP_STAGE_HOST; stage < OP_STAGE_MAX; stage++) {
		for (size_t i = 0; i < p->count; i++) {
			if ((int)p->ops[i].stage == stage)
				ordered[n++] = p->ops[i];
		}
	}
	free(p->ops);
	p->ops = ordered;
	p->capacity = p->count;
}

void plan_done(struct plan *p)
{
	free(p->ops);
	arena_done(&p->arena);
	*p = PLAN_INIT;
}
