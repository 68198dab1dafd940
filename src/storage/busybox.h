/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small root file system out of this host's static busybox (Debian: busybox-static): every applet
 * a link, users and groups, the directories that programs expect. No network, no package tools.
 */
#pragma once

#include "base/err.h"

#include <stdint.h>

/* `rootfs`: an empty directory. *ret_bytes: size of the files. */
int busybox_make(int rootfs, uint64_t *ret_bytes, struct err *e);
