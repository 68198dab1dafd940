/* SPDX-License-Identifier: Apache-2.0 */
/* --help, from the same tables that are parsed by. */
#pragma once

#include "cli/verb.h"

#include <stdio.h>

void usage_print_program(FILE *out);
void usage_print_verb(const struct verb *verb, FILE *out);
/* The verbs of two words that start with `group`. */
void usage_print_group(const char *group, FILE *out);
/* "bulkhead run [OPTIONS] IMAGE [COMMAND [ARG...]]"; returns buffer. */
#define USAGE_SYNOPSIS_MAX 256
const char *usage_synopsis(const struct verb *verb, char buffer[static USAGE_SYNOPSIS_MAX]);
/* "-e, --env KEY=VALUE"; returns buffer. */
const char *usage_option(const struct option_row *row, char buffer[static USAGE_SYNOPSIS_MAX]);
