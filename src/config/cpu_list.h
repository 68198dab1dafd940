/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of CPUs as cpuset(7) writes them: "0-3,8". Pure.
 */
#pragma once

#include "base/strbuf.h"

#include <sched.h>

/* -EINVAL: not a list (empty is none); -ERANGE: a number that is not below CPU_SETSIZE. */
int cpu_list_parse(const char *text, cpu_set_t *ret_set);

/* Appends nothing for an empty set. */
void cpu_list_print(const cpu_set_t *set, struct strbuf *out);
