/*
** A table of the keys of a text, so that one that comes again is recognised.
** Keys lie in the text; the table owns nothing.
*/
#ifndef JSON_KEYS_H
#define JSON_KEYS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define KEYS_BITS 9
#define KEYS_SLOTS (1 << KEYS_BITS)
/* So few that a free place is soon found. */
#define KEYS_MOST (KEYS_SLOTS / 2)
#define KEYS_LONGEST 64
/* So many bytes from its beginning on must be readable. */
#define KEYS_READABLE sizeof(uint64_t)

struct key {
	uint32_t start;
	uint16_t size;
	uint16_t number; /* from 1; 0: a free place */
};

struct keys {
	size_t count;
	struct key slots[KEYS_SLOTS];
};

/* A place in the table, from the first and last eight bytes. */
static inline size_t keys_hash(const char *key, size_t size)
{
	const uint64_t factor = UINT64_C(0x9E3779B97F4A7C15);
	unsigned char bytes[2 * KEYS_READABLE];
	uint64_t first, last = 0;
	memcpy(bytes, key, sizeof first);
	if (size < sizeof first)
		memset(bytes + size, 0, sizeof first);
	else
		memcpy(&last, key + size - sizeof last, sizeof last);
	memcpy(&first, bytes, sizeof first);
	return (size_t)((((first ^ size) * factor ^ last) * factor) >> (64 - KEYS_BITS));
}

/* The key's place: it is there, or the place is free. */
static inline struct key *keys_find(struct keys *keys, const char *text, const char *key, size_t size)
{
	for (size_t slot = keys_hash(key, size);; slot = (slot + 1) % KEYS_SLOTS) {
		struct key *place = &keys->slots[slot];
		if (place->number == 0 || (place->size == size && memcmp(text + place->start, key, size) == 0))
			return place;
	}
}

#endif
