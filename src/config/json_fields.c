/* SPDX-License-Identifier: Apache-2.0 */
#include "config/json_fields.h"

#include "config/cpu_list.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void json_text_print(const char *text, struct strbuf *out)
{
	const char *plain = text;

	strbuf_append_bytes(out, "\"", 1);
	for (const char *p = text;; p++) {
		unsigned char c = (unsigned char)*p;

		if (c >= ' ' && c < 0x7f && c != '"' && c != '\\')
			continue;
		strbuf_append_bytes(out, plain, (size_t)(p - plain));
		plain = p + 1;
		if (c == '\0')
			break;
		strbuf_printf(out, "\\u%04x", c);
	}
	strbuf_append_bytes(out, "\"", 1);
}

/* UTF-8 of code points below 0x100 back to bytes. `out` has room for strlen(text) + 1. */
static bool text_decode(const char *text, char *out)
{
	const unsigned char *p = (const unsigned char *)text;

	while (*p) {
		if (*p < 0x80) {
			*out++ = (char)*p++;
		} else if (*p == 0xc2 || *p == 0xc3) {
			*out++ = (char)((*p & 3) << 6 | (p[1] & 0x3f));
			p += 2;
		} else {
			return false;
		}
	}
	*out = '\0';
	return true;
}

static uint64_t load_number(const struct json_field *f, const void *object)
{
	const char *place = (const char *)object + f->offset;
	uint64_t wide;
	uint32_t narrow;

	if (f->type == JSON_FIELD_U64) {
		memcpy(&wide, place, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, place, sizeof(narrow));
	return narrow;
}

static void store_number(const struct json_field *f, uint64_t value, void *object)
{
	char *place = (char *)object + f->offset;
	uint32_t narrow = (uint32_t)value;

	if (f->type == JSON_FIELD_U64)
		memcpy(place, &value, sizeof(value));
	else
		memcpy(place, &narrow, sizeof(narrow));
}

static void print_key(const struct json_field *f, struct strbuf *out)
{
	const char separator = out->text[out->length - 1];

	if (separator != '{')
		strbuf_append_bytes(out, ",", 1);
	strbuf_append_bytes(out, "\"", 1);
	strbuf_append(out, f->key);
	strbuf_append_bytes(out, "\":", 2);
}

static void print_number(const struct json_field *f, const void *object, struct strbuf *out)
{
	uint64_t value = load_number(f, object);
	/* JSON's readers have signed 64-bit integers. */
	const char *quote = value > INT64_MAX ? "\"" : "";

	if (value == f->fallback && !f->is_required)
		return;
	print_key(f, out);
	if (f->type == JSON_FIELD_ENUM) {
		const char *name = f->name(value);

		assert(name);
		json_text_print(name, out);
	} else {
		strbuf_printf(out, "%s%llu%s", quote, (unsigned long long)value, quote);
	}
}

static void print_text(const struct json_field *f, const void *object, struct strbuf *out)
{
	const char *place = (const char *)object + f->offset;
	const char *text = place;

	if (f->type == JSON_FIELD_STRING)
		memcpy(&text, place, sizeof(text));
	else if (*text == '\0' && !f->is_required)
		return;
	if (!text)
		return;
	print_key(f, out);
	json_text_print(text, out);
}

static void print_bool(const struct json_field *f, const void *object, struct strbuf *out)
{
	const bool *value = (const void *)((const char *)object + f->offset);

	if (!*value && !f->is_required)
		return;
	print_key(f, out);
	strbuf_append(out, *value ? "true" : "false");
}

static void print_cpus(const struct json_field *f, const void *object, struct strbuf *out)
{
	cpu_set_t cpus;

	memcpy(&cpus, (const char *)object + f->offset, sizeof(cpus));
	if (CPU_COUNT(&cpus) == 0)
		return;
	print_key(f, out);
	strbuf_append_bytes(out, "\"", 1);
	cpu_list_print(&cpus, out);
	strbuf_append_bytes(out, "\"", 1);
}

void json_fields_print(const struct json_field *fields, const void *object, struct strbuf *out)
{
	strbuf_append_bytes(out, "{", 1);
	for (const struct json_field *f = fields; f->key; f++) {
		switch (f->type) {
		case JSON_FIELD_TEXT:
		case JSON_FIELD_STRING:
			print_text(f, object, out);
			break;
		case JSON_FIELD_U64:
		case JSON_FIELD_U32:
		case JSON_FIELD_ENUM:
			print_number(f, object, out);
			break;
		case JSON_FIELD_BOOL:
			print_bool(f, object, out);
			break;
		case JSON_FIELD_CPUS:
			print_cpus(f, object, out);
			break;
		case JSON_FIELD_UNSET:
			assert(false);
		}
	}
	strbuf_append_bytes(out, "}", 1);
}

int json_document_damaged(const char *file, const char *problem, struct err *e)
{
	return err_set(e, ERR_HOST, -EBADMSG,
		       "%s is damaged: %s; restore it, or remove it and what it stood for by hand",
		       file, problem);
}

int json_document_load(const struct json_document *document, json_t **ret_json, struct err *e)
{
	_cleanup_json_ json_t *json = NULL;
	json_error_t error;

	if (document->bytes > document->bytes_max)
		return json_document_damaged(document->file, "it is too large", e);
	if (document->bytes == 0 || document->text[document->bytes - 1] != '\n')
		return json_document_damaged(document->file, "it is truncated", e);
	json = json_loadb(document->text, document->bytes, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		return json_document_damaged(document->file, error.text, e);
	if (json_integer_value(json_object_get(json, "version")) != document->version)
		return json_document_damaged(document->file, "its version is not known", e);
	if (json_object_size(json) != document->members)
		return json_document_damaged(document->file, "a key that is not known", e);
	*ret_json = json;
	json = NULL;
	return 0;
}

static bool parse_text(const struct json_field *f, const json_t *json, void *object,
		       struct arena *a)
{
	const char *text = json_string_value(json);
	char *place = (char *)object + f->offset;
	char *decoded;

	if (!text)
		return false;
	decoded = arena_alloc(a, strlen(text) + 1);
	if (!text_decode(text, decoded) || strlen(decoded) >= f->size)
		return false;
	if (f->type == JSON_FIELD_STRING)
		memcpy(place, &decoded, sizeof(decoded));
	else
		memcpy(place, decoded, strlen(decoded) + 1);
	return true;
}

/* What INT64_MAX cannot hold is a string of digits. */
static bool number_of(const json_t *json, uint64_t *ret)
{
	const char *text = json_string_value(json);
	char *end;

	if (json_is_integer(json) && json_integer_value(json) >= 0) {
		*ret = (uint64_t)json_integer_value(json);
		return true;
	}
	if (!text || *text < '1' || *text > '9')
		return false;
	errno = 0;
	*ret = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0' && *ret > INT64_MAX;
}

static bool parse_number(const struct json_field *f, const json_t *json, void *object)
{
	uint64_t max = f->max ? f->max : f->type == JSON_FIELD_U64 ? UINT64_MAX : UINT32_MAX;
	uint64_t value = 0;

	if (!number_of(json, &value) || value > max)
		return false;
	store_number(f, value, object);
	return true;
}

static bool parse_enum(const struct json_field *f, const json_t *json, void *object)
{
	const char *name = json_string_value(json);
	uint64_t value = name ? f->find(name) : 0;

	if (value == 0)
		return false;
	store_number(f, value, object);
	return true;
}

static bool parse_bool(const struct json_field *f, const json_t *json, void *object)
{
	bool value = json_is_true(json);

	if (!json_is_boolean(json))
		return false;
	memcpy((char *)object + f->offset, &value, sizeof(value));
	return true;
}

static bool parse_cpus(const struct json_field *f, const json_t *json, void *object)
{
	const char *text = json_string_value(json);
	cpu_set_t cpus;

	if (!text || cpu_list_parse(text, &cpus) < 0)
		return false;
	memcpy((char *)object + f->offset, &cpus, sizeof(cpus));
	return true;
}

static bool parse_value(const struct json_field *f, const json_t *json, void *object,
			struct arena *a)
{
	switch (f->type) {
	case JSON_FIELD_TEXT:
	case JSON_FIELD_STRING:
		return parse_text(f, json, object, a);
	case JSON_FIELD_U64:
	case JSON_FIELD_U32:
		return parse_number(f, json, object);
	case JSON_FIELD_BOOL:
		return parse_bool(f, json, object);
	case JSON_FIELD_ENUM:
		return parse_enum(f, json, object);
	case JSON_FIELD_CPUS:
		return parse_cpus(f, json, object);
	case JSON_FIELD_UNSET:
		break;
	}
	assert(false);
	return false;
}

static void set_absent(const struct json_field *f, void *object)
{
	static const char *const no_string = NULL;

	if (f->type == JSON_FIELD_U64 || f->type == JSON_FIELD_U32 || f->type == JSON_FIELD_ENUM)
		store_number(f, f->fallback, object);
	else if (f->type == JSON_FIELD_TEXT)
		*((char *)object + f->offset) = '\0';
	else if (f->type == JSON_FIELD_STRING)
		memcpy((char *)object + f->offset, &no_string, sizeof(no_string));
	else if (f->type == JSON_FIELD_BOOL)
		memset((char *)object + f->offset, 0, sizeof(bool));
	else
		memset((char *)object + f->offset, 0, sizeof(cpu_set_t));
}

int json_fields_parse(const struct json_field *fields, const json_t *json, void *object,
		      struct arena *a, const char **ret_problem)
{
	size_t known = 0;

	if (!json_is_object(json)) {
		*ret_problem = "not an object";
		return -EBADMSG;
	}
	for (const struct json_field *f = fields; f->key; f++) {
		const json_t *value = json_object_get(json, f->key);

		known += value != NULL;
		if (!value && f->is_required) {
			*ret_problem = arena_printf(a, "'%s' is missing", f->key);
			return -EBADMSG;
		}
		if (!value) {
			set_absent(f, object);
		} else if (!parse_value(f, value, object, a)) {
			*ret_problem =
				arena_printf(a, "'%s' has a value that is not valid", f->key);
			return -EBADMSG;
		}
	}
	if (known != json_object_size(json)) {
		*ret_problem = "a key that is not known";
		return -EBADMSG;
	}
	return 0;
}
