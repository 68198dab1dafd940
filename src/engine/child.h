/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child's side between clone and exec. One thread; no allocation, no logging, no locks.
 */
#pragma once

#include "model/op_context.h"
#include "model/plan.h"

/* Walks the stages CHILD, ROOTED and CONFINE of the plan, as messages from the starter allow; ends
 * in exec or _exit. */
_Noreturn void child_run(const struct plan *plan, struct op_context *ctx);

/* Applies the operations of one stage but EXEC; stops at the first failure and tells its index. */
int child_apply_stage(const struct plan *plan, enum op_stage stage, struct op_context *ctx,
		      uint32_t *ret_op, struct err *e);
