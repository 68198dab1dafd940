/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kind `container`: rows of engine/kind.c.
 */
#pragma once

#include "engine/kind.h"

int container_plan(const struct plan_request *request, struct plan *plan, struct err *e);
int container_signal(const struct record *record, int signal, struct err *e);
int container_usage(const struct record *record, const struct host *host, struct usage *ret_usage,
		    struct err *e);
