/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine's writable layer and its root: operations of storage/.
 *
 * ROOTFS_OPEN (parent): the image's rootfs is cloned (open_tree), idmapped to the machine's range
 * with the child's user namespace, attached in the starter's own private mount namespace (overlayfs
 * of kernels before 6.15 accepts only attached lower layers), and an overlay with the plain upper
 * directory is made above it, detached: op_context.root_mount. Nothing is mounted in the host's
 * namespace, so nothing can be left there.
 */
#pragma once

#include "base/err.h"
#include "model/op_context.h"
#include "model/plan.h"

/* upper/ and work/, top directory owned by op->number. Undo removes both with all content. */
int layer_apply_make(const struct op *op, struct op_context *ctx, struct err *e);
int layer_undo_make(const struct op *op, struct op_context *ctx, struct err *e);
int layer_apply_rootfs_open(const struct op *op, struct op_context *ctx, struct err *e);
