/* SPDX-License-Identifier: Apache-2.0 */
/*
 * openat2(2) with RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS and RESOLVE_NO_XDEV: stricter than
 * kernel/path.h, which lets links lead around below the root. Paths are as entry_name_clean() gives
 * them. Returns an O_PATH descriptor or -errno: -ELOOP when a link is on the way.
 */
#pragma once

/* The directory at `path` ("" is the root itself), missing ones made with mode 0755. */
int beneath_make_directory(int root, const char *path);

/* The existing parent of `path`; *ret_leaf points into `path`. */
int beneath_open_parent(int root, const char *path, const char **ret_leaf);
