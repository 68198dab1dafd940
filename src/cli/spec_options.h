/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of `create` and `run` that say what machine is asked for. Each is a key of
 * machine.ini under another spelling, set through config/machine_ini.h, so that the file, the
 * options and `bulkhead set` accept and refuse the same.
 */
#pragma once

#include "cli/verb.h"
#include "model/spec.h"

extern const struct option_row spec_options[];

/* Fills a spec with the defaults, then image and command, then the options given. */
int spec_from_call(struct call *c, const char *name, const char *const *image_and_command,
		   struct spec *ret_spec, struct err *e);

/* KEY=VALUE words of --env (KEY alone: from our own environment) and of --env-file files, in the
 * order in which they were given, files first. NULL-terminated, in c->arena. */
int env_from_call(struct call *c, const char *const **ret_env, struct err *e);
