/*
** One pass over a JSON text before cJSON sees it: is it one strict RFC 8259
** text, which tokens can cJSON not carry, and which containers are so large
** that they have to be decoded element by element.
** Owns the two lists in struct json_scan until json_scan_free; includes no
** Lua, calls nothing that can jump out.
*/
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include "buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Arrays and objects inside each other, in a text as in a Lua value; cJSON's own limit too. */
#define JSON_MAX_DEPTH 1000
/* A container of at least so many bytes is in `spans`; no cJSON tree is built for it. */
#define JSON_SPAN_SIZE 4096
/* An array of at least so many bytes in the outermost object may be recognised when it is repeated, */
#define JSON_KEPT_SIZE 16384
/* and so many of them are remembered. */
#define JSON_KEPT_ARRAYS 4

enum json_scan_status {
	JSON_SCAN_OK,
	JSON_SCAN_INVALID, /* `error` and `offset` say what and where */
	JSON_SCAN_NO_MEMORY
};

/* A token that cJSON would cut or round: a string or key that holds \u0000, a
** number other than an integer of at most 15 digits. */
struct json_note {
	uint32_t token;  /* strings, keys and numbers count from 0 in the order of the text */
	uint32_t offset; /* of the token's first byte */
};

/* A large array or object. Outer ones come before what they hold. */
struct json_span {
	uint32_t start;
	uint32_t end;
	uint32_t count; /* elements or members */
	uint16_t kept;  /* 1 to JSON_KEPT_ARRAYS: an array that may be repeated; else 0 */
	uint16_t same;  /* the `kept` number of the array that this one repeats byte for byte; else 0 */
};

struct json_scan {
	struct buffer notes;        /* of struct json_note, in the order of the text */
	struct json_span outermost; /* the whole value, if it is an array or object */
	struct buffer spans; /* of struct json_span: the large ones inside it, by `start`; none in a repetition */
	size_t repeated;     /* bytes in repetitions; their tokens are not counted */
	size_t longest;      /* bytes of the longest number among the notes */
	size_t depth;
	const char *error;
	size_t offset;
};

/* `text[length]` must be readable and 0. Empties and fills `scan`, which must be zeroed before its first use. */
enum json_scan_status json_scan(struct json_scan *scan, const char *text, size_t length);
void json_scan_free(struct json_scan *scan);

/* How many bytes the string token whose opening quote is at `token` stands for; only for a token that was accepted. */
size_t json_string_size(const char *token);
/* The bytes of the number token at `token`; likewise. */
size_t json_number_size(const char *token);

#endif
