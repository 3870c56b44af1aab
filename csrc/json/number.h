/*
** The text of numbers, whatever LC_NUMERIC is. No Lua, no memory.
*/
#ifndef JSON_NUMBER_H
#define JSON_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#define JSON_NUMBER_SIZE 40

enum json_number_kind {
	JSON_NUMBER_INTEGER,
	JSON_NUMBER_DOUBLE,
	JSON_NUMBER_TEXT /* neither holds it: an integer beyond 64 bits, 1e400 */
};

/* Reads a JSON number of `length` bytes. One that is written as an integer is one, but for -0. Below the smallest
 *double
 ** is 0. */
enum json_number_kind json_number_read(const char *token, size_t length, int64_t *integer, double *number);
/* Writes a finite number with the fewest digits that read back as the same double, always with a decimal point or
** an exponent. Returns the length. */
size_t json_number_format(char out[JSON_NUMBER_SIZE], double value);
size_t json_number_format_integer(char out[JSON_NUMBER_SIZE], int64_t value);

#endif
