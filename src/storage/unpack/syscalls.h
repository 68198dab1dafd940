/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls that unpacking needs; every other one fails with EPERM from now on. */
#pragma once

#include "base/err.h"

int syscalls_restrict(struct err *e);
