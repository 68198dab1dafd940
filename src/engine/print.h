/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan as text: what `bulkhead explain` prints and what the golden files hold. One line per
 * operation: stage, operation, then the fields under the names of its row. Pure.
 */
#pragma once

#include "base/strbuf.h"
#include "model/plan.h"

void plan_print(const struct plan *plan, struct strbuf *out);

/* The fields alone: "controller=cpu path=bulkhead/web owner=0". */
void op_print_fields(const struct op *op, struct strbuf *out);
