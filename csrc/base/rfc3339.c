#include "base/rfc3339.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define DAY 86400
#define YEAR_0 (-62167219200.0)
#define YEAR_10000 253402300800.0

/* The days from 1970-01-01 to a date of the Gregorian calendar. A year begins in March here, so that the leap day is
   its last. */
static int64_t days_before(int year, int month, int day)
{
	int from_march = (month + 9) % 12;
	int64_t y = year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * from_march + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct date {
	int year, month, day;
};

static struct date date_of(int64_t days)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t of_era = days - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int from_march = (int)((5 * of_year + 2) / 153);
	struct date date;
	date.day = (int)(of_year - (153 * from_march + 2) / 5 + 1);
	date.month = from_march < 10 ? from_march + 3 : from_march - 9;
	date.year = (int)(year + era * 400) + (date.month <= 2);
	return date;
}

static bool is_date(int year, int month, int day)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	if (month < 1 || month > 12 || day < 1)
		return false;
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return day <= lengths[month - 1] + (month == 2 && leap);
}

/* ----- reading: each step takes a part from the text, false where it is not there ----- */

struct reader {
	const char *p, *end;
};

static bool take(struct reader *r, const char *any_of)
{
	if (r->p == r->end || *r->p == '\0' || strchr(any_of, *r->p) == NULL)
		return false;
	r->p++;
	return true;
}

static bool take_digits(struct reader *r, int count, int *value)
{
	*value = 0;
	for (; count > 0; count--) {
		if (r->p == r->end || *r->p < '0' || *r->p > '9')
			return false;
		*value = *value * 10 + (*r->p++ - '0');
	}
	return true;
}

/* The digits after a point, in units of a microsecond. */
static bool take_fraction(struct reader *r, double *micros)
{
	double unit = 1e5;
	const char *first = r->p;
	*micros = 0;
	for (int digit; r->p < r->end && take_digits(r, 1, &digit); unit /= 10)
		*micros += digit * unit;
	return r->p > first;
}

static bool take_zone(struct reader *r, int *seconds)
{
	int hours, minutes = 0;
	*seconds = 0;
	if (take(r, "Zz"))
		return true;
	int sign = take(r, "-") ? -1 : 1;
	if (sign > 0 && !take(r, "+"))
		return false;
	if (!take_digits(r, 2, &hours))
		return false;
	bool has_minutes = take(r, ":") || r->p < r->end;
	if ((has_minutes && !take_digits(r, 2, &minutes)) || hours > 23 || minutes > 59)
		return false;
	*seconds = sign * (hours * 60 + minutes) * 60;
	return true;
}

const char *rfc3339_parse(const char *text, size_t length, double *seconds)
{
	struct reader r = {text, text + length};
	int year, month, day, hour, minute, second, zone;
	double micros = 0;
	if (!take_digits(&r, 4, &year) || !take(&r, "-") || !take_digits(&r, 2, &month) || !take(&r, "-") ||
		!take_digits(&r, 2, &day) || !take(&r, "Tt ") || !take_digits(&r, 2, &hour) || !take(&r, ":") ||
		!take_digits(&r, 2, &minute) || !take(&r, ":") || !take_digits(&r, 2, &second) ||
		(take(&r, ".") && !take_fraction(&r, &micros)))
		return "not a date-time like 2026-03-25T15:02:55Z";
	if (!is_date(year, month, day) || hour > 23 || minute > 59 || second > 60)
		return "no such date or time of day";
	if (!take_zone(&r, &zone))
		return "a date-time without a zone (Z, or an offset like +01:00)";
	if (r.p != r.end)
		return "a date-time with something behind it";
	int64_t whole = days_before(year, month, day) * DAY + hour * 3600 + minute * 60 + second - zone;
	*seconds = micros > 0 ? ((double)(whole * 1000000) + micros) / 1e6 : (double)whole;
	return NULL;
}

bool rfc3339_format(double seconds, char out[RFC3339_SIZE])
{
	if (!(seconds >= YEAR_0 && seconds < YEAR_10000))
		return false;
	int64_t whole = (int64_t)floor(seconds);
	int micros = (int)floor((seconds - floor(seconds)) * 1e6 + 0.5);
	whole += micros / 1000000;
	micros %= 1000000;
	int64_t days = whole / DAY - (whole % DAY < 0);
	int of_day = (int)(whole - days * DAY);
	struct date date = date_of(days);
	int length = snprintf(out, RFC3339_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d", date.year, date.month, date.day,
		of_day / 3600, of_day / 60 % 60, of_day % 60);
	if (micros > 0)
		length += snprintf(out + length, RFC3339_SIZE - (size_t)length, ".%06d", micros);
	memcpy(out + length, "Z", 2);
	return date.year <= 9999;
}
