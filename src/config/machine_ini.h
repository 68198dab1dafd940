/* SPDX-License-Identifier: Apache-2.0 */
/*
 * machine.ini <-> spec, and KEY=VALUE settings from the command line: one table of keys serves the
 * file, the options and `bulkhead set` (config/keys.h). Pure text work, no files.
 *
 *   [machine]  image, kind, command, argument (one per line), init, hostname, user, directory,
 *              environment (KEY=VALUE, one per line), terminal, capabilities, new-privileges,
 *              seccomp, restart, stop-timeout, ephemeral, require
 *   [cpu]      reserve, share, limit, burst, cpus
 *   [memory]   reserve, limit, swap
 *   [counts]   pids
 *   [network]  mode
 *   [ids]      base, count          (written by create; not to be edited)
 *
 * The name is that of the directory, and stdio is not in the file: the caller sets both.
 * Limits: 64 KiB, 1024 arguments, 1024 variables. Every error names the line, the key and what
 * would be valid; an unknown key is an error, and so is a key twice that is no list.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "model/spec.h"

#define MACHINE_INI_MAX_BYTES 65536

/*
 * A spec with every default of the design in it: share 1, no limits, the default capabilities;
 * stdio is CONSOLE, the command is empty, user, directory and hostname are NULL.
 */
void spec_set_defaults(struct spec *spec, struct arena *a);

/*
 * `text` need not be terminated at `bytes`. `file` is for messages. The result has passed
 * spec_check_relations(); its command may still be the image's to give.
 */
int machine_ini_parse(const char *file, const char *text, size_t bytes, struct arena *a,
		      struct spec *ret_spec, struct err *e);

/* The canonical text; parse(print(s)) == s. Only keys that differ from the default. */
void machine_ini_print(const struct spec *spec, struct strbuf *out);

/*
 * Applies one "SECTION.KEY" (or "KEY" of [machine]) = "VALUE" to a spec: `cpu.reserve`, `0.75`. ""
 * is the default. Lists (environment, argument) grow, and "" empties them. ERR_INPUT as above; the
 * spec is unchanged then.
 */
int machine_key_set(struct spec *spec, struct arena *a, const char *key, const char *value,
		    struct err *e);

/*
 * The same for a machine that exists: ERR_INPUT with -EPERM for a key that is fixed when a machine
 * is created (its image, its ids).
 */
int machine_key_change(struct spec *spec, struct arena *a, const char *key, const char *value,
		       struct err *e);

/*
 * Applies an option's list: section "cpu", "reserve=0.5,cpus=0-1,3,limit=1.5"; a word without '='
 * is the section's main key ("network", "host"). After an error the spec may have a part of it.
 */
int machine_key_set_list(struct spec *spec, struct arena *a, const char *section, const char *list,
			 struct err *e);

/*
 * What must hold of a definition whose command may still be the image's to give: limit >= reserve,
 * share or reserve, burst within the limit, ...; texts and lists are valid (whoever set them
 * without machine_key_set()), and all of it fits into MACHINE_INI_MAX_BYTES.
 */
int spec_check_relations(const struct spec *spec, struct err *e);

/* The same, and there is a command. */
int spec_check(const struct spec *spec, struct err *e);
