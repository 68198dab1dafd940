/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this kernel can do, by trying: in one child process with a deadline, in namespaces of its
 * own, so that no trace is left. A feature whose probe did not finish counts as absent.
 */
#pragma once

#include "base/err.h"
#include "model/host.h"

struct kernel_probe {
	const char *own;    /* our cgroup below the tree hierarchy's mount */
	const char *images; /* a directory on the file system of the images: whether it can be
			       idmapped is the file system's affair (tmpfs: since 6.3) */
};

/* All of struct host_kernel, and can_kill and can_clone_into of `cgroups`. */
int kernel_features_probe(const struct kernel_probe *probe, struct host_cgroups *cgroups,
			  struct host_kernel *ret, struct err *e);
