/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spec -> OCI config.json (runtime-spec 1.2, config.md and config-linux.md), for
 * `bulkhead show --oci NAME`. The contract travels as org.bulkhead.* annotations with the keys of
 * config/keys.h, so that nothing is lost; linux.resources says as much of it as OCI can. Pure.
 */
#pragma once

#include "base/strbuf.h"
#include "model/spec.h"

/*
 * `rootfs` is the path printed as root.path. The spec is decided: capabilities and no_new_privs are
 * printed as they are. A user by name, which OCI does not know, is printed as 0 and as annotation.
 */
void oci_json_print(const struct spec *spec, const char *rootfs, struct strbuf *out);
