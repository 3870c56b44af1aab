/*
** Counts the steps that Lua takes along its chains of strings with equal
** hashes, where a text could make them long: see compat_string_hash.
** Owns memory until chains_free; includes no Lua.
*/
#ifndef JSON_CHAINS_H
#define JSON_CHAINS_H

#include "base/buffer.h"

#include <stdint.h>

struct chains {
	uint32_t *first; /* link of each chain, counted from 1 */
	uint32_t mask;
	struct buffer links;
	size_t steps;
	size_t most_steps;
};

enum chains_status { CHAINS_OK, CHAINS_TOO_LONG, CHAINS_NO_MEMORY };

/* Makes room for about so many strings in chains of a few. */
enum chains_status chains_open(struct chains *chains, size_t strings, size_t most_steps);
/* Looks for the string, and adds it if it is new. Equal strings are at the same address. */
enum chains_status chains_add(struct chains *chains, uint32_t hash, const void *string);
void chains_free(struct chains *chains);

#endif
