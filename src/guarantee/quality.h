/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside guarantee/: how far this host can keep what a grant promises.
 */
#pragma once

#include "base/err.h"
#include "model/grant.h"
#include "model/host.h"

/* Fills the three promises of `grant`. */
void quality_mark(const struct spec *spec, const struct host *host, struct grant *grant);

/* With spec->require: ERR_HOST, -EOPNOTSUPP for what was asked for and cannot be kept. */
int quality_check(const struct spec *spec, const struct grant *grant, struct err *e);
