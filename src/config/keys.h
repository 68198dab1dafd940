/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of configuration files, as tables: one row per key says where its value lives, how it is
 * read and printed, what is valid, what the default is, and when a change takes effect. The same
 * row serves machine.ini, options (`--cpu reserve=0.5`), `bulkhead set NAME cpu.reserve=0.5`,
 * annotations, help and completion. A new row is a new key. Pure.
 *
 * image.ini and capacity.ini have tables of their own, with the same types.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "base/units.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Followed by the key that machine_key_set() takes: org.bulkhead.cpu.reserve, org.bulkhead.restart.
 */
#define CONFIG_ANNOTATION "org.bulkhead."

enum config_when {
	CONFIG_WHEN_UNSET = 0,
	CONFIG_LIVE,	   /* at once, also on a running machine */
	CONFIG_NEXT_START, /* kept in the definition, used at the next start */
	CONFIG_CREATE,	   /* fixed when the machine is created */
	CONFIG_WHEN_MAX
};

struct config_key;

/* How values of one type are read and printed; the types are in config/values.h. */
struct config_type {
	/*
	 * Reads `text` into the field of `key` in `object`; strings live in `a`. A list appends,
	 * and "" empties it. ERR_INPUT that starts with key->full.
	 */
	int (*parse)(const struct config_key *key, const char *text, void *object, struct arena *a,
		     struct err *e);
	/* Appends value `index` (0 but for lists) in the form that `parse` reads. */
	void (*print)(const struct config_key *key, const void *object, size_t index,
		      struct strbuf *out);
	/* How many lines print; NULL: one. */
	size_t (*count)(const struct config_key *key, const void *object);
};

struct config_key {
	const char *section; /* "cpu" */
	const char *name;    /* "reserve" */
	const char *full;    /* "cpu.reserve" */
	const struct config_type *type;
	const char *fallback; /* the default, as text; "" where unset is the default */
	const char *valid;    /* what may be given: "0.5, 500m, 50% (of one CPU)" */
	const char *help;     /* what it does, one sentence */
	enum config_when when;
	bool is_list;		    /* may be given several times */
	bool is_bare;		    /* an option's value alone means this key: --network none */
	bool is_annotation;	    /* OCI has no word for it: it travels as CONFIG_ANNOTATION */
	size_t offset;		    /* of the field in the object */
	enum unit unit;		    /* quantities */
	uint64_t min, max;	    /* quantities: both included; UNIT_NONE as a value is apart */
	bool none_allowed;	    /* quantities */
	const char *const *choices; /* enums: text by value, NULL-terminated after the last; a hole
				       (value that cannot be given) is "" */
	int (*check)(const char *what, const char *text, struct err *e); /* texts */
};

struct config_table {
	const struct config_key *keys;
	size_t count;
};

/* Keys of a machine's definition, in the order of printing; the object is struct spec. */
extern const struct config_table config_machine_keys;

/* The same as an array, for help and completion. */
const struct config_key *config_keys(size_t *ret_count);

/*
 * The row of "cpu.reserve" in the machine's table; a name without a dot is one of [machine]
 * ("restart"). ERR_INPUT that names the nearest key.
 */
int config_key_find(const char *name, const struct config_key **ret_key, struct err *e);

/* The row of `name` in `section` of any table. ERR_INPUT that names the nearest key or section. */
int config_table_find(const struct config_table *t, const char *section, const char *name,
		      const struct config_key **ret_key, struct err *e);

/* ERR_INPUT that names the nearest section and lists all of them. */
int config_table_check_section(const struct config_table *t, const char *section, struct err *e);

/* Every field of every row becomes its default. */
void config_table_set_defaults(const struct config_table *t, void *object, struct arena *a);

/* The rows whose value is not that of `defaults`, with section headers. */
void config_table_print(const struct config_table *t, const void *object, const void *defaults,
			struct strbuf *out);

/* True when the values differ in their printed form. */
bool config_key_differs(const struct config_key *key, const void *a, const void *b);

struct config_source {
	const char *file;
	const char *text; /* need not be terminated */
	size_t bytes;
};

/*
 * Reads a whole file over what is in `object`. Errors are "FILE:LINE: ...": unknown section or key,
 * a key twice that is no list, no value, a value that is not valid.
 */
int config_table_parse(const struct config_table *t, const struct config_source *source,
		       void *object, struct arena *a, struct err *e);
