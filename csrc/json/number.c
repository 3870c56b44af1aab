/*
** strtod and printf follow LC_NUMERIC only in the decimal point: reading takes
** it out and moves the exponent instead, writing puts it back.
*/
#include "json/number.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No double and no midpoint between two has more significant digits than 768: what
** follows matters only by being there, and is replaced by one digit. */
#define SIGNIFICANT_DIGITS 770
/* Beyond any exponent that could be brought back into range by the digits of a text of 4 GiB. */
#define EXPONENT_CAP INT64_C(100000000000)
/* Smaller numbers are written with an exponent. */
#define LEAST_DECIMAL 1e-4
#define MOST_PLACES 9

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static enum json_number_kind read_integer(const char *token, size_t length, int64_t *value)
{
	bool negative = token[0] == '-';
	/* 19 digits are below 2^64. */
	if (length > 19u + negative)
		return JSON_NUMBER_TEXT;
	uint64_t magnitude = 0;
	for (size_t i = negative; i < length; i++)
		magnitude = magnitude * 10 + (uint64_t)(token[i] - '0');
	if (magnitude > (uint64_t)INT64_MAX + negative)
		return JSON_NUMBER_TEXT;
	*value = negative ? -(int64_t)(magnitude - 1) - 1 : (int64_t)magnitude;
	return JSON_NUMBER_INTEGER;
}

static int64_t exponent_value(const char *text, const char *end)
{
	bool negative = *text == '-';
	if (*text == '-' || *text == '+')
		text++;
	int64_t value = 0;
	for (; text < end && value < EXPONENT_CAP; text++)
		value = value * 10 + (*text - '0');
	return negative ? -value : value;
}

static enum json_number_kind read_double(const char *token, size_t length, double *value)
{
	char digits[SIGNIFICANT_DIGITS + 32];
	size_t count = 0;
	int64_t exponent = 0;
	bool fraction = false;
	bool rest = false;
	const char *end = token + length;
	if (*token == '-')
		digits[count++] = *token++;
	size_t first = count;
	for (; token < end && (is_digit(*token) || *token == '.'); token++) {
		if (*token == '.') {
			fraction = true;
			continue;
		}
		if (count == first + SIGNIFICANT_DIGITS) {
			rest = rest || *token != '0';
			exponent += !fraction;
		} else if (count > first || *token != '0') {
			digits[count++] = *token;
			exponent -= fraction;
		} else {
			exponent -= fraction;
		}
	}
	if (count == first) {
		*value = first > 0 ? -0.0 : 0.0;
		return JSON_NUMBER_DOUBLE;
	}
	if (rest) {
		digits[count++] = '1';
		exponent--;
	}
	if (token < end)
		exponent += exponent_value(token + 1, end);
	int shown = exponent > 9999 ? 9999 : exponent < -9999 ? -9999 : (int)exponent;
	snprintf(digits + count, sizeof digits - count, "e%d", shown);
	*value = strtod(digits, NULL);
	return isfinite(*value) ? JSON_NUMBER_DOUBLE : JSON_NUMBER_TEXT;
}

enum json_number_kind json_number_read(const char *token, size_t length, int64_t *integer, double *number)
{
	bool minus_zero = length == 2 && memcmp(token, "-0", 2) == 0;
	size_t i = 0;
	while (i < length && (is_digit(token[i]) || token[i] == '-'))
		i++;
	return i == length && !minus_zero ? read_integer(token, length, integer) : read_double(token, length, number);
}

/* The shortest of the decimals that read back as `value`, in the notation and the locale of printf's %g. */
static void format_shortest(char out[JSON_NUMBER_SIZE], double value)
{
	/* Up to 15 digits survive the way through a double and back, but in the subnormal range. */
	int precision = fabs(value) < DBL_MIN ? 1 : DBL_DIG;
	for (; precision < DBL_DECIMAL_DIG; precision++) {
		snprintf(out, JSON_NUMBER_SIZE, "%.*g", precision, value);
		if (strtod(out, NULL) == value)
			return;
	}
	/* Below a power of two the doubles are closer than above it: the second nearest decimal of 16 digits may do. */
	snprintf(out, JSON_NUMBER_SIZE, "%.*e", DBL_DECIMAL_DIG - 2, value);
	char *last = out + strcspn(out, "e") - 1;
	if (*last < '9') {
		++*last;
		if (strtod(out, NULL) == value)
			return;
	}
	snprintf(out, JSON_NUMBER_SIZE, "%.*g", DBL_DECIMAL_DIG, value);
}

/* Writes a number that is the decimal of at most 15 digits, a few of them behind the point: the quotient of two
 *integers
 ** that are doubles is the double nearest to the decimal. Returns 0 if it is none. */
static size_t format_decimal(char out[JSON_NUMBER_SIZE], double value)
{
	double scale = 1;
	int64_t divisor = 1;
	for (int places = 0; places <= MOST_PLACES; places++, scale *= 10, divisor *= 10) {
		double scaled = rint(value * scale);
		if (fabs(scaled) >= 1e15)
			return 0;
		if (scaled / scale != value)
			continue;
		int64_t digits = (int64_t)fabs(scaled);
		size_t length = signbit(value) != 0;
		out[0] = '-';
		length += json_number_format_integer(out + length, digits / divisor);
		out[length++] = '.';
		char *fraction = out + length;
		length += places > 0 ? (size_t)places : 1;
		for (int64_t rest = digits % divisor, i = (int64_t)(out + length - fraction) - 1; i >= 0;
			i--, rest /= 10)
			fraction[i] = (char)('0' + rest % 10);
		return length;
	}
	return 0;
}

size_t json_number_format(char out[JSON_NUMBER_SIZE], double value)
{
	if (value == 0 || fabs(value) >= LEAST_DECIMAL) {
		size_t decimal = format_decimal(out, value);
		if (decimal > 0)
			return decimal;
	}
	format_shortest(out, value);
	size_t length = strlen(out);
	size_t start = strspn(out, "-0123456789");
	size_t point = strcspn(out + start, "0123456789e");
	if (point > 0) {
		out[start] = '.';
		memmove(out + start + 1, out + start + point, length - start - point + 1);
		length -= point - 1;
	} else if (out[start] != 'e') {
		memcpy(out + length, ".0", 3);
		length += 2;
	}
	return length;
}

size_t json_number_format_integer(char out[JSON_NUMBER_SIZE], int64_t value)
{
	char digits[JSON_NUMBER_SIZE];
	size_t first = sizeof digits;
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	do {
		digits[--first] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (value < 0)
		digits[--first] = '-';
	memcpy(out, digits + first, sizeof digits - first);
	return sizeof digits - first;
}
