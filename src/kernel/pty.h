/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pts(4), ioctl_tty(2). Fit for use between clone and exec.
 */
#pragma once

#include <stdint.h>

/* Master by `ptmx` (a path below dirfd that is not followed as a link; checked to be devpts), and
 * its peer by TIOCGPTPEER: no path of the slave is looked up. */
int pty_open(int dirfd, const char *ptmx, int *ret_master, int *ret_slave);
int pty_resize(int master, uint16_t rows, uint16_t columns);
/* setsid(2) and TIOCSCTTY; then the slave as descriptors 0, 1, 2. */
int pty_make_controlling(int slave);
