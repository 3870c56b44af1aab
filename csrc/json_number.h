/*
** The text of numbers, whatever LC_NUMERIC is. No Lua, no memory.
*/
#ifndef JSON_NUMBER_H
#define JSON_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_NUMBER_SIZE 40

/* True and the value if the JSON number of `length` bytes is written as an integer other than -0 and fits. */
bool json_number_integer(const char *token, size_t length, int64_t *value);
/* True and the nearest double, or false where that is infinite or where it is 0 and the number is not. */
bool json_number_double(const char *token, size_t length, double *value);
/* Writes a finite number with the fewest digits that read back as the same double, always with a decimal point or
** an exponent. Returns the length. */
size_t json_number_format(char out[JSON_NUMBER_SIZE], double value);
size_t json_number_format_integer(char out[JSON_NUMBER_SIZE], int64_t value);

#endif
