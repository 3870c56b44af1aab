/*
** A state machine over the bytes, with its own stack of open containers: the
** C stack does not grow with the text. It relies on the 0 behind the text,
** which no rule accepts, instead of comparing with the end at each byte.
*/
#include "json/scan.h"

#include "json/bytes.h"

#include <string.h>

#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/* Integers up to so many digits are exact doubles. */
#define EXACT_DIGITS 15

struct frame {
	uint32_t start;
	uint32_t count;
	uint32_t place; /* in the list, if the container is to be walked */
	unsigned char close;
};

struct scanner {
	cursor text;
	cursor end;
	struct json_scan *result;
	enum json_status status;
	size_t depth;
	size_t walked; /* so many of the open containers are to be walked, the outermost one always */
	uint16_t kept_count;
	struct json_container kept[JSON_KEPT_ARRAYS];
	struct frame frames[JSON_MAX_DEPTH];
};

/* Returns NULL, which stands for failure all the way up. */
static cursor fail(struct scanner *s, cursor p, const char *error)
{
	s->status = p == s->end ? JSON_ENDS_EARLY : JSON_INVALID;
	s->result->error = p == s->end ? "unexpected end of the text" : error;
	s->result->offset = (size_t)(p - s->text);
	return NULL;
}

static uint32_t offset_of(const struct scanner *s, cursor p)
{
	return (uint32_t)(p - s->text);
}

static bool append(struct scanner *s, const struct json_container *container)
{
	if (buffer_append(&s->result->walked, container, sizeof *container) == BUFFER_OK)
		return true;
	s->status = JSON_NO_MEMORY;
	return false;
}

/* Lists the `depth` outer ones of the open containers, as far as they are not yet. */
static bool walk_containers(struct scanner *s, size_t depth)
{
	for (; s->walked < depth; s->walked++) {
		struct frame *frame = &s->frames[s->walked];
		struct json_container container = {.start = frame->start};
		frame->place = (uint32_t)(s->result->walked.length / sizeof container);
		if (!append(s, &container))
			return false;
	}
	return true;
}

static int hex_digit(unsigned char byte)
{
	if (is_digit(byte))
		return byte - '0';
	byte |= 0x20;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The value of the four digits at `p`, or -1. */
static int hex_value(cursor p)
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

static bool is_surrogate(int unit)
{
	return unit >= 0xD800 && unit <= 0xDFFF;
}

/* `p` is at a \u escape. */
static bool is_pair(cursor p)
{
	int high = hex_value(p + 2);
	int low = high >= 0xD800 && high < 0xDC00 && p[6] == '\\' && p[7] == 'u' ? hex_value(p + 8) : -1;
	return low >= 0xDC00 && low <= 0xDFFF;
}

/* `p` is at a backslash. Returns what follows the escape; sets `*hard` if cJSON does not carry it: \u0000, a lone
** surrogate. */
static cursor scan_escape(struct scanner *s, cursor p, bool *hard)
{
	switch (p[1]) {
	case '"':
	case '\\':
	case '/':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't':
		return p + 2;
	case 'u':
		break;
	default:
		return fail(s, p + 1 == s->end ? s->end : p, "invalid escape");
	}
	cursor digit = p + 2;
	while (digit < p + 6 && hex_digit(*digit) >= 0)
		digit++;
	if (digit < p + 6)
		return fail(s, digit == s->end ? digit : p, "invalid escape");
	int unit = hex_value(p + 2);
	if (is_pair(p))
		return p + 12;
	*hard = *hard || unit == 0 || is_surrogate(unit);
	return p + 6;
}

/* `p` is at the opening quote. */
static inline cursor scan_string(struct scanner *s, cursor p)
{
	bool hard = false;
	for (p++;;) {
		p = skip_plain(p, s->end);
		if (*p == '"')
			break;
		if (*p == '\\') {
			p = scan_escape(s, p, &hard);
			if (p == NULL)
				return NULL;
		} else if (*p >= 0x80) {
			size_t size = utf8_sequence(p, s->end);
			if (size == 0)
				return fail(s, utf8_is_cut_off(p, s->end) ? s->end : p, "invalid UTF-8");
			p += size;
		} else {
			return fail(s, p, "control character in a string");
		}
	}
	if (UNLIKELY(hard) && !walk_containers(s, s->depth))
		return NULL;
	return p + 1;
}

static cursor scan_fraction(struct scanner *s, cursor p)
{
	if (*p == '.') {
		if (!is_digit(*++p))
			return fail(s, p, "digit expected after the decimal point");
		while (is_digit(*p))
			p++;
	}
	if (*p == 'e' || *p == 'E') {
		p++;
		if (*p == '+' || *p == '-')
			p++;
		if (!is_digit(*p))
			return fail(s, p, "digit expected in the exponent");
		while (is_digit(*p))
			p++;
	}
	return p;
}

static cursor scan_number(struct scanner *s, cursor p)
{
	cursor start = p;
	if (*p == '-')
		p++;
	cursor digits = p;
	while (is_digit(*p))
		p++;
	if (UNLIKELY(p == digits))
		return fail(s, p, "digit expected");
	if (UNLIKELY(*digits == '0' && p - digits > 1))
		return fail(s, digits, "leading zero");
	bool simple = p - digits <= EXACT_DIGITS && (*digits != '0' || p - start == 1);
	if (*p == '.' || *p == 'e' || *p == 'E') {
		simple = false;
		p = scan_fraction(s, p);
		if (p == NULL)
			return NULL;
	}
	return LIKELY(simple) || walk_containers(s, s->depth) ? p : NULL;
}

static cursor scan_literal(struct scanner *s, cursor p, const char *literal)
{
	size_t size = strlen(literal);
	for (size_t i = 0; i < size; i++)
		if (p[i] != (unsigned char)literal[i])
			return fail(s, p + i, "unexpected character");
	return p + size;
}

/* The container of `frame`, which ended at `p`, is to be walked. */
static bool end_walked(struct scanner *s, const struct frame *frame, cursor p)
{
	if (!walk_containers(s, s->depth + 1))
		return false;
	s->walked = s->depth;
	struct json_container *container = (struct json_container *)(void *)s->result->walked.data + frame->place;
	container->end = offset_of(s, p);
	container->count = frame->count;
	bool kept = s->depth == 1 && frame->close == ']' && s->frames[0].close == '}' &&
		    container->end - container->start >= JSON_KEPT_SIZE && s->kept_count < JSON_KEPT_ARRAYS;
	if (kept) {
		container->kept = ++s->kept_count;
		s->kept[container->kept - 1] = *container;
	}
	return true;
}

/* The innermost container ended at `p`. */
static inline bool close_container(struct scanner *s, cursor p)
{
	const struct frame *frame = &s->frames[--s->depth];
	if (s->depth == 0) {
		s->result->outermost.start = frame->start;
		s->result->outermost.end = offset_of(s, p);
		s->result->outermost.count = frame->count;
		return true;
	}
	if (s->depth < s->walked || offset_of(s, p) - frame->start > JSON_TREE_SIZE)
		return end_walked(s, frame, p);
	return true;
}

/* `p` is at an array in the outermost object. If it repeats a large one, byte for byte, returns its end; else `p`. */
static cursor skip_repetition(struct scanner *s, cursor p)
{
	for (size_t i = 0; i < s->kept_count; i++) {
		const struct json_container *kept = &s->kept[i];
		size_t size = kept->end - kept->start;
		if (size > (size_t)(s->end - p) || memcmp(s->text + kept->start, p, size) != 0)
			continue;
		struct json_container twin = {.start = offset_of(s, p), .count = kept->count, .same = kept->kept};
		twin.end = twin.start + (uint32_t)size;
		s->result->repeated += size;
		return append(s, &twin) ? p + size : NULL;
	}
	return p;
}

static cursor open_container(struct scanner *s, cursor p, unsigned char close)
{
	if (s->depth == JSON_MAX_DEPTH)
		return fail(s, p, "nested deeper than 1000");
	struct frame *frame = &s->frames[s->depth++];
	frame->start = offset_of(s, p);
	frame->count = 0;
	frame->close = close;
	if (s->depth > s->result->depth)
		s->result->depth = s->depth;
	return skip_space(p + 1, s->end);
}

/* `p` is at the key. Returns where the value begins. */
static inline cursor scan_key(struct scanner *s, cursor p)
{
	if (UNLIKELY(*p != '"'))
		return fail(s, p, "key expected");
	p = scan_string(s, p);
	if (p == NULL)
		return NULL;
	p = skip_space(p, s->end);
	if (UNLIKELY(*p != ':'))
		return fail(s, p, "':' expected");
	return skip_space(p + 1, s->end);
}

static cursor scan_scalar(struct scanner *s, cursor p)
{
	switch (*p) {
	case 't':
		return scan_literal(s, p, "true");
	case 'f':
		return scan_literal(s, p, "false");
	case 'n':
		return scan_literal(s, p, "null");
	default:
		if (*p == '-' || is_digit(*p))
			return scan_number(s, p);
		return fail(s, p, "unexpected character");
	}
}

/* Scans the one value of the text and returns its end. */
static cursor scan_value(struct scanner *s, cursor p)
{
	struct frame *frame;
value:
	if (*p == '"') {
		p = scan_string(s, p);
	} else if (*p == '{') {
		p = open_container(s, p, '}');
		if (p != NULL && *p != '}')
			goto key;
		if (p != NULL)
			goto close;
	} else if (*p == '[') {
		cursor start = p;
		if (s->depth == 1 && s->kept_count > 0)
			p = skip_repetition(s, p);
		if (p == start) {
			p = open_container(s, p, ']');
			if (p != NULL && *p != ']')
				goto value;
			if (p != NULL)
				goto close;
		}
	} else {
		p = scan_scalar(s, p);
	}
next:
	if (p == NULL || s->depth == 0)
		return p;
	p = skip_space(p, s->end);
	frame = &s->frames[s->depth - 1];
	frame->count++;
	if (*p == ',') {
		p = skip_space(p + 1, s->end);
		if (frame->close == ']')
			goto value;
		goto key;
	}
	if (UNLIKELY(*p != frame->close))
		return fail(s, p, frame->close == ']' ? "',' or ']' expected" : "',' or '}' expected");
close:
	p++;
	if (!close_container(s, p))
		return NULL;
	goto next;
key:
	p = scan_key(s, p);
	if (p == NULL)
		return NULL;
	goto value;
}

enum json_status json_scan(struct json_scan *scan, const char *text, size_t length)
{
	struct scanner s;
	s.text = (cursor)text;
	s.end = s.text + length;
	s.result = scan;
	s.status = JSON_OK;
	s.depth = 0;
	s.walked = 1;
	s.kept_count = 0;
	*scan = (struct json_scan){.walked = scan->walked};
	scan->walked.length = 0;
	/* Never reached: each container has a byte of its own. */
	scan->walked.limit = sizeof(struct json_container) * (length + 1);
	if (length > UINT32_MAX) {
		fail(&s, s.text, "text of 4 GiB or more");
		return JSON_TOO_LARGE;
	}
	cursor p = skip_space(s.text, s.end);
	if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		fail(&s, s.text, "byte order mark");
	else
		p = scan_value(&s, p);
	if (s.status == JSON_OK) {
		p = skip_space(p, s.end);
		if (p != s.end)
			fail(&s, p, "trailing bytes after the JSON text");
	}
	return s.status;
}

void json_scan_free(struct json_scan *scan)
{
	buffer_free(&scan->walked);
}

size_t json_string_size(const char *token, bool *lone)
{
	cursor p = (cursor)token + 1;
	size_t size = 0;
	while (*p != '"') {
		if (*p != '\\') {
			p++;
			size++;
		} else if (p[1] != 'u') {
			p += 2;
			size++;
		} else {
			int unit = hex_value(p + 2);
			bool pair = is_pair(p);
			*lone = *lone || (is_surrogate(unit) && !pair);
			size += pair ? 4 : unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
			p += pair ? 12 : 6;
		}
	}
	return size;
}

void json_replace_surrogates(char *token)
{
	for (char *p = strchr(token, '\\'); p != NULL; p = strchr(p, '\\')) {
		if (p[1] != 'u') {
			p += 2;
			continue;
		}
		bool pair = is_pair((cursor)p);
		if (is_surrogate(hex_value((cursor)p + 2)) && !pair)
			memcpy(p + 2, "FFFD", 4);
		p += pair ? 12 : 6;
	}
}

size_t json_number_size(const char *token)
{
	cursor p = (cursor)token;
	while (is_digit(*p) || *p == '.' || *p == '-' || *p == '+' || (*p | 0x20) == 'e')
		p++;
	return (size_t)(p - (cursor)token);
}
