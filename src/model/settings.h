/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where this instance of Bulkhead lives. Several instances work side by side on one host: tests
 * and users give each its own pair of directories and its own parent cgroup.
 */
#pragma once

#include "model/host.h"

struct settings {
	char root[HOST_PATH_MAX];   /* persistent: images/, machines/, ids. /var/lib/bulkhead */
	char run[HOST_PATH_MAX];    /* runtime: keeper.sock, journal/, machines/. /run/bulkhead */
	char cgroup[HOST_PATH_MAX]; /* parent cgroup, relative: "bulkhead"; for another --run
				       directory "bulkhead-XXXXXXXX", from its path's hash */
};
