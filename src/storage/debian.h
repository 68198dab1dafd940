/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debian's releases, and where this host gets its packages from: `apt-get indextargets` knows all
 * forms of sources, so mirrors, proxies and caches that work for apt work for images.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"

/* "12" or "bookworm" is "bookworm"; ERR_INPUT lists what is known. Constant. */
int debian_suite(const char *release, const char **ret_suite, struct err *e);

/*
 * Lines for sources.list of `suite`: the host's own mirrors of Debian, with the suite in place of
 * the host's. `targets` is the output of apt-get for DEBIAN_TARGETS_FORMAT. Pure.
 * ERR_HOST with -ENOENT when there is no mirror among them.
 */
#define DEBIAN_TARGETS_FORMAT "$(REPO_URI) $(RELEASE) $(COMPONENT) $(CREATED_BY) $(ORIGIN)"
int debian_sources(const char *targets, const char *suite, struct arena *a, const char ***ret_lines,
		   struct err *e);

/* Asks apt-get, then debian_sources(). */
int debian_host_sources(const char *suite, struct arena *a, const char ***ret_lines, struct err *e);

/* deb-control(5): [a-z0-9][a-z0-9+.-]+ */
int debian_check_package(const char *name, struct err *e);
