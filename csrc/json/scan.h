/*
** One pass over a JSON text before cJSON sees it: is it one strict RFC 8259
** text, and which arrays and objects must not become a cJSON tree because they
** are large or hold a token that cJSON would cut or round.
** Owns the list in struct json_scan until json_scan_free; includes no Lua,
** calls nothing that can jump out.
*/
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Arrays and objects inside each other, in a text as in a Lua value; cJSON's own limit too. */
#define JSON_MAX_DEPTH 1000
/* Up to this size an array or object becomes a cJSON tree. Larger ones are walked in the text, which is faster than two
** allocations for each member, and needs no memory. */
#ifndef JSON_TREE_SIZE
#define JSON_TREE_SIZE 64
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

/* An array or object that is to be walked in the text: the outermost one, and any that is larger than JSON_TREE_SIZE
** or holds, at any depth, a string or key with \u0000 or a lone surrogate, or a number that is not an integer of at
** most 15 digits. */
struct json_container {
	uint32_t start;
	uint32_t end;
	uint32_t count; /* elements or members */
	uint16_t kept;  /* 1 to JSON_KEPT_ARRAYS: an array that may be repeated; else 0 */
	uint16_t same;  /* the `kept` number of the array that this one repeats byte for byte; else 0 */
};

struct json_scan {
	struct json_container outermost; /* set if the whole value is an array or object */
	struct buffer walked;            /* of struct json_container: those inside, by `start`; none in a repetition */
	size_t repeated;                 /* bytes in repetitions */
	size_t depth;
	const char *error; /* unless JSON_OK or JSON_NO_MEMORY: what is wrong, */
	size_t offset;     /* and where */
};

/* `text[length]` must be readable and 0. Empties and fills `scan`, which must be zeroed before its first use. */
enum json_status json_scan(struct json_scan *scan, const char *text, size_t length);
void json_scan_free(struct json_scan *scan);

/* How many bytes the string token whose opening quote is at `token` stands for; only for a token that was accepted.
** Sets `*lone` if it holds the escape of a lone surrogate, which stands for U+FFFD. */
size_t json_string_size(const char *token, bool *lone);
/* Writes the escapes of lone surrogates as those of U+FFFD in a string token that ends with a 0. */
void json_replace_surrogates(char *token);
/* The bytes of the number token at `token`; likewise. */
size_t json_number_size(const char *token);

#endif
