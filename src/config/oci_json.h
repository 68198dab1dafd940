/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spec -> OCI config.json (runtime-spec 1.2), for `bulkhead show --oci NAME`. The contract travels
 * as org.bulkhead.* annotations.
 */
#pragma once

#include "base/strbuf.h"
#include "model/spec.h"

/* `rootfs` is the path printed as root.path. */
void oci_json_print(const struct spec *spec, const char *rootfs, struct strbuf *out);
