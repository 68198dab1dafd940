/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine's writable layer and its root: operations of storage/.
 *
 * ROOTFS_OPEN (parent): the image's rootfs is cloned (open_tree), idmapped to the machine's range
 * with the child's user namespace, attached in the starter's own private mount namespace (overlayfs
 * of kernels before 6.15 accepts only attached lower layers), and an overlay with the plain upper
 * directory is made above it, detached: op_context.root_mount. Nothing is mounted in the host's
 * namespace, so nothing can be left there.
 *
 * The caller must have unshared its mount namespace and made it private before ROOTFS_OPEN.
 */
#pragma once

#include "base/err.h"
#include "model/op_context.h"
#include "model/plan.h"

/*
 * op->flags of ROOTFS_OPEN: the overlay is `volatile` (nothing is synced, not even at the end).
 * For machines whose layer is deleted when they end.
 */
#define LAYER_VOLATILE 1u

/*
 * Makes upper/ and work/ in the machine's directory. upper/, which is the machine's "/", is owned
 * by op->number and gets the mode of the directory op->source (the image's root) when there is one,
 * else 0755. -EEXIST when the machine has a layer already.
 */
int layer_apply_make(const struct op *op, struct op_context *ctx, struct err *e);

/* Removes both with all content. Idempotent. */
int layer_undo_make(const struct op *op, struct op_context *ctx, struct err *e);

/*
 * op->subject: the image's root directory; op->source: machine; op->number: base of the range of
 * ids, 0 for none. Sets ctx->root_mount. ERR_HOST with -EOPNOTSUPP where the ids of its file system
 * cannot be mapped (tmpfs before Linux 6.3), which is found by trying.
 */
int layer_apply_rootfs_open(const struct op *op, struct op_context *ctx, struct err *e);
