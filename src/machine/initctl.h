/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sysvinit's own way to be asked for a runlevel: a request written to its FIFO, as telinit(8) does.
 * Debian's inittab has no use for SIGPWR, and shuts down to reboot at SIGINT.
 */
#pragma once

#include <sys/types.h>

/*
 * Asks the init for runlevel 0. The FIFO is looked up below the machine's root, and is nothing but
 * a FIFO; no call waits. -errno when there is none or nobody reads it: another init then.
 */
int initctl_halt(pid_t init_pid, int init_pidfd);
