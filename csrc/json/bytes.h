/*
** The classes of bytes in a JSON text, and runs of them, 16 bytes at a time
** where SSE2 is there, else 8. Nothing here reads at or behind `end`, but for
** skip_space.
*/
#ifndef JSON_BYTES_H
#define JSON_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__) && !defined(JSON_SCAN_PORTABLE)
#include <emmintrin.h>
#define JSON_SCAN_SSE2 1
#endif

#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

typedef const unsigned char *cursor;

static inline bool is_digit(unsigned char byte)
{
	return (unsigned)byte - '0' < 10u;
}

static inline int hex_digit(unsigned char byte)
{
	if (is_digit(byte))
		return byte - '0';
	byte |= 0x20;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The value of the four digits at `p`, or -1. */
static inline int hex_value(cursor p)
{
	int value = 0;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(p[i]);
		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

static inline bool is_space(unsigned char byte)
{
	return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static inline bool is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

#define EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))

/* The high bit of some byte is set if, and only if, a byte of `word` is 0. */
static inline uint64_t zero_bytes(uint64_t word)
{
	return (word - EACH_BYTE(1)) & ~word & EACH_BYTE(0x80);
}

/* Are the 8 bytes of `word` plain? */
static inline bool is_plain_word(uint64_t word)
{
	uint64_t control = (word - EACH_BYTE(0x20)) & ~word;
	uint64_t special = control | zero_bytes(word ^ EACH_BYTE('"')) | zero_bytes(word ^ EACH_BYTE('\\'));
	return ((special | word) & EACH_BYTE(0x80)) == 0;
}

/* Past the plain bytes among the last ones. */
static inline cursor skip_plain_rest(cursor p, cursor end)
{
	for (uint64_t word; end - p >= 8; p += 8) {
		memcpy(&word, p, sizeof word);
		if (!is_plain_word(word))
			break;
	}
	while (p < end && is_plain(*p))
		p++;
	return p;
}

#ifdef JSON_SCAN_SSE2

/* Past the bytes that need no escape in a JSON string: ASCII but controls, quote and backslash. */
static inline cursor skip_plain(cursor p, cursor end)
{
	const __m128i quote = _mm_set1_epi8('"');
	const __m128i escape = _mm_set1_epi8('\\');
	const __m128i space = _mm_set1_epi8(' ');
	for (; end - p >= 16; p += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
		/* The comparison is signed: bytes above 0x7F are below the space, too. */
		__m128i special = _mm_or_si128(_mm_cmplt_epi8(bytes, space),
			_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, escape)));
		unsigned mask = (unsigned)_mm_movemask_epi8(special);
		if (mask != 0)
			return p + __builtin_ctz(mask);
	}
	return skip_plain_rest(p, end);
}

static inline cursor skip_long_space(cursor p, cursor end)
{
	for (; end - p >= 16; p += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i space = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(' ')),
						     _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'))),
			_mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r')),
				_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'))));
		unsigned mask = (unsigned)_mm_movemask_epi8(space) ^ 0xFFFFu;
		if (mask != 0)
			return p + __builtin_ctz(mask);
	}
	while (is_space(*p))
		p++;
	return p;
}

#else

static inline cursor skip_plain(cursor p, cursor end)
{
	return skip_plain_rest(p, end);
}

static inline cursor skip_long_space(cursor p, cursor end)
{
	for (; end - p >= 8; p += 8) {
		uint64_t word;
		memcpy(&word, p, sizeof word);
		if (word != EACH_BYTE(' '))
			break;
	}
	while (is_space(*p))
		p++;
	return p;
}

#endif

/* Copies so many bytes, if all are plain; else returns false, and `out` holds anything. Of short ones two halves that
** overlap are taken. */
static inline bool copy_plain(char *out, cursor p, size_t size)
{
	uint64_t words[2];
	cursor end = p + size;
	if (size < 4) {
		for (; p < end; p++, out++) {
			if (!is_plain(*p))
				return false;
			*out = (char)*p;
		}
		return true;
	}
	if (size < 8) {
		uint32_t halves[2];
		memcpy(&halves[0], p, sizeof halves[0]);
		memcpy(&halves[1], end - sizeof halves[1], sizeof halves[1]);
		memcpy(words, halves, sizeof halves);
		memcpy(out, &halves[0], sizeof halves[0]);
		memcpy(out + size - sizeof halves[1], &halves[1], sizeof halves[1]);
		return is_plain_word(words[0]);
	}
	if (size <= 16) {
		memcpy(&words[0], p, sizeof words[0]);
		memcpy(&words[1], end - sizeof words[1], sizeof words[1]);
		memcpy(out, &words[0], sizeof words[0]);
		memcpy(out + size - sizeof words[1], &words[1], sizeof words[1]);
		return is_plain_word(words[0]) && is_plain_word(words[1]);
	}
	memcpy(out, p, size);
	return skip_plain(p, end) == end;
}

/* `*end` must be readable and no white space. */
static inline cursor skip_space(cursor p, cursor end)
{
	if (*p > ' ')
		return p;
	if (is_space(*p))
		p++;
	return *p > ' ' ? p : skip_long_space(p, end);
}

/* The length of the well-formed UTF-8 sequence at `p`, a byte above 0x7F; 0 if it is none. */
static inline size_t utf8_sequence(cursor p, cursor end)
{
	unsigned lead = p[0];
	/* The second byte's range keeps out overlong forms, surrogates and what is above U+10FFFF. */
	unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
	unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
	size_t size = lead >= 0xC2 && lead <= 0xDF   ? 2
		      : (lead & 0xF0) == 0xE0        ? 3
		      : lead >= 0xF0 && lead <= 0xF4 ? 4
						     : 0;
	if (size == 0 || size > (size_t)(end - p) || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < size; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	return size;
}

/* `p` is at no well-formed sequence: could there be one, were the text not at its `end`? */
static inline bool utf8_is_cut_off(cursor p, cursor end)
{
	size_t size = (size_t)(end - p);
	unsigned char low[4] = {0x80, 0x80, 0x80, 0x80};
	unsigned char high[4] = {0xBF, 0xBF, 0xBF, 0xBF};
	if (size >= sizeof low)
		return false;
	memcpy(low, p, size);
	memcpy(high, p, size);
	return utf8_sequence(low, low + sizeof low) > size || utf8_sequence(high, high + sizeof high) > size;
}

#endif
