/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host facts <-> JSON, for fixtures of golden plans and for `bulkhead capacity --facts --json`.
 * Also capacity.ini: [capacity] cpu, memory, host-cpu, host-memory: what was declared instead of
 * measured, and the part that the host keeps (default 5 % of the CPUs, 256M).
 */
#pragma once

#include "base/err.h"
#include "base/strbuf.h"
#include "model/host.h"

void host_json_print(const struct host *host, struct strbuf *out);
int host_json_parse(const char *file, const char *text, size_t bytes, struct host *ret_host,
		    struct err *e);

/* Applies the declared values over the measured ones. */
int capacity_ini_apply(const char *file, const char *text, size_t bytes,
		       struct host_capacity *capacity, struct err *e);
