/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this kernel can do, by trying: in one child process with a deadline, in namespaces of its
 * own, so that no trace is left. A feature whose probe did not finish counts as absent.
 */
#pragma once

#include "base/err.h"
#include "model/host.h"

/* All of struct host_kernel, and can_kill and can_clone_into of `cgroups`. `own` is our cgroup
 * below the tree hierarchy's mount. */
int kernel_features_probe(const char *own, struct host_cgroups *cgroups, struct host_kernel *ret,
			  struct err *e);
