/*
** A state machine over the bytes, with its own stack of open containers: the
** C stack does not grow with the text. It relies on the 0 behind the text,
** which no rule accepts, instead of comparing with the end at each byte.
*/
#include "json/scan.h"

#include "json/bytes.h"
#include "json/escape.h"
#include "json/scanner.h"

#include <string.h>

/* Integers up to so many digits are exact doubles. */
#define EXACT_DIGITS 15
/* Exponents of fewer digits are within the range of a double, or below it. */
#define LARGE_EXPONENT 3
#define FIRST_TAPE ((size_t)4096)

/* ----- scalars: `p` is at the beginning; what follows is returned ----- */

static cursor scan_escape(struct scanner *s, cursor p)
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
	for (cursor digit = p + 2; digit < p + 6; digit++)
		if (hex_digit(*digit) < 0)
			return fail(s, digit == s->end ? digit : p, "invalid escape");
	return p + 6;
}

/* The rest of a string that is not plain to its end. */
static cursor scan_special_string(struct scanner *s, cursor p, enum json_token_kind *kind)
{
	for (;; p = skip_plain(p, s->end)) {
		if (*p == '"')
			return p + 1;
		if (*p == '\\') {
			*kind = JSON_SPECIAL;
			p = scan_escape(s, p);
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
}

static inline cursor scan_string(struct scanner *s, cursor p, enum json_token_kind *kind)
{
	p = skip_plain(p + 1, s->end);
	return LIKELY(*p == '"') ? p + 1 : scan_special_string(s, p, kind);
}

/* Sets `*text` if the exponent is so large that no double may hold the number. */
static cursor scan_fraction(struct scanner *s, cursor p, bool *text)
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
		cursor digits = p;
		while (is_digit(*p))
			p++;
		*text = p - digits >= LARGE_EXPONENT;
	}
	return p;
}

/* Sets `*text` if the number may become a string. */
static cursor scan_number(struct scanner *s, cursor p, enum json_token_kind *kind, bool *text)
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
	*text = p - digits > EXACT_DIGITS;
	if (*text || (*digits == '0' && p - start > 1))
		*kind = JSON_SPECIAL;
	if (*p == '.' || *p == 'e' || *p == 'E') {
		*kind = JSON_SPECIAL;
		p = scan_fraction(s, p, text);
	}
	return p;
}

static cursor scan_literal(struct scanner *s, cursor p, const char *literal)
{
	size_t size = strlen(literal);
	for (size_t i = 0; i < size; i++)
		if (p[i] != (unsigned char)literal[i])
			return fail(s, p + i, "unexpected character");
	return p + size;
}

/* `start` is at the opening quote. */
static inline cursor scan_string_value(struct scanner *s, cursor start, enum json_wanted wanted)
{
	enum json_token_kind kind = JSON_PLAIN;
	cursor p = scan_string(s, start, &kind);
	if (p == NULL || wanted == JSON_NOTHING)
		return p;
	size_t size = (size_t)(p - start);
	bool put = put_place(s, start) &&
		   (wanted == JSON_ITSELF ? put_text(s, start, size, JSON_TEXT) : put_string(s, start, size - 2, kind));
	return put ? p : NULL;
}

/* Anything but a string, an array or an object. */
static inline cursor scan_scalar(struct scanner *s, cursor start, enum json_wanted wanted)
{
	enum json_token_kind kind = JSON_PLAIN;
	cursor p;
	bool text = false;
	switch (*start) {
	case 't':
		p = scan_literal(s, start, "true");
		break;
	case 'f':
		p = scan_literal(s, start, "false");
		break;
	case 'n':
		p = scan_literal(s, start, "null");
		break;
	default:
		if (*start != '-' && !is_digit(*start))
			return fail(s, start, "unexpected character");
		p = scan_number(s, start, &kind, &text);
	}
	if (p == NULL || wanted == JSON_NOTHING)
		return p;
	if (wanted == JSON_ITSELF) {
		kind = JSON_TEXT;
		text = true;
	}
	size_t size = (size_t)(p - start);
	bool put = text ? put_place(s, start) && put_text(s, start, size, kind) : put_value(s, start, size, kind, 0);
	return put ? p : NULL;
}

/* ----- keys ----- */

/* The member of the innermost object; NULL: no memory. */
static const struct json_field *find_member(struct scanner *s, cursor start, size_t size, enum json_token_kind kind)
{
	const struct json_field *object = s->frame->wanted;
	if (kind == JSON_PLAIN)
		return json_field_find(object, (const char *)start + 1, size);
	size_t length;
	char *name = json_unescape((const char *)start, size, &length);
	if (name == NULL) {
		s->status = JSON_NO_MEMORY;
		return NULL;
	}
	const struct json_field *member = json_field_find(object, name, length);
	json_unescaped_free(name);
	return member;
}

/* `p` is at the key. Returns where the value begins, and what is wanted of it. */
static inline cursor scan_key(struct scanner *s, cursor p, const struct json_field **wanted)
{
	enum json_token_kind kind = JSON_PLAIN;
	cursor start = p;
	if (UNLIKELY(*p != '"'))
		return fail(s, p, "key expected");
	p = scan_string(s, p, &kind);
	if (p == NULL)
		return NULL;
	size_t size = (size_t)(p - start) - 2;
	*wanted = s->frame->wanted;
	if ((*wanted)->wanted == JSON_MEMBERS) {
		*wanted = find_member(s, start, size, kind);
		if (*wanted == NULL)
			return NULL;
	}
	if ((*wanted)->wanted != JSON_NOTHING && !put_string(s, start, size, kind))
		return NULL;
	p = skip_space(p, s->end);
	if (UNLIKELY(*p != ':'))
		return fail(s, p, "':' expected");
	return skip_space(p + 1, s->end);
}

/* ----- arrays and objects ----- */

/* What is wanted of the elements, or where members are looked up, in an array or object of which `field` is. */
static const struct json_field *wanted_inside(const struct json_field *field, unsigned char close)
{
	switch (field->wanted) {
	case JSON_ALL:
	case JSON_MEMBERS:
		return field;
	case JSON_ITEMS:
		return close == ']' ? &json_itself : &json_nothing;
	case JSON_NOTHING:
	case JSON_ITSELF:
		break;
	}
	return &json_nothing;
}

/* `p` is at the opening bracket. */
static cursor open_container(struct scanner *s, cursor p, const struct json_field *wanted)
{
	const struct json_costs *costs = &s->result->costs;
	struct frame *frame = s->frame + 1;
	size_t depth = (size_t)(frame - s->frames);
	if (depth > JSON_MAX_DEPTH)
		return fail(s, p, "nested deeper than 1000");
	unsigned char close = *p + 2; /* in ASCII */
	frame->wanted = wanted_inside(wanted, close);
	frame->start = offset_of(s, p);
	frame->token = (uint32_t)s->tokens;
	frame->count = 0;
	frame->cost = close == ']' ? costs->element : costs->member;
	frame->built = wanted->wanted != JSON_NOTHING;
	frame->close = close;
	if (frame->built) {
		bool text = wanted->wanted == JSON_ITSELF;
		if (!put_value(s, p, 0, text ? JSON_TEXT : JSON_PLAIN, text ? costs->string : costs->table))
			return NULL;
		if (depth > s->built_depth)
			s->built_depth = depth;
	}
	s->frame = frame;
	return skip_space(p + 1, s->end);
}

static bool in_outermost_object(const struct scanner *s)
{
	return s->frame == &s->frames[1] && s->frame->close == '}';
}

/* The container of `frame`, which ended at `p`, is remembered if it is a large array of the outermost object. */
static void keep(struct scanner *s, const struct frame *frame, cursor p)
{
	struct json_scan *result = s->result;
	uint32_t end = offset_of(s, p);
	if (frame->close == ']' && in_outermost_object(s) && end - frame->start >= JSON_KEPT_SIZE &&
		result->kept_count < JSON_KEPT_ARRAYS)
		result->kept[result->kept_count++] =
			(struct json_kept){frame->start, end, frame->built ? frame->token : UINT32_MAX, frame->wanted};
}

/* The innermost container ended at `p`. */
static inline bool close_container(struct scanner *s, cursor p)
{
	const struct frame *frame = s->frame--;
	keep(s, frame, p);
	if (!frame->built)
		return true;
	struct json_token *token = &s->tape[frame->token];
	size_t size = frame->count;
	size_t more = 0;
	if (token->kind == JSON_TEXT) {
		size = offset_of(s, p) - frame->start;
		s->result->strings++;
		more = size;
	} else if (frame->close == '}') {
		more = (json_room(&s->result->costs, frame->count) - frame->count) * frame->cost;
	}
	token->size = size & JSON_MAX_SIZE;
	if (UNLIKELY(size > JSON_MAX_SIZE))
		return fail_size(s, p, "value of 1 GiB or more");
	return take_memory(s, p, more);
}

/* `p` is at an array in the outermost object. If it repeats a large one, byte for byte, of which the same is wanted,
** returns its end; else `p`. */
static cursor skip_repetition(struct scanner *s, cursor p, const struct json_field *wanted)
{
	const struct json_field *inside = wanted_inside(wanted, ']');
	for (uint32_t i = 0; i < s->result->kept_count; i++) {
		const struct json_kept *kept = &s->result->kept[i];
		size_t size = kept->end - kept->start;
		if (size > (size_t)(s->end - p) || memcmp(s->text + kept->start, p, size) != 0)
			continue;
		if (wanted->wanted == JSON_NOTHING)
			return p + size;
		if (inside == kept->wanted && inside != &json_nothing)
			return put_value(s, p, i + 1, JSON_AGAIN, 0) ? p + size : NULL;
	}
	return p;
}

/* Scans the one value of the text and returns its end. */
static cursor scan_value(struct scanner *s, cursor p)
{
	const struct json_field *wanted = s->result->wanted;
	const struct frame *frame;
value:
	if (*p == '{') {
		p = open_container(s, p, wanted);
		if (p != NULL && *p != '}')
			goto key;
		if (p != NULL)
			goto close;
	} else if (*p == '[') {
		cursor start = p;
		if (s->result->kept_count > 0 && in_outermost_object(s))
			p = skip_repetition(s, p, wanted);
		if (p == start) {
			p = open_container(s, p, wanted);
			if (p != NULL && *p != ']')
				goto element;
			if (p != NULL)
				goto close;
		}
	} else if (*p == '"') {
		p = scan_string_value(s, p, wanted->wanted);
	} else {
		p = scan_scalar(s, p, wanted->wanted);
	}
next:
	frame = s->frame;
	if (p == NULL || frame == s->frames)
		return p;
	p = skip_space(p, s->end);
	if (*p == ',') {
		p = skip_space(p + 1, s->end);
		if (frame->close == ']')
			goto element;
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
	p = scan_key(s, p, &wanted);
	if (p == NULL)
		return NULL;
	goto value;
element:
	wanted = s->frame->wanted;
	goto value;
}

/* The text itself is wanted: with the white space around the value. */
static void take_text(struct scanner *s, size_t length)
{
	if (length > JSON_MAX_SIZE)
		fail_size(s, s->text, "value of 1 GiB or more");
	else
		s->tape[0] = (struct json_token){.size = length & JSON_MAX_SIZE, .kind = JSON_TEXT};
}

/* Scans the text, which is all that there is. */
static void scan_text(struct scanner *s)
{
	cursor p = s->text;
	size_t length = (size_t)(s->end - p);
	if (length > UINT32_MAX) {
		fail_size(s, p, "text of 4 GiB or more");
		return;
	}
	if (length >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0) {
		fail(s, p, "byte order mark");
		return;
	}
	p = scan_value(s, skip_space(p, s->end));
	if (p != NULL)
		p = skip_space(p, s->end);
	if (p != NULL && p != s->end)
		fail(s, p, "trailing bytes after the JSON text");
	else if (p != NULL && s->result->wanted->wanted == JSON_ITSELF)
		take_text(s, length);
}

enum json_status json_scan(struct json_scan *scan, const char *text, size_t length)
{
	struct scanner s;
	s.text = (cursor)text;
	s.end = s.text + length;
	s.result = scan;
	s.status = JSON_OK;
	s.tape = NULL;
	s.tokens = s.room = s.built_depth = 0;
	s.frame = s.frames;
	s.frames[0] = (struct frame){.close = 0};
	known_open(&s.known, length >= JSON_KNOWN_TEXT && length <= JSON_MAX_SIZE);
	scan->tape.limit = SIZE_MAX / 2;
	buffer_reserve(&scan->tape, length < FIRST_TAPE ? length : FIRST_TAPE); /* where it fails, grow_tape says so */
	scan_text(&s);
	scan->tape.length = s.tokens * sizeof *s.tape;
	scan->depth = s.built_depth;
	return s.status;
}

void json_scan_free(struct json_scan *scan)
{
	buffer_free(&scan->tape);
}
