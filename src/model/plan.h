/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What will be done: an ordered list of operations, as data. Pure planners append to it
 * (security/, resource/, storage/), engine/ prints it (`bulkhead explain`), records it as intent,
 * applies it and undoes it. Each row of the table in engine/operation.c says what one kind of
 * operation means, which of the fields below it uses, and how it is undone.
 *
 * An operation is small and flat so that its text form is complete: the journal is the printed
 * plan, and recovery undoes what it reads there.
 */
#pragma once

#include "base/arena.h"

#include <stddef.h>
#include <stdint.h>

/* In the order in which they are applied. */
enum op_stage {
	OP_STAGE_UNSET = 0,
	OP_STAGE_HOST,	  /* by the starter, on the host, before there is a child */
	OP_STAGE_PARENT,  /* by the starter, on the host, once the child exists and waits */
	OP_STAGE_CHILD,	  /* by the child, in its new namespaces, the host's tree still visible */
	OP_STAGE_ROOTED,  /* by the child, after the root is switched */
	OP_STAGE_CONFINE, /* by the child, last: privileges fall, in this order, until exec */
	OP_STAGE_READY,	  /* by the starter, once the child waits before exec */
	OP_STAGE_MAX
};

enum op_kind {
	OP_UNSET = 0,

	/* state/ */
	OP_LEDGER_ENTER,     /* subject: machine; the promise is entered into the ledger */
	OP_IDRANGE_TAKE,     /* subject: machine; number: base. A range of ids is taken from the
				registry */
	OP_MACHINEDIR_MAKE,  /* subject: machine; its directory below ROOT/machines, with all that
				will  be in it */
	OP_DEFINITION_WRITE, /* subject: machine; value: text of machine.ini. The machine exists now
			      */

	/* storage/ */
	OP_LAYER_MAKE,	/* subject: machine; number: owner of the top directory. upper/ and work/ */
	OP_ROOTFS_OPEN, /* subject: image root; source: machine; number: idmap base. A detached
			   overlay whose lower layer is idmapped */

	/* resource/ */
	OP_CGROUP_MAKE,	 /* subject: controller; value: path below the hierarchy; name: the v2
			    controllers that it must have; number: owner uid that it is delegated
			    to (0: nobody) */
	OP_CGROUP_WRITE, /* subject: controller; source: path; name: file; value: text */
	OP_CGROUP_ENTER, /* subject: controller; value: path. The child is moved in: by the starter
			    (stage PARENT), or by itself (stage CHILD, v1: ctx->cgroup_tasks) */
	OP_SCOPE_START,	 /* subject: unit; source: slice; value, name, number as in CGROUP_MAKE. A
			    transient systemd scope around the child */

	/* engine/ */
	OP_SPAWN, /* flags: CLONE_NEW*; value: path below CGROUP_TREE to be born in, or "" */

	/* security/: namespaces and users */
	OP_IDMAP_WRITE,	     /* number: base; flags: count */
	OP_CGROUP_NAMESPACE, /* unshared by the child once it is in its cgroups: clone3 would root
				it at the starter's */

	/* security/: the root file system, in the child */
	OP_ROOT_ATTACH,	 /* by the starter, last of PARENT: the detached root gets a place in its
			    private mount namespace */
	OP_ROOT_TAKE,	 /* by the child: a mount namespace of its own, in which the attributes of
			    the root (nodev, read-only) are locked because it was copied to another
			    user namespace; then the child becomes uid 0 there */
	OP_MOUNT,	 /* subject: destination; source: type; value: data; flags: MS_* */
	OP_BIND,	 /* subject: destination; source: what; flags: MS_* */
	OP_MKDIR,	 /* subject: path; number: mode */
	OP_SYMLINK,	 /* subject: path; value: target */
	OP_DEVICE,	 /* subject: path in /dev; source: the host's node that is bound there */
	OP_CONSOLE_OPEN, /* a pty of the machine's own devpts; the master goes to the starter */
	OP_ROOT_SWITCH,	 /* pivot_root(2), and the old root is unmounted */
	OP_MASK,	 /* subject: path that reads as empty */
	OP_READONLY,	 /* subject: path that becomes read-only */

	/* security/: the rest of the child */
	OP_HOSTNAME, /* value */
	OP_LOOPBACK_UP,
	OP_SYSCTL,	 /* subject: key; value */
	OP_RLIMIT,	 /* name: resource; number: soft; flags: hard */
	OP_KEYRING_JOIN, /* value: name of the new session keyring */
	OP_STDIO_ATTACH, /* number: 1 when the terminal becomes the controlling one */
	OP_CREDENTIALS,	 /* value: user as in spec_process.user, resolved below the new root */
	OP_CAPABILITIES, /* flags: the set */
	OP_NO_NEW_PRIVS,
	OP_SECCOMP, /* value: profile, "default" */
	OP_CHDIR,   /* value: directory */
	OP_EXEC,    /* value: "init" (the small init runs argv) or "direct"; argv is the spec's */

	OP_KIND_MAX
};

/* "cgroup-make" for OP_CGROUP_MAKE; NULL for a kind that does not exist. */
const char *op_kind_name(enum op_kind kind);
/* OP_UNSET when there is none. */
enum op_kind op_kind_find(const char *name);
/* "host", "parent", ...; NULL for a stage that does not exist. */
const char *op_stage_name(enum op_stage stage);
/* OP_STAGE_UNSET when there is none. */
enum op_stage op_stage_find(const char *name);

/*
 * Which fields mean something is fixed per kind; the others are NULL or 0. Strings live in the
 * plan's arena, and are read by the child after clone: nothing is allocated there.
 */
struct op {
	enum op_kind kind;
	enum op_stage stage;
	const char *subject;
	const char *source;
	const char *name;
	const char *value;
	uint64_t number;
	uint64_t flags;
};

struct plan {
	struct arena arena;
	struct op *ops;
	size_t count;
	size_t capacity;
};

#define PLAN_INIT ((struct plan){.ops = NULL})

/* Appends a copy of `*op`, strings copied into the plan's arena. */
void plan_add(struct plan *p, const struct op *op);

/*
 * Puts the operations into the order of their stages, and keeps the order of appending within a
 * stage. Called once, when all planners have appended.
 */
void plan_order(struct plan *p);

/* plan_add(p, OP_STAGE_HOST, OP_CGROUP_MAKE, .subject = "cpu", .value = path) */
#define PLAN_ADD(p, op_stage_, op_kind_, ...) \
	plan_add((p), &(const struct op){.kind = (op_kind_), .stage = (op_stage_), __VA_ARGS__})

void plan_done(struct plan *p);
#define _cleanup_plan_ __attribute__((cleanup(plan_done)))
