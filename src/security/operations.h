/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mechanism: one apply function per kind of operation of this folder, registered in
 * engine/operation.c. None has an undo: what they do ends with the child and its namespaces.
 *
 * All but the first two run in the child between clone and exec: one thread, no allocation, system
 * calls and the stack only. Everything below the machine's root is hostile: it is reached through
 * ctx->new_root with openat2(2), mounts are attached by descriptors, and what Bulkhead itself
 * mounts goes to no symbolic link.
 */
#pragma once

#include "base/err.h"
#include "model/op_context.h"
#include "model/plan.h"

/* Parent. Writes uid_map and gid_map of ctx->child_pid; nothing for count 0. */
int namespaces_apply_idmap_write(const struct op *op, struct op_context *ctx, struct err *e);

/*
 * Parent, after ROOTFS_OPEN. Attaches ctx->root_mount at RUN/root of the starter's own private
 * mount namespace. Attributes of a mount are locked against the machine only when the mount is
 * copied with its namespace, which a detached mount never is: mount_namespaces(7), restrictions.
 */
int rootfs_apply_attach(const struct op *op, struct op_context *ctx, struct err *e);

/* Child. unshare(CLONE_NEWCGROUP). */
int namespaces_apply_cgroup(const struct op *op, struct op_context *ctx, struct err *e);

/*
 * Child, as whom it was cloned (the id that may reach RUN). unshare(CLONE_NEWNS), takes the copy
 * of the root: ctx->new_root; becomes uid, gid and groups 0 of its user namespace.
 */
int rootfs_apply_take(const struct op *op, struct op_context *ctx, struct err *e);

/* Child. op->name "optional": a type, a hierarchy or a right that is not there is no error. */
int rootfs_apply_mount(const struct op *op, struct op_context *ctx, struct err *e);
/* Child. op->source is the host's path; op->name as above. Recursive with MS_REC. */
int rootfs_apply_bind(const struct op *op, struct op_context *ctx, struct err *e);
int rootfs_apply_mkdir(const struct op *op, struct op_context *ctx, struct err *e);
int rootfs_apply_symlink(const struct op *op, struct op_context *ctx, struct err *e);
/* Child. The host's node op->source is bound at op->subject. */
int rootfs_apply_device(const struct op *op, struct op_context *ctx, struct err *e);
/* Child. Sets ctx->console_master, ctx->stdio (all three the slave), binds /dev/console. */
int rootfs_apply_console_open(const struct op *op, struct op_context *ctx, struct err *e);
int rootfs_apply_switch(const struct op *op, struct op_context *ctx, struct err *e);
/* Child. What is not there is masked already. */
int rootfs_apply_mask(const struct op *op, struct op_context *ctx, struct err *e);
/* Child. With MS_REMOUNT the mount at op->subject itself, else a read-only bind over it. */
int rootfs_apply_readonly(const struct op *op, struct op_context *ctx, struct err *e);

int namespaces_apply_hostname(const struct op *op, struct op_context *ctx, struct err *e);
int namespaces_apply_loopback_up(const struct op *op, struct op_context *ctx, struct err *e);
/* op->subject: "net.ipv4.ip_forward". Through ctx->new_root's own /proc. */
int namespaces_apply_sysctl(const struct op *op, struct op_context *ctx, struct err *e);

/* op->name: "nofile". -EPERM names the hard limit that cannot be passed. */
int confine_apply_rlimit(const struct op *op, struct op_context *ctx, struct err *e);
int confine_apply_keyring_join(const struct op *op, struct op_context *ctx, struct err *e);
/* setsid(2); ctx->stdio become 0, 1 and 2, missing ones the machine's /dev/null. */
int confine_apply_stdio_attach(const struct op *op, struct op_context *ctx, struct err *e);
/* Sets ctx->uid and ctx->gid as well. ERR_INPUT for a user that the machine does not have. */
int confine_apply_credentials(const struct op *op, struct op_context *ctx, struct err *e);
/* op->name "bounding": only that set, before CREDENTIALS; else permitted and effective. */
int confine_apply_capabilities(const struct op *op, struct op_context *ctx, struct err *e);
int confine_apply_no_new_privs(const struct op *op, struct op_context *ctx, struct err *e);
/* ctx->seccomp_program when there is one, else the profile op->value. */
int confine_apply_seccomp(const struct op *op, struct op_context *ctx, struct err *e);
int confine_apply_chdir(const struct op *op, struct op_context *ctx, struct err *e);

/*
 * Does not return when it succeeds. "init": ctx->init_file is executed with the command as
 * its arguments (at most 4096), which it runs as its child. "direct": argv[0] itself, searched in
 * the PATH of the machine's environment. -ENOENT (exit code 127), -EACCES and others (126), as
 * execvp(3).
 */
int confine_apply_exec(const struct op *op, struct op_context *ctx, struct err *e);
