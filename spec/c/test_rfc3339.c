#include "base/rfc3339.h"

#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static double parsed(const char *text)
{
	double seconds = NAN;
	const char *problem = rfc3339_parse(text, strlen(text), &seconds);
	if (problem != NULL)
		print_message("# %s: %s\n", text, problem);
	assert_null(problem);
	return seconds;
}

static void test_every_form_of_the_service(void **state)
{
	static const struct {
		const char *text;
		double seconds;
	} cases[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"1969-12-31T23:59:59Z", -1},
		{"2025-11-25T10:00:00Z", 1764064800},
		{"2025-11-25t10:00:00z", 1764064800},
		{"2025-11-25T10:00:00+00:00", 1764064800},
		{"2025-11-25T10:00:00-00:00", 1764064800},
		{"2025-11-25T11:30:00+01:30", 1764064800},
		{"2025-11-25T11:30:00+0130", 1764064800},
		{"2025-11-25T02:00:00-08:00", 1764064800},
		{"2026-03-25 15:02:55.234755+00:00", 1774450975.234755},
		{"2026-03-25T15:02:55.234755Z", 1774450975.234755},
		{"2026-03-25T15:02:55.5Z", 1774450975.5},
		{"2026-03-25T15:02:55.500000000000000000000000000Z", 1774450975.5},
		{"2000-02-29T00:00:00Z", 951782400},
		{"2000-03-01T00:00:00Z", 951868800},
		{"1900-03-01T00:00:00Z", -2203891200},
		{"2016-12-31T23:59:60Z", 1483228800},
		{"0000-01-01T00:00:00Z", -62167219200},
		{"9999-12-31T23:59:59Z", 253402300799},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_true(parsed(cases[i].text) == cases[i].seconds);
}

static void test_bad_text(void **state)
{
	static const char *const texts[] = {"", "now", "2025", "2025-11-25", "2025-11-25T10:00Z", "2025-11-25T10:00:00",
		"2025-11-25T10:00:00.Z", "2025-11-25T10:00:00,5Z", "2025-11-25T10:00:00Z ", " 2025-11-25T10:00:00Z",
		"2025-11-25T10:00:00+1", "2025-11-25T10:00:00+24:00", "2025-11-25T10:00:00+01:60",
		"2025-11-25T10:00:00+01:", "2025-13-25T10:00:00Z", "2025-00-25T10:00:00Z", "2025-02-29T10:00:00Z",
		"1900-02-29T10:00:00Z", "2025-04-31T10:00:00Z", "2025-04-00T10:00:00Z", "2025-11-25T24:00:00Z",
		"2025-11-25T10:60:00Z", "2025-11-25T10:00:61Z", "2025-11-25_10:00:00Z", "2025/11/25T10:00:00Z",
		"+025-11-25T10:00:00Z", "20251125T100000Z", "2025-11-25T10:00:00 Z", "2025-11-25T10:00:00Europe/Paris"};
	double seconds;
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		print_message("# %s\n", texts[i]);
		assert_non_null(rfc3339_parse(texts[i], strlen(texts[i]), &seconds));
	}
	assert_non_null(rfc3339_parse("2025-11-25\0 10:00:00Z", 21, &seconds));
	assert_non_null(rfc3339_parse("2025-11-25T10:00:00\0", 20, &seconds));
}

/* A text that ends anywhere is refused, and nothing behind its end is read. */
static void test_cut_text(void **state)
{
	static const char text[] = "2026-03-25T15:02:55.234755+01:00";
	double seconds;
	(void)state;
	for (size_t length = 0; length < sizeof text - 1; length++) {
		char *copy = test_malloc(length + 1);
		memcpy(copy, text, length);
		assert_true(rfc3339_parse(copy, length, &seconds) != NULL || length == 29);
		test_free(copy);
	}
}

static void test_format(void **state)
{
	static const struct {
		double seconds;
		const char *text;
	} cases[] = {
		{0, "1970-01-01T00:00:00Z"},
		{-0.5, "1969-12-31T23:59:59.500000Z"},
		{1764064800, "2025-11-25T10:00:00Z"},
		{1764064800.25, "2025-11-25T10:00:00.250000Z"},
		{1774450975.234755, "2026-03-25T15:02:55.234755Z"},
		{1764064799.9999999, "2025-11-25T10:00:00Z"},
		{951782400, "2000-02-29T00:00:00Z"},
		{-62167219200, "0000-01-01T00:00:00Z"},
		{253402300799, "9999-12-31T23:59:59Z"},
	};
	char text[RFC3339_SIZE];
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_true(rfc3339_format(cases[i].seconds, text));
		assert_string_equal(text, cases[i].text);
	}
	static const double outside[] = {-62167219201, 253402300800, 253402300799.9999999, 1e300, -1e300};
	for (size_t i = 0; i < COUNT(outside); i++)
		assert_false(rfc3339_format(outside[i], text));
	assert_false(rfc3339_format(NAN, text));
	assert_false(rfc3339_format(INFINITY, text));
}

static void test_there_and_back(void **state)
{
	char text[RFC3339_SIZE];
	(void)state;
	for (double day = -62167219200; day < 253402300800; day += 86400 * 97.0) {
		assert_true(rfc3339_format(day + 3661, text));
		assert_true(parsed(text) == day + 3661);
	}
	for (int micros = 0; micros < 1000000; micros += 997) {
		char written[RFC3339_SIZE];
		snprintf(written, sizeof written, "2026-03-25T15:02:55.%06dZ", micros);
		assert_true(rfc3339_format(parsed(written), text));
		assert_string_equal(text, micros == 0 ? "2026-03-25T15:02:55Z" : written);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_form_of_the_service),
		cmocka_unit_test(test_bad_text),
		cmocka_unit_test(test_cut_text),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_there_and_back),
	};
	return cmocka_run_group_tests_name("rfc3339", tests, NULL, NULL);
}
