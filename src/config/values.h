/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The types of values that rows of config/keys.h refer to. Pure.
 */
#pragma once

#include "config/keys.h"

extern const struct config_type config_quantity;    /* uint64_t in key->unit */
extern const struct config_type config_id;	    /* uint32_t, decimal */
extern const struct config_type config_bool;	    /* bool */
extern const struct config_type config_choice;	    /* enum, key->choices */
extern const struct config_type config_text;	    /* const char *; NULL is "" */
extern const struct config_type config_text_set;    /* const char *; never NULL */
extern const struct config_type config_time;	    /* uint64_t usec of CLOCK_REALTIME, ISO 8601 */
extern const struct config_type config_command;	    /* const char *const *: a command line */
extern const struct config_type config_argument;    /* the same field: one argument per line */
extern const struct config_type config_environment; /* const char *const *: KEY=VALUE per line */

/* Fields of struct spec that are more than one value. */
extern const struct config_type config_cpus;	       /* spec.cpu.pinned, spec.cpu.cpus */
extern const struct config_type config_capabilities;   /* spec.process.capabilities... */
extern const struct config_type config_new_privileges; /* spec.process.no_new_privs... */

/* Checks for config_text rows. "" never reaches them. */
int config_check_image(const char *what, const char *text, struct err *e);
int config_check_hostname(const char *what, const char *text, struct err *e);
int config_check_directory(const char *what, const char *text, struct err *e);
int config_check_user(const char *what, const char *text, struct err *e);
int config_check_line(const char *what, const char *text, struct err *e);

/* KEY=VALUE of an environment. */
int config_check_variable(const char *what, const char *variable, struct err *e);

/* Texts by value of enum spec_init, for the tables that have it. */
extern const char *const config_init_choices[];
