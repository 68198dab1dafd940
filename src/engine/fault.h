/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults on demand, in builds with -Dfaults=true: RUN/fault holds one number, and the operation of
 * that index in the next plan fails instead of being applied. In other builds nothing is read.
 */
#pragma once

#include "base/err.h"
#include "model/settings.h"

#include <stddef.h>

void fault_load(const struct settings *s);
/* 0, or -EIO for the chosen operation. Fit for use between clone and exec. */
int fault_check(size_t index, struct err *e);
