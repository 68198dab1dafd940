/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What in /proc and /sys tells about the host, or changes it, and is in no namespace. One list for
 * the plan (security/rootfs.c) and for the OCI bundle (config/oci_json.c). Plain data.
 */
#pragma once

#define HIDDEN_PATHS_MASKED 12
#define HIDDEN_PATHS_READONLY 5

/* These read as empty. */
extern const char *const hidden_paths_masked[HIDDEN_PATHS_MASKED];

/* These become read-only. The last, /proc/sys, is left to a full system that has a user namespace.
 */
extern const char *const hidden_paths_readonly[HIDDEN_PATHS_READONLY];
