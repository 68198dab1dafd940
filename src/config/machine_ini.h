/* SPDX-License-Identifier: Apache-2.0 */
/*
 * machine.ini <-> spec, and KEY=VALUE settings from the command line: one table of keys serves the
 * file, the options and `bulkhead set` (config/keys.c). Pure text work, no files.
 *
 *   [machine]  image, command, init, hostname, restart, environment, directory, user, capabilities,
 *              new-privileges, seccomp, stop-timeout, terminal
 *   [cpu]      reserve, share, limit, burst, cpus
 *   [memory]   reserve, limit, swap
 *   [counts]   pids
 *   [network]  mode
 *   [ids]      base, count          (written by create; not to be edited)
 *
 * Limits: 64 KiB, 1024 arguments, 1024 variables. Every error names the line, the key and what
 * would be valid; an unknown key is an error.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "model/spec.h"

#define MACHINE_INI_MAX_BYTES 65536

/* A spec with every default of the design in it: share 1, no limits, the default capabilities. */
void spec_set_defaults(struct spec *spec, struct arena *a);

/* `text` need not be terminated at `bytes`. `file` is for messages. */
int machine_ini_parse(const char *file, const char *text, size_t bytes, struct arena *a,
		      struct spec *ret_spec, struct err *e);

/* The canonical text; parse(print(s)) == s. Only keys that differ from the default. */
void machine_ini_print(const struct spec *spec, struct strbuf *out);

/*
 * Applies one "SECTION.KEY" = "VALUE" to a spec: `cpu.reserve`, `0.75`. ERR_INPUT as above.
 */
int machine_key_set(struct spec *spec, struct arena *a, const char *key, const char *value,
		    struct err *e);

/*
 * Applies an option's list: section "cpu", "reserve=0.5,share=2,limit=1.5".
 */
int machine_key_set_list(struct spec *spec, struct arena *a, const char *section, const char *list,
			 struct err *e);

/* What must hold between keys (limit >= reserve, argv not empty, ...). */
int spec_check(const struct spec *spec, struct err *e);
