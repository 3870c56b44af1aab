/* json_number: exact in both directions, whatever LC_NUMERIC is. */
#include "json/number.h"

#include <float.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static bool same_double(double a, double b)
{
	return memcmp(&a, &b, sizeof a) == 0;
}

static void reads_integer(const char *token, int64_t expected)
{
	int64_t integer = 0;
	double number = 0;
	if (json_number_read(token, strlen(token), &integer, &number) != JSON_NUMBER_INTEGER || integer != expected)
		fail_msg("%s: %" PRId64, token, integer);
}

static void reads_double(const char *token, double expected)
{
	int64_t integer = 0;
	double number = 0;
	if (json_number_read(token, strlen(token), &integer, &number) != JSON_NUMBER_DOUBLE ||
		!same_double(number, expected))
		fail_msg("%s: %.17g, not %.17g", token, number, expected);
}

static void reads_text(const char *token)
{
	int64_t integer = 0;
	double number = 0;
	if (json_number_read(token, strlen(token), &integer, &number) != JSON_NUMBER_TEXT)
		fail_msg("%s: %" PRId64 " or %.17g", token, integer, number);
}

static void writes(double value, const char *expected)
{
	char text[JSON_NUMBER_SIZE + 1];
	text[json_number_format(text, value)] = '\0';
	assert_string_equal(text, expected);
}

static void test_integers(void **state)
{
	(void)state;
	reads_integer("0", 0);
	reads_integer("7", 7);
	reads_integer("-7", -7);
	reads_integer("9007199254740993", INT64_C(9007199254740993));
	reads_integer("1234567890123456789", INT64_C(1234567890123456789));
	reads_integer("9223372036854775807", INT64_MAX);
	reads_integer("-9223372036854775807", -INT64_MAX);
	reads_integer("-9223372036854775808", INT64_MIN);
	reads_text("9223372036854775808");
	reads_text("-9223372036854775809");
	reads_text("9999999999999999999");
	reads_text("18446744073709551616");
	reads_text("100000000000000000000000000000");
	char text[JSON_NUMBER_SIZE + 1];
	static const int64_t values[] = {0, 1, -1, 10, 99, 1234567890123456789, INT64_MAX, INT64_MIN};
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		text[json_number_format_integer(text, values[i])] = '\0';
		reads_integer(text, values[i]);
	}
}

static void test_doubles(void **state)
{
	(void)state;
	reads_double("-0", -0.0);
	reads_double("0.0", 0.0);
	reads_double("-0.0", -0.0);
	reads_double("0e5", 0.0);
	reads_double("-0.000e-999999999999999999999", -0.0);
	reads_double("1.0", 1);
	reads_double("1e2", 100);
	reads_double("12.5e-1", 1.25);
	reads_double("-1.5E+3", -1500);
	reads_double("0.1", 0.1);
	reads_double("0.30000000000000004", 0.30000000000000004);
	reads_double("1e22", 1e22);
	reads_double("8.41e21", 8.41e21);
	reads_double("2.2250738585072011e-308", 2.2250738585072011e-308);
	reads_double("5e-324", 5e-324);
	reads_double("1.7976931348623157e308", DBL_MAX);
	reads_double("0.000000000000000000000000000000000000000012345e40", 0.12345);
	reads_text("1e400");
	reads_text("-1e400");
	reads_text("1.8e308");
	reads_text("1e99999999999999999999999");
	reads_double("1e-400", 0.0);
	reads_double("-1e-400", -0.0);
	reads_double("2e-324", 0.0);
	reads_double("1e-99999999999999999999999", 0.0);
}

/* Digits are cut after 770 of them, but never lost: they decide on which side of a midpoint the number lies. */
static void test_many_digits(void **state)
{
	(void)state;
	static char text[3000];
	/* 1 + 2^-53 is the midpoint between 1 and the next double; its decimals end after 53 digits. */
	static const char midpoint[] = "1.00000000000000011102230246251565404236316680908203125";
	char *p = text + sprintf(text, "%s", midpoint);
	reads_double(text, 1);
	memset(p, '0', 2000);
	strcpy(p + 2000, "1");
	reads_double(text, 1 + DBL_EPSILON);
	p[2000] = '0';
	reads_double(text, 1);
	/* A thousand digits before the point, and an exponent that brings them back. */
	memset(text, '9', 1000);
	strcpy(text + 1000, ".5e-1000");
	reads_double(text, 1);
	strcpy(text + 1000, "e-1000");
	reads_double(text, 1);
	strcpy(text + 1000, "e0");
	reads_text(text);
	strcpy(text + 1000, "");
	reads_text(text);
	strcpy(text, "0.");
	memset(text + 2, '0', 2000);
	strcpy(text + 2002, "25e2001");
	reads_double(text, 2.5);
}

static void test_format(void **state)
{
	(void)state;
	writes(0, "0.0");
	writes(-0.0, "-0.0");
	writes(1, "1.0");
	writes(-100, "-100.0");
	writes(0.1, "0.1");
	writes(0.30000000000000004, "0.30000000000000004");
	writes(1.0 / 3, "0.3333333333333333");
	writes(-1.25, "-1.25");
	writes(123456789.125, "123456789.125");
	writes(999999999999999, "999999999999999.0");
	writes(1e15, "1e+15");
	writes(9007199254740992.0, "9007199254740992.0");
	writes(1e20, "1e+20");
	writes(1e-7, "1e-07");
	writes(1e100, "1e+100");
	writes(DBL_MAX, "1.7976931348623157e+308");
	writes(DBL_MIN, "2.2250738585072014e-308");
	writes(5e-324, "5e-324");
	writes(-1e-310, "-1e-310");
	writes(5.684341886080802e-14, "5.684341886080802e-14");
	writes(9.5367431640625e-07, "9.5367431640625e-07");
}

static int significant_digits(const char *text)
{
	int count = 0;
	int zeros = 0;
	for (; *text != '\0' && *text != 'e'; text++) {
		if (*text == '0') {
			zeros += count > 0;
		} else if (*text >= '1' && *text <= '9') {
			count += zeros + 1;
			zeros = 0;
		}
	}
	return count;
}

static void reads_back_shortest(double value)
{
	char text[JSON_NUMBER_SIZE + 1];
	text[json_number_format(text, value)] = '\0';
	reads_double(text, value);
	assert_non_null(strpbrk(text, ".e"));
	/* No decimal of fewer digits is close enough: neither the nearest, nor the next one away from 0. */
	for (int precision = significant_digits(text) - 1; precision > 0; precision--) {
		char shorter[64];
		snprintf(shorter, sizeof shorter, "%.*e", precision - 1, value);
		char *last = strchr(shorter, 'e') - 1;
		if (strtod(shorter, NULL) == value)
			fail_msg("%s is shorter than %s", shorter, text);
		++*last;
		if (*last <= '9' && strtod(shorter, NULL) == value)
			fail_msg("%s is shorter than %s", shorter, text);
	}
}

static void test_reads_back(void **state)
{
	(void)state;
	for (int exponent = -1074; exponent < 1024; exponent++) {
		reads_back_shortest(ldexp(1, exponent));
		reads_back_shortest(-nextafter(ldexp(1, exponent), 0));
	}
	uint64_t random = 88172645463325252u;
	for (int i = 0; i < 20000; i++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		double value;
		memcpy(&value, &random, sizeof value);
		if (isfinite(value))
			reads_back_shortest(value);
		reads_back_shortest((double)(random % 1000000) / 1000);
	}
}

/* Runs all tests once more where the decimal point is a comma, and where it is two bytes long. */
static int use_locale(const char *name)
{
	char directory[] = "/tmp/json_number_XXXXXX";
	char command[200];
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(
		command, sizeof command, "localedef -i %s -f UTF-8 %s/%s.UTF-8 >/dev/null 2>&1", name, directory, name);
	int made = system(command);
	snprintf(command, sizeof command, "%s.UTF-8", name);
	setenv("LOCPATH", directory, 1);
	bool found = made == 0 && setlocale(LC_NUMERIC, command) != NULL;
	snprintf(command, sizeof command, "rm -rf %s", directory);
	if (system(command) != 0 || !found)
		fprintf(stderr, "# locale %s is not available\n", name);
	return 0;
}

static int comma(void **state)
{
	(void)state;
	return use_locale("de_DE");
}

static int two_bytes(void **state)
{
	(void)state;
	return use_locale("ps_AF");
}

static void test_locale(void **state)
{
	test_doubles(state);
	test_many_digits(state);
	test_format(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_doubles),
		cmocka_unit_test(test_many_digits),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_reads_back),
		cmocka_unit_test_setup(test_locale, comma),
		cmocka_unit_test_setup(test_locale, two_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
