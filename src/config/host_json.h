/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host facts <-> JSON, for fixtures of golden plans and for `bulkhead capacity --facts --json`.
 *
 *   {"cgroups": {"controllers": {"cpu": {"version": "v2", "mount": "/sys/fs/cgroup", "parent": ""},
 *                                "memory": ...}, "systemd": false, "can_kill": true, ...},
 *    "capacity": {"cpu": 2, "cpu_host": 0.1, "memory": 4294967296, "memory_host": 268435456,
 *                 "cpus": "0-1"},
 *    "kernel": {"release": "6.1.0", "idmap_overlay": true, ...}}
 *
 * CPUs are in CPUs, memory in bytes. A controller that is not there is absent; a flag that is not
 * there is false; an unknown field is an error.
 *
 * Also capacity.ini: [capacity] cpu, memory, host-cpu, host-memory: what was declared instead of
 * measured, and the part that the host keeps (default 5 % of the CPUs, 256M).
 */
#pragma once

#include "base/err.h"
#include "base/strbuf.h"
#include "model/host.h"

#define HOST_JSON_MAX_BYTES 65536

void host_json_print(const struct host *host, struct strbuf *out);

/* ERR_INPUT with -EBADMSG that names the file and the field. */
int host_json_parse(const char *file, const char *text, size_t bytes, struct host *ret_host,
		    struct err *e);

/* Applies the declared values over the measured ones, which hold for every key that is not there.
 * `capacity` is unchanged after an error. */
int capacity_ini_apply(const char *file, const char *text, size_t bytes,
		       struct host_capacity *capacity, struct err *e);
