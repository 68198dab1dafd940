/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a definition leaves open is decided here, before the plan: the image's command, environment,
 * user, directory and init kind, and the defaults that follow from who is PID 1. Pure.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "config/image_ini.h"
#include "model/spec.h"

/* ERR_INPUT when neither the definition nor the image has a command. `image` may be NULL. */
int spec_resolve(struct spec *spec, const struct image *image, struct arena *a, struct err *e);

/* The environment of a process in the machine: the definition's over the image's over ours. */
const char *const *environment_make(const char *const *own, const struct image *image,
				    bool terminal, struct arena *a);
