/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of config/oci_json.c that fill a file of their own. Each returns a new reference. */
#pragma once

#include "model/spec.h"

#include <jansson.h>

/* linux.resources */
json_t *oci_resources(const struct spec *spec);

/* annotations */
json_t *oci_annotations(const struct spec *spec);

/* A string; one that is not UTF-8, which spec_check() refuses, becomes U+FFFD. */
json_t *oci_string(const char *text);
