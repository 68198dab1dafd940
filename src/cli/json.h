/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --json: one document with the words of the contract. CPU in CPUs, sizes in bytes, times in
 * seconds, null for "none" and for what is not known.
 */
#pragma once

#include "cli/view.h"
#include "config/image_ini.h"

#include <jansson.h>

json_t *json_cpus(uint64_t millicpus); /* null for UNIT_NONE */
json_t *json_amount(uint64_t amount);  /* null for UNIT_NONE */
json_t *json_seconds(uint64_t usec);
json_t *json_text(const char *text); /* null for NULL; what is not UTF-8 becomes '?' */
json_t *json_vector(const char *const *v);
json_t *json_exit(const struct exit_status *exit); /* null when it never ended */
json_t *json_cpu_list(const cpu_set_t *cpus);

json_t *json_machine(const struct view *v);
json_t *json_image(const struct image *image);

/* {"KEY": value}, printed and released. */
void json_print_wrapped(const char *key, json_t *value);
void json_print(json_t *value);
