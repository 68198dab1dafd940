/* SPDX-License-Identifier: Apache-2.0 */
#include "config/values.h"
#include "config/words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void *field(const struct config_key *key, void *object)
{
	return (char *)object + key->offset;
}

static const void *field_const(const struct config_key *key, const void *object)
{
	return (const char *)object + key->offset;
}

/* Quantities */

static int out_of_range(const struct config_key *key, const char *text, struct err *e)
{
	char low[UNIT_TEXT_MAX], high[UNIT_TEXT_MAX];

	return err_set(e, ERR_INPUT, -ERANGE, "%s: %.60s is out of range: %s to %s%s", key->full,
		       text, unit_print(key->unit, key->min, low),
		       unit_print(key->unit, key->max, high), key->none_allowed ? ", or none" : "");
}

static int quantity_parse(const struct config_key *key, const char *text, void *object,
			  struct arena *a, struct err *e)
{
	uint64_t value;
	int r = unit_parse(key->unit, key->full, text, &value, e);

	(void)a;
	if (r < 0)
		return r;
	if (value == UNIT_NONE ? !key->none_allowed : value < key->min || value > key->max)
		return out_of_range(key, text, e);
	memcpy(field(key, object), &value, sizeof(value));
	return 0;
}

static void quantity_print(const struct config_key *key, const void *object, size_t index,
			   struct strbuf *out)
{
	char text[UNIT_TEXT_MAX];
	uint64_t value;

	(void)index;
	memcpy(&value, field_const(key, object), sizeof(value));
	strbuf_append(out, unit_print(key->unit, value, text));
}

const struct config_type config_quantity = {.parse = quantity_parse, .print = quantity_print};

static int id_parse(const struct config_key *key, const char *text, void *object, struct arena *a,
		    struct err *e)
{
	size_t digits = strspn(text, "0123456789");
	uint64_t value = 0;

	(void)a;
	for (size_t i = 0; i < digits && value <= UINT32_MAX; i++)
		value = value * 10 + (uint64_t)(text[i] - '0');
	if (digits == 0 || text[digits] != '\0' || value >= UINT32_MAX)
		return err_set(e, ERR_INPUT, -EINVAL,
			       "%s: '%.40s' is not a number from 0 to 4294967294", key->full, text);
	*(uint32_t *)field(key, object) = (uint32_t)value;
	return 0;
}

static void id_print(const struct config_key *key, const void *object, size_t index,
		     struct strbuf *out)
{
	(void)index;
	strbuf_printf(out, "%" PRIu32, *(const uint32_t *)field_const(key, object));
}

const struct config_type config_id = {.parse = id_parse, .print = id_print};

/* One of a few words */

static const struct {
	const char *text;
	bool value;
} bools[] = {{"yes", true}, {"no", false},  {"true", true}, {"false", false},
	     {"on", true},  {"off", false}, {"1", true},    {"0", false}};

static int bool_parse(const struct config_key *key, const char *text, void *object, struct arena *a,
		      struct err *e)
{
	(void)a;
	for (size_t i = 0; i < sizeof(bools) / sizeof(*bools); i++) {
		if (strcmp(bools[i].text, text) == 0) {
			*(bool *)field(key, object) = bools[i].value;
			return 0;
		}
	}
	return err_set(e, ERR_INPUT, -EINVAL, "%s: '%.40s' is not valid: yes or no", key->full,
		       text);
}

static void bool_print(const struct config_key *key, const void *object, size_t index,
		       struct strbuf *out)
{
	(void)index;
	strbuf_append(out, *(const bool *)field_const(key, object) ? "yes" : "no");
}

const struct config_type config_bool = {.parse = bool_parse, .print = bool_print};

static int choice_parse(const struct config_key *key, const char *text, void *object,
			struct arena *a, struct err *e)
{
	(void)a;
	for (unsigned int i = 0; key->choices[i]; i++) {
		if (key->choices[i][0] != '\0' && strcmp(key->choices[i], text) == 0) {
			memcpy(field(key, object), &i, sizeof(i));
			return 0;
		}
	}
	return err_set(e, ERR_INPUT, -EINVAL, "%s: '%.40s' is not valid: %s", key->full, text,
		       key->valid);
}

static void choice_print(const struct config_key *key, const void *object, size_t index,
			 struct strbuf *out)
{
	unsigned int value;

	(void)index;
	memcpy(&value, field_const(key, object), sizeof(value));
	for (unsigned int i = 0; key->choices[i]; i++) {
		if (i == value)
			strbuf_append(out, key->choices[i]);
	}
}

const struct config_type config_choice = {.parse = choice_parse, .print = choice_print};

/* Texts */

static int text_parse(const struct config_key *key, const char *text, void *object, struct arena *a,
		      struct err *e)
{
	const char *value = NULL;
	int r = 0;

	if (text[0] != '\0')
		r = words_unquote(key->full, text, a, &value, e);
	if (r == 0 && value && value[0] == '\0')
		value = NULL;
	if (r == 0 && value)
		r = key->check(key->full, value, e);
	if (r < 0)
		return r;
	*(const char **)field(key, object) = value;
	return 0;
}

static void text_print(const struct config_key *key, const void *object, size_t index,
		       struct strbuf *out)
{
	const char *value = *(const char *const *)field_const(key, object);

	(void)index;
	if (value && value[0] != '\0')
		words_quote_value(value, out);
}

const struct config_type config_text = {.parse = text_parse, .print = text_print};

static int text_set_parse(const struct config_key *key, const char *text, void *object,
			  struct arena *a, struct err *e)
{
	int r = text_parse(key, text, object, a, e);
	const char **value = field(key, object);

	if (r == 0 && !*value)
		*value = "";
	return r;
}

const struct config_type config_text_set = {.parse = text_set_parse, .print = text_print};

/* A moment: 2026-11-21T00:05:40.123456Z */

#define USEC_PER_SECOND UINT64_C(1000000)
#define TIME_MAX_SECONDS INT64_C(253402300799) /* the end of the year 9999 */

static int time_parse(const struct config_key *key, const char *text, void *object, struct arena *a,
		      struct err *e)
{
	struct tm tm = {.tm_isdst = 0};
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	uint64_t usec = 0, scale = USEC_PER_SECOND;
	time_t seconds = rest ? timegm(&tm) : -1;

	(void)a;
	if (rest && *rest == '.') {
		for (rest++; *rest >= '0' && *rest <= '9' && scale > 1; rest++) {
			scale /= 10;
			usec += (uint64_t)(*rest - '0') * scale;
		}
	}
	if (!rest || strcmp(rest, "Z") != 0 || seconds < 0 || seconds > TIME_MAX_SECONDS)
		return err_set(e, ERR_INPUT, -EINVAL, "%s: '%.60s' is not valid: %s", key->full,
			       text, key->valid);
	usec += (uint64_t)seconds * USEC_PER_SECOND;
	memcpy(field(key, object), &usec, sizeof(usec));
	return 0;
}

static void time_print(const struct config_key *key, const void *object, size_t index,
		       struct strbuf *out)
{
	char text[sizeof("9999-12-31T23:59:59") + 8] = "";
	struct tm tm;
	time_t seconds;
	uint64_t usec;

	(void)index;
	memcpy(&usec, field_const(key, object), sizeof(usec));
	seconds = (time_t)(usec / USEC_PER_SECOND);
	if (!gmtime_r(&seconds, &tm) || strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return;
	strbuf_append(out, text);
	if (usec % USEC_PER_SECOND)
		strbuf_printf(out, ".%06" PRIu64, usec % USEC_PER_SECOND);
	strbuf_append(out, "Z");
}

const struct config_type config_time = {.parse = time_parse, .print = time_print};
