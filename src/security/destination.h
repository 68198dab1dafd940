/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where Bulkhead's own mounts go below a hostile root. The image decides what is there, so the
 * place is made when it is missing, and refused when it is a link: /proc as a link elsewhere would
 * put the machine's own files where the kernel's are expected. No allocation.
 */
#pragma once

#include "base/err.h"

/* O_PATH descriptor or -errno; `path` is absolute, its parent exists. */
int destination_directory(int root_fd, const char *path, struct err *e);
int destination_file(int root_fd, const char *path, struct err *e);
