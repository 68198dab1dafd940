/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/helper.h"

#include "base/units.h"

struct row {
	enum unit unit;
	const char *text;
	uint64_t value;
	const char *printed; /* NULL: as `text` */
};

static const struct row rows[] = {
	{UNIT_CPU, "0.5", 500, NULL},
	{UNIT_CPU, "500m", 500, "0.5"},
	{UNIT_CPU, "50%", 500, "0.5"},
	{UNIT_CPU, "2", 2000, NULL},
	{UNIT_CPU, "0.0019", 1, "0.001"},
	{UNIT_CPU, "33.3333%", 333, "0.333"},
	{UNIT_CPU, "0", 0, NULL},
	{UNIT_CPU, "none", UNIT_NONE, NULL},
	{UNIT_BYTES, "4096", 4096, "4K"},
	{UNIT_BYTES, "4097", 4097, NULL},
	{UNIT_BYTES, "512M", 512ULL << 20, NULL},
	{UNIT_BYTES, "512m", 512ULL << 20, "512M"},
	{UNIT_BYTES, "1.5G", 1536ULL << 20, NULL},
	{UNIT_BYTES, "1536M", 1536ULL << 20, "1.5G"},
	{UNIT_BYTES, "8191P", 8191ULL << 50, NULL},
	{UNIT_BYTES, "0.0000000001G", 0, "0"},
	{UNIT_BPS, "50mbit", 50000000, NULL},
	{UNIT_BPS, "50Mbit", 50000000, "50mbit"},
	{UNIT_BPS, "1gbit", 1000000000, NULL},
	{UNIT_BPS, "10kbps", 80000, "80kbit"},
	{UNIT_BPS, "1000", 1000, "1kbit"},
	{UNIT_BPS, "1.5gbit", 1500000000, NULL},
	{UNIT_BPS, "1kibit", 1024, "1024bit"},
	{UNIT_COUNT, "500k", 500000, NULL},
	{UNIT_COUNT, "2M", 2000000, NULL},
	{UNIT_COUNT, "65536", 65536, NULL},
	{UNIT_COUNT, "unlimited", UNIT_NONE, "none"},
	{UNIT_COUNT, "MAX", UNIT_NONE, "none"},
	{UNIT_SHARE, "1", 1000, NULL},
	{UNIT_SHARE, "0.5", 500, NULL},
	{UNIT_SHARE, "0", 0, NULL},
	{UNIT_TIME, "10ms", 10000, NULL},
	{UNIT_TIME, "1.5", 1500000, "1.5s"},
	{UNIT_TIME, "2min", 120000000, NULL},
	{UNIT_TIME, "90s", 90000000, NULL},
	{UNIT_TIME, "1h", 3600000000ULL, NULL},
	{UNIT_TIME, "infinity", UNIT_NONE, "none"},
};

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *r = &rows[i];
		char buffer[UNIT_TEXT_MAX];
		struct err e = ERR_INIT;
		uint64_t value = 0;

		if (unit_parse(r->unit, "key", r->text, &value, &e) < 0)
			fail_msg("%s: %s", r->text, e.message);
		if (value != r->value)
			fail_msg("%s: %llu", r->text, (unsigned long long)value);
		assert_string_equal(unit_print(r->unit, value, buffer),
				    r->printed ? r->printed : r->text);
	}
}

static const char *const invalid[] = {
	"",
	" ",
	"-1",
	"+1",
	".5",
	"1.",
	"1.m",
	"0x10",
	"1e3",
	"1 ",
	" 1",
	"1 M",
	"1Q",
	"nan",
	"m",
	"%",
	"1..2",
	"1.2.3",
	"1,5",
	"1%%",
	"0.1234567890123456789",
	"nonee",
	"00000000000000000000000000000000000000000000000000000000000000000000000000000000001",
};

static void test_invalid(void **state)
{
	(void)state;
	for (int unit = UNIT_UNSET + 1; unit < UNIT_MAX; unit++) {
		for (size_t i = 0; i < sizeof(invalid) / sizeof(*invalid); i++) {
			struct err e = ERR_INIT;
			uint64_t value = 42;

			if (unit == UNIT_COUNT && strcmp(invalid[i], "m") == 0)
				continue;
			if (unit_parse((enum unit)unit, "x.y", invalid[i], &value, &e) != -EINVAL)
				fail_msg("unit %d takes '%s'", unit, invalid[i]);
			assert_int_equal(value, 42);
			assert_int_equal(e.kind, ERR_INPUT);
			assert_non_null(strstr(e.message, "x.y"));
			assert_non_null(strstr(e.message, "expected"));
		}
	}
}

static void test_wrong_unit(void **state)
{
	uint64_t v;

	(void)state;
	assert_int_equal(unit_parse(UNIT_CPU, "k", "1G", &v, NULL), -EINVAL);
	assert_int_equal(unit_parse(UNIT_CPU, "k", "1M", &v, NULL), -EINVAL);
	assert_int_equal(unit_parse(UNIT_BYTES, "k", "1mbit", &v, NULL), -EINVAL);
	assert_int_equal(unit_parse(UNIT_SHARE, "k", "50%", &v, NULL), -EINVAL);
	assert_int_equal(unit_parse(UNIT_TIME, "k", "5M", &v, NULL), -EINVAL);
	assert_int_equal(unit_parse(UNIT_BPS, "k", "5G", &v, NULL), -EINVAL);
}

static void test_too_large(void **state)
{
	static const char *const texts[] = {"18446744073709551615", "18446744073709551616",
					    "99999999999999999999999999999999999999999999"};
	uint64_t v;

	(void)state;
	for (int unit = UNIT_UNSET + 1; unit < UNIT_MAX; unit++) {
		for (size_t i = 0; i < 3; i++) {
			struct err e = ERR_INIT;

			assert_int_equal(unit_parse((enum unit)unit, "k", texts[i], &v, &e),
					 -ERANGE);
			assert_non_null(strstr(e.message, "at most"));
		}
	}
	assert_int_equal(unit_parse(UNIT_BYTES, "k", "8192P", &v, NULL), -ERANGE);
	assert_int_equal(unit_parse(UNIT_CPU, "k", "1000001", &v, NULL), -ERANGE);
}

/* Whatever is printed reads back as the same value. */
static void test_round_trip(void **state)
{
	const uint64_t seed = 20261121;
	uint64_t random = seed;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	for (int i = 0; i < 60000; i++) {
		enum unit unit = (enum unit)(1 + random_next(&random) % (UNIT_MAX - 1));
		uint64_t value = random_next(&random) >> (1 + random_next(&random) % 63);
		uint64_t back = 0;
		char text[UNIT_TEXT_MAX];

		if (unit == UNIT_CPU || unit == UNIT_SHARE)
			value %= 1000000001;
		if (random_next(&random) % 3 == 0)
			value &= ~UINT64_C(0xfffff);
		(void)unit_print(unit, value, text);
		if (unit_parse(unit, "k", text, &back, NULL) < 0 || back != value)
			fail_msg("%llu prints as %s in unit %d, reads %llu",
				 (unsigned long long)value, text, (int)unit,
				 (unsigned long long)back);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),	   cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_wrong_unit), cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
