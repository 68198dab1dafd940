/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A verb is one row of the table in verbs.c: its function, the words that it takes, its options.
 * Parsing, --help, the man pages and bash completion all read the same row, so a new row is a new
 * verb. A verb's function prints its result on stdout, returns 0 or -errno with `e` set, and leaves
 * printing the error to main.c.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "model/host.h"
#include "model/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_takes { OPTION_FLAG = 0, OPTION_VALUE, OPTION_BOOL /* --name or --name=yes|no */ };

/* A table of options ends with a row without a name. Every option may be given more than once. */
struct option_row {
	char letter;	  /* 0: none */
	const char *name; /* without the dashes */
	enum option_takes takes;
	const char *argument; /* what --help calls the value: "FILE"; completion goes by it, too */
	const char *help;
};

enum verb_flag {
	VERB_STOP_AT_WORD = 1, /* a command follows: nothing after the first word is an option */
	VERB_PASSES_CODE = 2,  /* exits with the command's own code, and 125 when we failed */
	VERB_NO_STATE = 4,     /* must work without privileges: leaves the state alone */
};

struct call;

struct verb {
	const char *name; /* "start", "image build" */
	int (*run)(struct call *c, struct err *e);
	const char *words;		  /* "NAME...", "[NAME...]": the positional words */
	const char *summary;		  /* one line, for people */
	const char *group;		  /* heading in `bulkhead --help` */
	const struct option_row *options; /* NULL: none */
	const struct option_row *shared;  /* a table of options that several verbs have; NULL */
	int words_min;
	int words_max;	    /* -1: any number */
	unsigned int flags; /* enum verb_flag */
};

/* Ends with a row without a name. In the order of `bulkhead --help`. */
extern const struct verb verb_table[];

/* Options of every call, before the verb or after it. */
extern const struct option_row global_options[];

/* NULL when there is none. `second` may be NULL; *ret_used: 1 or 2 words of the command line. */
const struct verb *verb_find(const char *first, const char *second, int *ret_used);

/* Whether verbs of two words start with this one ("image"). */
bool verb_is_group(const char *first);

struct option_value {
	const struct option_row *row;
	const char *value; /* "" for a flag */
};

#define CALL_VALUES_MAX 4096

/* One call of the program. Strings point into argv or the arena. */
struct call {
	const struct verb *verb;
	const char *group; /* `bulkhead image --help`: "image"; else NULL */
	struct settings settings;
	struct arena arena;
	bool json, quiet, debug;
	const char *const *words; /* NULL-terminated */
	size_t word_count;
	struct option_value *values;
	size_t value_count;
	bool host_known;
	struct host host;
	uint64_t started_usec; /* CLOCK_MONOTONIC, for --debug */
	int exit_code;	       /* what the program exits with when the verb returns 0 */
};

/* Asking for an option that the verb's tables do not have is a bug, and ends the program. */
bool call_has(const struct call *c, const char *name);
/* The last value given, or NULL. */
const char *call_value(const struct call *c, const char *name);
/* The next value of a repeated option from *cursor (start with 0), or NULL. */
const char *call_next(const struct call *c, const char *name, size_t *cursor);
/* Value of an OPTION_BOOL, `otherwise` when not given. ERR_INPUT. */
int call_bool(const struct call *c, const char *name, bool otherwise, bool *ret, struct err *e);
/* A number from min to max, `otherwise` when not given. ERR_INPUT. */
int call_number(const struct call *c, const char *name, long min, long max, long *ret_or_default,
		struct err *e);

/* Facts about this host, asked once. Borrowed. */
int call_host(struct call *c, const struct host **ret, struct err *e);

/* One function per row of verb_table, in the file of its name. */
int verb_run(struct call *c, struct err *e);
int verb_create(struct call *c, struct err *e);
int verb_start(struct call *c, struct err *e);
int verb_stop(struct call *c, struct err *e);
int verb_restart(struct call *c, struct err *e);
int verb_kill(struct call *c, struct err *e);
int verb_pause(struct call *c, struct err *e);
int verb_resume(struct call *c, struct err *e);
int verb_delete(struct call *c, struct err *e);
int verb_set(struct call *c, struct err *e);
int verb_enter(struct call *c, struct err *e);
int verb_exec(struct call *c, struct err *e);
int verb_console(struct call *c, struct err *e);
int verb_logs(struct call *c, struct err *e);
int verb_wait(struct call *c, struct err *e);
int verb_events(struct call *c, struct err *e);
int verb_list(struct call *c, struct err *e);
int verb_show(struct call *c, struct err *e);
int verb_ps(struct call *c, struct err *e);
int verb_top(struct call *c, struct err *e);
int verb_capacity(struct call *c, struct err *e);
int verb_capacity_set(struct call *c, struct err *e);
int verb_explain(struct call *c, struct err *e);
int verb_image_build(struct call *c, struct err *e);
int verb_image_import(struct call *c, struct err *e);
int verb_image_list(struct call *c, struct err *e);
int verb_image_show(struct call *c, struct err *e);
int verb_image_delete(struct call *c, struct err *e);
