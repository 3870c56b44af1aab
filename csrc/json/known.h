/*
** A table of strings of a text, so that one that comes again is recognised:
** names of members, and values that many objects have in common. A string
** takes the place of another one that stood there. The strings lie in the
** text; the table owns nothing.
*/
#ifndef JSON_KNOWN_H
#define JSON_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define KNOWN_BITS 10
#define KNOWN_PLACES (1 << KNOWN_BITS)
#define KNOWN_LONGEST 255
/* So many bytes from its beginning on must be readable. */
#define KNOWN_READABLE sizeof(uint64_t)

struct known_string {
	uint32_t start; /* in the text */
	uint32_t token; /* its place on the tape */
	bool again;     /* it came a second time */
};

struct known {
	bool in_use;
	uint8_t sizes[KNOWN_PLACES]; /* 0: nothing is there */
	struct known_string strings[KNOWN_PLACES];
};

static inline void known_open(struct known *known, bool in_use)
{
	known->in_use = in_use;
	if (in_use)
		memset(known->sizes, 0, sizeof known->sizes);
}

/* The first and last eight bytes of a string; a shorter one has nothing else in `first`. */
struct known_ends {
	uint64_t first, last;
};

static inline struct known_ends known_ends(const char *string, size_t size)
{
	struct known_ends ends = {.last = size};
	memcpy(&ends.first, string, sizeof ends.first);
	if (size >= sizeof ends.first) {
		memcpy(&ends.last, string + size - sizeof ends.last, sizeof ends.last);
	} else {
		unsigned others = 8 * (unsigned)(sizeof ends.first - size);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		ends.first <<= others;
#else
		ends.first >>= others;
#endif
	}
	return ends;
}

static inline size_t known_hash(struct known_ends ends, size_t size)
{
	const uint64_t factor = UINT64_C(0x9E3779B97F4A7C15);
	return (size_t)((((ends.first ^ size) * factor ^ ends.last) * factor) >> (64 - KNOWN_BITS));
}

/* Where a string of 1 to KNOWN_LONGEST bytes has its place. Sets `is_there` if it is there already. */
static inline size_t known_find(
	const struct known *known, const char *text, const char *string, size_t size, bool *is_there)
{
	struct known_ends ends = known_ends(string, size);
	size_t place = known_hash(ends, size);
	*is_there = false;
	if (known->sizes[place] == size) {
		const char *other = text + known->strings[place].start;
		struct known_ends others = known_ends(other, size);
		*is_there = others.first == ends.first && others.last == ends.last &&
			    (size <= 2 * sizeof ends.first || memcmp(other, string, size) == 0);
	}
	return place;
}

#endif
