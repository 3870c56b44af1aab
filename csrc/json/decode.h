/*
** A JSON text becomes a Lua value.
**
** Objects and arrays become tables of the right size, arrays with the array
** metatable; null the light userdata NULL. Integers become Lua numbers where
** these hold them exactly (5.3 and later: 64 bits; else up to 2^53), all other
** numbers floats; a number that neither can hold (a larger integer, 1e400,
** 1e-400) becomes a string, its text. Of equal keys the last one counts. An
** array of 16 KiB or more that repeats an earlier one, both in the outermost
** object, becomes the same table.
*/
#ifndef JSON_DECODE_H
#define JSON_DECODE_H

#include "lua/compat.h"
#include "json/tape.h"

#include <stddef.h>

/* Lua memory that an answer may take, for each byte that its text may have. */
#define JSON_MEMORY_PER_BYTE 4

static inline size_t json_memory_limit(size_t text_limit)
{
	return text_limit < SIZE_MAX / JSON_MEMORY_PER_BYTE ? text_limit * JSON_MEMORY_PER_BYTE : SIZE_MAX;
}

/* [-0, +1, m] pushes the value, or unless JSON_OK a message ("trailing bytes after the JSON text at byte 17": bytes
** count from 1). `text[length]` must be readable and 0 (buffer_terminate); the text stays the caller's, who keeps it
** alive and needs 4 free stack slots. Raises nothing but Lua's memory errors (and what finalizers may raise), holds no
** memory then. */
enum json_status json_decode(
	lua_State *L, const char *text, size_t length, size_t memory_limit, const struct json_field *wanted);

#endif
