/*
** Date-times as the service writes them, and seconds since 1970. No locale, no
** time zone of the process.
*/
#ifndef BASE_RFC3339_H
#define BASE_RFC3339_H

#include <stdbool.h>
#include <stddef.h>

#define RFC3339_SIZE 32

/* Reads a date-time with zone: "2026-03-25T15:02:55.234755Z", "2026-03-25 15:02:55+01:00", "... +01". What a double can
   hold of the fraction is kept: microseconds are exact. Returns NULL, or what is wrong with the text. */
const char *rfc3339_parse(const char *text, size_t length, double *seconds);

/* Writes a date-time in UTC, with microseconds where there are any. False outside the years 0 to 9999. */
bool rfc3339_format(double seconds, char out[RFC3339_SIZE]);

#endif
