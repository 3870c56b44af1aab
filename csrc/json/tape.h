/*
** What a scan tells of a text: its values on a tape, in the order of the text,
** with all that is needed to build them; how much memory they will take; what
** is wrong with it.
*/
#ifndef JSON_TAPE_H
#define JSON_TAPE_H

#include "base/buffer.h"
#include "json/shape.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Arrays and objects inside each other, in a text as in a Lua value; cJSON's own limit too. */
#define JSON_MAX_DEPTH 1000
/* Strings that come again are recognised in texts of at least so many bytes. */
#ifndef JSON_KNOWN_TEXT
#define JSON_KNOWN_TEXT 1024
#endif
/* An array of at least so many bytes in the outermost object may be recognised when it is repeated, */
#ifndef JSON_KEPT_SIZE
#define JSON_KEPT_SIZE 16384
#endif
/* and so many of them are remembered. */
#define JSON_KEPT_ARRAYS 4

enum json_status {
	JSON_OK,
	JSON_INVALID,
	JSON_ENDS_EARLY, /* all of it could be the beginning of a JSON text */
	JSON_TOO_LARGE,
	JSON_NO_MEMORY
};

enum json_token_kind {
	JSON_PLAIN,   /* what its first byte says */
	JSON_SPECIAL, /* a string or key with escapes; a number that is not an integer of at most 15 digits */
	JSON_AGAIN, /* a string that was there before: `size` is its place on the tape; or an array: its number, from 1
		     */
	JSON_TEXT   /* a value that becomes the string of its own text */
};

/* The tape has a token for each value, and one before each that is the value of a key. */
struct json_token {
	uint32_t start;
	uint32_t size : 30; /* bytes; of strings without the quotes; of arrays and objects the elements or members */
	uint32_t kind : 2;
};

#define JSON_MAX_SIZE ((UINT32_C(1) << 30) - 1)

/* An array of the outermost object that is remembered. */
struct json_kept {
	uint32_t start;
	uint32_t end;
	uint32_t token;                  /* its place on the tape; UINT32_MAX: it is not there */
	const struct json_field *wanted; /* of its elements */
};

/* What takes memory in Lua, in bytes. */
struct json_costs {
	uint8_t table;
	uint8_t element; /* of an array */
	uint8_t member;  /* of an object; there is room for a power of two of them, */
	uint8_t least;   /* and for so many at least, if there are any */
	uint8_t string;  /* besides its bytes */
};

struct json_scan {
	/* Set before the scan: */
	const struct json_field *wanted; /* of the text */
	struct json_costs costs;
	size_t memory_limit;
	/* Set by it: */
	struct buffer tape;   /* of struct json_token */
	size_t memory;        /* that the values take */
	size_t strings;       /* on the tape, but for those that come for the third time and later */
	size_t strings_again; /* that come at least twice */
	size_t depth;         /* of what is on the tape */
	size_t kept_count;
	struct json_kept kept[JSON_KEPT_ARRAYS];
	const char *error; /* unless JSON_OK or JSON_NO_MEMORY: what is wrong, */
	size_t offset;     /* and where */
};

/* So many members of an object Lua makes room for. */
static inline uint32_t json_room(const struct json_costs *costs, uint32_t members)
{
	uint32_t room = members > 0;
	while (room > 0 && (room < members || room < costs->least))
		room *= 2;
	return room;
}

#endif
