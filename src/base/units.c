/* SPDX-License-Identifier: Apache-2.0 */
#include "base/units.h"

#include "base/wide.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define KI (UINT64_C(1) << 10)
#define MI (UINT64_C(1) << 20)
#define GI (UINT64_C(1) << 30)
#define TI (UINT64_C(1) << 40)
#define PI (UINT64_C(1) << 50)
#define KILO UINT64_C(1000)
#define MEGA UINT64_C(1000000)
#define GIGA UINT64_C(1000000000)
#define TERA UINT64_C(1000000000000)

/* 10^18 and 2^63 multiply to less than 2^128. */
#define FRACTION_DIGITS_MAX 18
#define TEXT_LENGTH_MAX 64

struct suffix {
	const char *text;
	uint64_t scale;	 /* base units in one of it */
	bool is_printed; /* else only read */
};

struct unit_row {
	const struct suffix *suffixes; /* ends with a row without text */
	uint64_t max;
	bool is_case_ignored;
	const char *example;
};

static const struct suffix cpu_suffixes[] = {
	{"", 1000, true},
	{"m", 1, false},
	{"%", 10, false},
	{NULL, 0, false},
};

static const struct suffix bytes_suffixes[] = {
	{"", 1, true},	 {"K", KI, true}, {"M", MI, true}, {"G", GI, true},
	{"T", TI, true}, {"P", PI, true}, {"B", 1, false}, {NULL, 0, false},
};

static const struct suffix bps_suffixes[] = {
	{"bit", 1, true},	   {"kbit", KILO, true},      {"mbit", MEGA, true},
	{"gbit", GIGA, true},	   {"tbit", TERA, true},      {"", 1, false},
	{"bps", 8, false},	   {"kbps", 8 * KILO, false}, {"mbps", 8 * MEGA, false},
	{"gbps", 8 * GIGA, false}, {"tbps", 8 * TERA, false}, {"kibit", KI, false},
	{"mibit", MI, false},	   {"gibit", GI, false},      {"tibit", TI, false},
	{NULL, 0, false},
};

static const struct suffix count_suffixes[] = {
	{"", 1, true}, {"k", KILO, true}, {"M", MEGA, true}, {"G", GIGA, true}, {NULL, 0, false},
};

static const struct suffix share_suffixes[] = {
	{"", 1000, true},
	{NULL, 0, false},
};

/* Of two spellings of one length the first is printed: "2min", not "120s". */
static const struct suffix time_suffixes[] = {
	{"d", 86400 * MEGA, true}, {"h", 3600 * MEGA, true}, {"min", 60 * MEGA, true},
	{"s", MEGA, true},	   {"ms", KILO, true},	     {"us", 1, true},
	{"", MEGA, false},	   {NULL, 0, false},
};

/* The maxima keep sums over all machines far below 2^64. */
static const struct unit_row units[UNIT_MAX] = {
	[UNIT_CPU] = {cpu_suffixes, GIGA, false, "CPUs as 0.5, 500m or 50%"},
	[UNIT_BYTES] = {bytes_suffixes, INT64_MAX, true, "bytes as 4096, 512M or 1.5G"},
	[UNIT_BPS] = {bps_suffixes, INT64_MAX, true, "a rate as 500kbit, 50mbit or 1gbit"},
	[UNIT_COUNT] = {count_suffixes, INT64_MAX, true, "a number as 500, 500k or 2M"},
	[UNIT_SHARE] = {share_suffixes, GIGA, false, "a share as 0, 1, 2 or 0.5"},
	[UNIT_TIME] = {time_suffixes, INT64_MAX, false, "a time as 10ms, 1.5s, 2min"},
};

static const char *const none_spellings[] = {"none", "max", "infinity", "unlimited"};

static bool is_none(const char *text)
{
	for (size_t i = 0; i < sizeof(none_spellings) / sizeof(*none_spellings); i++) {
		if (strcasecmp(text, none_spellings[i]) == 0)
			return true;
	}
	return false;
}

static const struct suffix *suffix_find(const struct unit_row *row, const char *text)
{
	for (const struct suffix *s = row->suffixes; s->text; s++) {
		if (row->is_case_ignored ? strcasecmp(text, s->text) == 0
					 : strcmp(text, s->text) == 0)
			return s;
	}
	return NULL;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

struct decimal {
	wide_u128 whole;
	wide_u128 fraction; /* of `denominator` */
	wide_u128 denominator;
	bool is_too_large;
};

/* Reads DIGITS[.DIGITS]; returns what follows, or NULL when it is not a number. */
static const char *decimal_read(const char *p, struct decimal *ret)
{
	struct decimal d = {.denominator = 1};
	unsigned int digits = 0;

	if (!is_digit(*p))
		return NULL;
	for (; is_digit(*p); p++) {
		d.whole = d.whole * 10 + (unsigned int)(*p - '0');
		if (d.whole > UINT64_MAX) {
			d.whole = UINT64_MAX;
			d.is_too_large = true;
		}
	}
	if (*p == '.') {
		for (p++; is_digit(*p); p++) {
			if (++digits > FRACTION_DIGITS_MAX)
				return NULL;
			d.fraction = d.fraction * 10 + (unsigned int)(*p - '0');
			d.denominator *= 10;
		}
		if (digits == 0)
			return NULL;
	}
	*ret = d;
	return p;
}

int unit_parse(enum unit unit, const char *what, const char *text, uint64_t *ret_value,
	       struct err *e)
{
	const struct unit_row *row = &units[unit];
	const struct suffix *suffix = NULL;
	struct decimal d;
	const char *rest;
	wide_u128 value;

	assert(unit > UNIT_UNSET && unit < UNIT_MAX);
	if (is_none(text)) {
		*ret_value = UNIT_NONE;
		return 0;
	}
	rest = strnlen(text, TEXT_LENGTH_MAX + 1) > TEXT_LENGTH_MAX ? NULL : decimal_read(text, &d);
	if (rest)
		suffix = suffix_find(row, rest);
	if (!suffix)
		return err_set(e, ERR_INPUT, -EINVAL,
			       "%s: '%.64s' is not valid: expected %s, or none", what, text,
			       row->example);
	value = d.whole * suffix->scale + d.fraction * suffix->scale / d.denominator;
	if (d.is_too_large || value > row->max) {
		char max[UNIT_TEXT_MAX];

		return err_set(e, ERR_INPUT, -ERANGE, "%s: '%s' is too large: at most %s", what,
			       text, unit_print(unit, row->max, max));
	}
	*ret_value = (uint64_t)value;
	return 0;
}

/* Writes `value` in units of `suffix`; false when that is not exact or does not fit. */
static bool print_with(const struct suffix *suffix, uint64_t value,
		       char buffer[static UNIT_TEXT_MAX])
{
	char fraction[FRACTION_DIGITS_MAX + 2] = "";
	wide_u128 rest = value % suffix->scale;
	size_t digits = 0;
	int n;

	while (rest > 0) {
		if (digits == FRACTION_DIGITS_MAX)
			return false;
		if (digits == 0)
			fraction[digits++] = '.';
		rest *= 10;
		fraction[digits++] = (char)('0' + (int)(rest / suffix->scale));
		rest %= suffix->scale;
	}
	fraction[digits] = '\0';
	n = snprintf(buffer, UNIT_TEXT_MAX, "%llu%s%s", (unsigned long long)(value / suffix->scale),
		     fraction, suffix->text);
	return n > 0 && n < UNIT_TEXT_MAX;
}

const char *unit_print(enum unit unit, uint64_t value, char buffer[static UNIT_TEXT_MAX])
{
	char candidate[UNIT_TEXT_MAX];
	size_t best = SIZE_MAX;

	assert(unit > UNIT_UNSET && unit < UNIT_MAX);
	if (value == UNIT_NONE || value == 0)
		return strcpy(buffer, value ? "none" : "0");
	for (const struct suffix *s = units[unit].suffixes; s->text; s++) {
		size_t length;

		if (!s->is_printed || !print_with(s, value, candidate))
			continue;
		length = strlen(candidate);
		if (length < best) {
			best = length;
			memcpy(buffer, candidate, length + 1);
		}
	}
	return buffer;
}
