/* SPDX-License-Identifier: Apache-2.0 */
/* What a root file system says about itself. It is hostile: every path is resolved below it. */
#pragma once

#include "base/err.h"
#include "model/spec.h"

struct rootfs_facts {
	enum spec_init init;
	const char *command; /* constant: "/sbin/init", "/bin/sh", or NULL when it has neither */
};

/* ERR_INPUT with -ENOEXEC when nothing in it looks like a system. */
int rootfs_look(int rootfs, struct rootfs_facts *ret, struct err *e);
