/* SPDX-License-Identifier: Apache-2.0 */
/* Our own terminal: raw while a machine's program has it, and put back however we end. */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* termios(3) cfmakeraw. One terminal at a time; restored at exit, too. */
int terminal_raw(int fd, struct err *e);
/* After SIGCONT: somebody else may have changed it. */
void terminal_raw_again(void);
void terminal_restore(void);

/* False when `fd` is no terminal. */
bool terminal_size(int fd, uint16_t *ret_rows, uint16_t *ret_columns);
