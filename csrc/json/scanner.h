/*
** The state of a scan, and what it writes: tokens, the memory that they stand
** for, and what was wrong. For scan.c, which reads.
*/
#ifndef JSON_SCANNER_H
#define JSON_SCANNER_H

#include "json/bytes.h"
#include "json/known.h"
#include "json/tape.h"

/* An open array or object, or at the bottom what the text is in. */
struct frame {
	const struct json_field *wanted; /* of the elements, or where an object's members are looked up */
	uint32_t start;
	uint32_t token; /* its place on the tape, if it is there */
	uint32_t count; /* elements or members on the tape */
	uint8_t cost;   /* of one of these */
	bool built;     /* it is on the tape */
	unsigned char close;
};

struct scanner {
	cursor text;
	cursor end;
	struct json_scan *result;
	enum json_status status;
	struct json_token *tape;
	size_t tokens;
	size_t room; /* for so many tokens */
	size_t built_depth;
	struct frame *frame; /* the innermost */
	struct frame frames[JSON_MAX_DEPTH + 1];
	struct known known;
};

/* ----- errors: return NULL, which stands for failure all the way up ----- */

static inline cursor fail(struct scanner *s, cursor p, const char *error)
{
	s->status = p == s->end ? JSON_ENDS_EARLY : JSON_INVALID;
	s->result->error = p == s->end ? "unexpected end of the text" : error;
	s->result->offset = (size_t)(p - s->text);
	return NULL;
}

static inline cursor fail_size(struct scanner *s, cursor p, const char *error)
{
	s->status = JSON_TOO_LARGE;
	s->result->error = error;
	s->result->offset = (size_t)(p - s->text);
	return NULL;
}

/* ----- the tape ----- */

static inline uint32_t offset_of(const struct scanner *s, cursor p)
{
	return (uint32_t)(p - s->text);
}

static inline bool grow_tape(struct scanner *s)
{
	struct buffer *tape = &s->result->tape;
	tape->length = s->tokens * sizeof *s->tape;
	if (buffer_reserve(tape, sizeof *s->tape) != BUFFER_OK) {
		s->status = JSON_NO_MEMORY;
		return false;
	}
	s->tape = (struct json_token *)(void *)tape->data;
	s->room = tape->capacity / sizeof *s->tape;
	return true;
}

static inline bool put_token(struct scanner *s, cursor start, size_t size, enum json_token_kind kind)
{
	if (UNLIKELY(s->tokens == s->room) && !grow_tape(s))
		return false;
	s->tape[s->tokens++] =
		(struct json_token){.start = offset_of(s, start), .size = size & JSON_MAX_SIZE, .kind = kind & 3u};
	return true;
}

/* `bytes` more of memory are needed for what is at `p`. */
static inline bool take_memory(struct scanner *s, cursor p, size_t bytes)
{
	s->result->memory += bytes;
	return LIKELY(s->result->memory <= s->result->memory_limit) ||
	       fail_size(s, p, "more memory is needed than allowed");
}

/* A value or key becomes a string of so many bytes. */
static inline bool put_text(struct scanner *s, cursor start, size_t size, enum json_token_kind kind)
{
	struct json_scan *result = s->result;
	if (UNLIKELY(size > JSON_MAX_SIZE))
		return fail_size(s, start, "string of 1 GiB or more");
	result->strings++;
	return take_memory(s, start, result->costs.string + size) && put_token(s, start, size, kind);
}

/* A plain string of a size that is remembered; `start` is at the opening quote. */
static inline bool put_known_string(struct scanner *s, cursor start, size_t size)
{
	struct json_scan *result = s->result;
	bool is_there;
	size_t place = known_find(&s->known, (const char *)s->text, (const char *)start + 1, size, &is_there);
	struct known_string *known = &s->known.strings[place];
	if (!is_there) {
		s->known.sizes[place] = (uint8_t)size;
		*known = (struct known_string){.start = offset_of(s, start + 1), .token = (uint32_t)s->tokens};
		return put_text(s, start, size, JSON_PLAIN);
	}
	if (!known->again) { /* it is made once more, and kept */
		known->again = true;
		result->strings++;
		result->strings_again++;
		if (!take_memory(s, start, (size_t)result->costs.string + size + result->costs.element))
			return false;
	}
	return put_token(s, start, known->token, JSON_AGAIN);
}

/* A key or a value; `start` is at the opening quote. */
static inline bool put_string(struct scanner *s, cursor start, size_t size, enum json_token_kind kind)
{
	bool is_known = s->known.in_use && kind == JSON_PLAIN && size - 1 < KNOWN_LONGEST &&
			(size_t)(s->end - start) > KNOWN_READABLE;
	return is_known ? put_known_string(s, start, size) : put_text(s, start, size, kind);
}

/* The place of a value in what it is in. */
static inline bool put_place(struct scanner *s, cursor start)
{
	s->frame->count++;
	return take_memory(s, start, s->frame->cost);
}

/* `size` is what the token is to say, `bytes` the memory of the value, besides its place in what it is in. */
static inline bool put_value(struct scanner *s, cursor start, size_t size, enum json_token_kind kind, size_t bytes)
{
	if (!put_place(s, start) || !take_memory(s, start, bytes))
		return false;
	if (UNLIKELY(size > JSON_MAX_SIZE))
		return fail_size(s, start, "value of 1 GiB or more");
	return put_token(s, start, size, kind);
}

#endif
