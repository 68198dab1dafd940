/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain structs <-> flat JSON objects, by a table of fields. Used for our own files only (records,
 * ledgers): strict both ways, unknown and doubled keys are errors, and what equals its default is
 * not written.
 *
 * Texts are bytes, not characters: a byte above 0x7f is written as the code point of the same
 * number, so that every path and value survives.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum json_field_type {
	JSON_FIELD_UNSET = 0,
	JSON_FIELD_TEXT,   /* char[size] */
	JSON_FIELD_STRING, /* const char * in the arena, at most `size` bytes; absent: NULL */
	JSON_FIELD_U64,
	JSON_FIELD_U32, /* also pid_t, with max INT32_MAX */
	JSON_FIELD_BOOL,
	JSON_FIELD_ENUM, /* an enum; `names` by value */
	JSON_FIELD_CPUS, /* cpu_set_t, as a list */
};

struct json_field {
	const char *key;
	enum json_field_type type;
	size_t offset;
	bool is_required;
	size_t size;
	uint64_t max;			     /* U32, U64; 0: that of the type */
	uint64_t fallback;		     /* of numbers and enums that are absent */
	const char *(*name)(uint64_t value); /* ENUM: NULL past the last */
	uint64_t (*find)(const char *name);  /* ENUM: 0 when there is none */
};

static inline void json_freep(json_t **json)
{
	json_decref(*json);
	*json = NULL;
}
#define _cleanup_json_ __attribute__((cleanup(json_freep)))

/* The document in one of our files. */
struct json_document {
	const char *file; /* for messages */
	const char *text;
	size_t bytes;
	size_t bytes_max;
	int version;
	size_t members; /* of the outermost object, "version" included */
};

/* Strict: ends with a newline (so that no truncated text is whole), no key twice. -EBADMSG. */
int json_document_load(const struct json_document *document, json_t **ret_json, struct err *e);

/* ERR_HOST, -EBADMSG: the message for a file that is damaged, and what to do. */
int json_document_damaged(const char *file, const char *problem, struct err *e);

/* `fields` ends with a row without key. Prints "{...}". */
void json_fields_print(const struct json_field *fields, const void *object, struct strbuf *out);

/*
 * Fills `object`. 0, or -EBADMSG with `*ret_problem` ("'state' is missing", in the arena) for the
 * message.
 */
int json_fields_parse(const struct json_field *fields, const json_t *json, void *object,
		      struct arena *a, const char **ret_problem);

/* A text as a JSON string, quoted. */
void json_text_print(const char *text, struct strbuf *out);
