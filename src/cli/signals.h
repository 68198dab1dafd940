/* SPDX-License-Identifier: Apache-2.0 */
/* Signals by name or number: KILL, SIGTERM, RTMIN+3, 9. Pure. */
#pragma once

#include "base/err.h"

int signal_parse(const char *text, int *ret_signal, struct err *e);
