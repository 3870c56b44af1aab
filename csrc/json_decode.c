/*
** The scan checks the text; after it cJSON parses one modest fragment after
** the other, and each tree is turned into Lua values and freed before the
** next. What the scan noted as more than cJSON can carry is taken from the
** text again when its token is reached.
**
** struct decoder lives in json_decode's C frame and owns all C memory. What
** can throw runs in a protected call, after which it is freed.
*/
#include "json_decode.h"

#include "json_bytes.h"
#include "json_lua.h"
#include "json_number.h"
#include "json_scan.h"

#include <cjson/cJSON.h>
#include <locale.h>
#include <stdlib.h>

/* cJSON copies a number to a buffer of 64 bytes. */
#define CJSON_NUMBER_SIZE 63

/* Smaller texts are not worth a word to the collector. */
#define COLLECTOR_TEXT (32 * 1024)
/* Lua memory for a byte of text, at most, in answers of the service. */
#define MEMORY_PER_BYTE 4

enum slot { SLOT_DECODER = 1, SLOT_METATABLE, SLOT_KEPT, SLOT_COUNT = SLOT_KEPT + JSON_KEPT_ARRAYS - 1 };

struct decoder {
	lua_State *L;
	struct json_scan scan;
	cJSON *tree;
	char *copy; /* the text with numbers that cJSON can parse, or NULL */
	const char *text;
	size_t length;
	const char *parsed; /* `copy` or `text` */
	const char *end;    /* of `parsed` */
	const char *position;
	const struct json_note *note; /* the next one */
	const struct json_note *notes_end;
	const struct json_span *span; /* the next one */
	const struct json_span *spans_end;
	uint32_t token;
	uint32_t noted; /* the token that `note` is about, or UINT32_MAX */
	bool no_memory; /* in C; in Lua it is an error */
	bool held;      /* the collector, until compat_gc_release */
};

static bool push_value(struct decoder *d);

/* The text of the noted token, which has been reached. Goes on to the next note. */
static const char *take_note(struct decoder *d)
{
	const char *token = d->text + d->note->offset;
	d->note++;
	d->noted = d->note < d->notes_end ? d->note->token : UINT32_MAX;
	return token;
}

static void push_noted_number(lua_State *L, const char *token)
{
	size_t length = json_number_size(token);
	bool large_integer = length > strlen("-0") && strspn(token, "-0123456789") == length;
	int64_t integer;
	double number;
	if (json_number_integer(token, length, &integer))
		compat_pushint64(L, integer);
	else if (!large_integer && json_number_double(token, length, &number))
		lua_pushnumber(L, number);
	else
		lua_pushlstring(L, token, length);
}

static void push_string(struct decoder *d, const char *string)
{
	if (d->token++ == d->noted)
		lua_pushlstring(d->L, string, json_string_size(take_note(d)));
	else
		lua_pushlstring(d->L, string, strlen(string));
}

static int count_children(const cJSON *node)
{
	int count = 0;
	for (const cJSON *child = node->child; child != NULL; child = child->next)
		count++;
	return count;
}

static void push_array_table(lua_State *L, int count)
{
	lua_createtable(L, count, 0);
	lua_pushvalue(L, SLOT_METATABLE);
	lua_setmetatable(L, -2);
}

/* [-0, +1, m] */
static void push_node(struct decoder *d, const cJSON *node)
{
	lua_State *L = d->L;
	int i = 0;
	switch (node->type & 0xFF) {
	case cJSON_String:
		push_string(d, node->valuestring);
		break;
	case cJSON_Number:
		if (d->token++ == d->noted)
			push_noted_number(L, take_note(d));
		else
			compat_pushint64(L, (int64_t)node->valuedouble);
		break;
	case cJSON_Object:
		lua_createtable(L, 0, count_children(node));
		for (const cJSON *child = node->child; child != NULL; child = child->next) {
			push_string(d, child->string);
			push_node(d, child);
			lua_rawset(L, -3);
		}
		break;
	case cJSON_Array:
		push_array_table(L, count_children(node));
		for (const cJSON *child = node->child; child != NULL; child = child->next) {
			push_node(d, child);
			lua_rawseti(L, -2, ++i);
		}
		break;
	case cJSON_NULL:
		lua_pushlightuserdata(L, NULL);
		break;
	default:
		lua_pushboolean(L, (node->type & 0xFF) == cJSON_True);
	}
}

/* [-0, +1, m] pushes the value at `position`, which is in no span, by way of a cJSON tree */
static bool push_fragment(struct decoder *d)
{
	d->tree = cJSON_ParseWithLengthOpts(d->position, (size_t)(d->end - d->position), &d->position, 0);
	if (d->tree == NULL) {
		d->no_memory = true;
		return false;
	}
	push_node(d, d->tree);
	cJSON_Delete(d->tree);
	d->tree = NULL;
	return true;
}

static void skip_white(struct decoder *d)
{
	d->position = (const char *)skip_space((cursor)d->position, (cursor)d->end);
}

/* [-0, +1, m] pushes the string token at `position` */
static bool push_string_token(struct decoder *d)
{
	cursor start = (cursor)d->position + 1;
	cursor close = start;
	while (*(close = skip_plain(close, (cursor)d->end)) >= 0x80)
		close++;
	if (*close != '"')
		return push_fragment(d);
	d->token++;
	lua_pushlstring(d->L, (const char *)start, (size_t)(close - start));
	d->position = (const char *)close + 1;
	return true;
}

/* [-0, +1, m] pushes the number token at `position` */
static void push_number_token(struct decoder *d)
{
	if (d->token++ == d->noted) {
		const char *token = take_note(d);
		push_noted_number(d->L, token);
		d->position += json_number_size(token);
		return;
	}
	bool negative = *d->position == '-';
	int64_t value = 0;
	for (d->position += negative; is_digit((unsigned char)*d->position); d->position++)
		value = value * 10 + (*d->position - '0');
	compat_pushint64(d->L, negative ? -value : value);
}

/* [-0, +1, m] pushes the object or array that begins at `position`, without a tree for all of it */
static bool push_span(struct decoder *d, const struct json_span *span)
{
	lua_State *L = d->L;
	if (span->same > 0) {
		lua_pushvalue(L, SLOT_KEPT + span->same - 1);
		d->position = d->parsed + span->end;
		return true;
	}
	bool object = *d->position == '{';
	if (object)
		lua_createtable(L, 0, (int)span->count);
	else
		push_array_table(L, (int)span->count);
	for (uint32_t i = 1; i <= span->count; i++) {
		d->position++;
		skip_white(d);
		if (object) {
			if (!push_string_token(d))
				return false;
			skip_white(d);
			d->position++;
			skip_white(d);
		}
		if (!push_value(d))
			return false;
		if (object)
			lua_rawset(L, -3);
		else
			lua_rawseti(L, -2, (int)i);
		skip_white(d);
	}
	d->position = d->parsed + span->end;
	if (span->kept > 0) {
		lua_pushvalue(L, -1);
		lua_replace(L, SLOT_KEPT + span->kept - 1);
	}
	return true;
}

/* [-0, +1, m] pushes the value at `position` and goes behind it */
static bool push_value(struct decoder *d)
{
	switch (*d->position) {
	case '"':
		return push_string_token(d);
	case 'n':
		lua_pushlightuserdata(d->L, NULL);
		d->position += strlen("null");
		return true;
	case 't':
		lua_pushboolean(d->L, 1);
		d->position += strlen("true");
		return true;
	case 'f':
		lua_pushboolean(d->L, 0);
		d->position += strlen("false");
		return true;
	case '{':
	case '[':
		if (d->span < d->spans_end && d->position == d->parsed + d->span->start)
			return push_span(d, d->span++);
		return push_fragment(d);
	default:
		push_number_token(d);
		return true;
	}
}

/* cJSON fails on numbers of more than 63 bytes, and on decimal points where the locale's has more than one byte: gives
** it a copy of the text where each noted number is a 0. */
static bool hide_numbers(struct decoder *d)
{
	d->copy = malloc(d->length + 1);
	if (d->copy == NULL)
		return false;
	memcpy(d->copy, d->text, d->length + 1);
	for (const struct json_note *note = d->note; note < d->notes_end; note++) {
		char *token = d->copy + note->offset;
		if (*token == '"')
			continue;
		memset(token, ' ', json_number_size(token));
		*token = '0';
	}
	d->parsed = d->copy;
	return true;
}

/* Called with the scan done. */
static bool prepare(struct decoder *d, const char *text, size_t length)
{
	const struct buffer *notes = &d->scan.notes;
	const struct buffer *spans = &d->scan.spans;
	d->text = d->parsed = text;
	d->length = length;
	d->note = (const struct json_note *)(const void *)notes->data;
	d->notes_end = d->note + notes->length / sizeof *d->note;
	d->span = (const struct json_span *)(const void *)spans->data;
	d->spans_end = d->span + spans->length / sizeof *d->span;
	d->noted = d->note < d->notes_end ? d->note->token : UINT32_MAX;
	if (d->scan.longest > CJSON_NUMBER_SIZE || (d->scan.longest > 0 && strlen(localeconv()->decimal_point) != 1))
		if (!hide_numbers(d))
			return false;
	d->position = d->parsed;
	d->end = d->parsed + length;
	return true;
}

/* The protected part: [-1, +1, e] replaces the decoder by the value; leaves nothing where `no_memory` is set */
static int decode_protected(lua_State *L)
{
	struct decoder *d = lua_touserdata(L, SLOT_DECODER);
	json_push_array_metatable(L);
	lua_settop(L, SLOT_COUNT);
	/* Two slots for each open container, a few for the innermost value. */
	d->no_memory = !lua_checkstack(L, (int)d->scan.depth * 2 + 8);
	if (d->length >= COLLECTOR_TEXT && !d->no_memory)
		d->held = compat_gc_hold(L, (d->length - d->scan.repeated) * MEMORY_PER_BYTE);
	if (d->no_memory)
		return 0;
	skip_white(d);
	if (*d->position == '{' || *d->position == '[')
		return push_span(d, &d->scan.outermost);
	return push_value(d);
}

/* [-0, +1, m] */
static void push_scan_error(lua_State *L, const struct json_scan *scan)
{
	char text[96];
	snprintf(text, sizeof text, "%s at byte %zu", scan->error, scan->offset + 1);
	lua_pushstring(L, text);
}

int json_decode(lua_State *L, const char *text, size_t length)
{
	struct decoder d = {.L = L};
	int top = lua_gettop(L);
	int thrown = LUA_OK;
	/* These two can throw, so they come before the first allocation. */
	lua_pushcfunction(L, decode_protected);
	lua_pushlightuserdata(L, &d);
	enum json_scan_status status = json_scan(&d.scan, text, length);
	d.no_memory = status == JSON_SCAN_NO_MEMORY || (status == JSON_SCAN_OK && !prepare(&d, text, length));
	if (status == JSON_SCAN_OK && !d.no_memory)
		thrown = lua_pcall(L, 1, 1, 0);
	cJSON_Delete(d.tree);
	free(d.copy);
	json_scan_free(&d.scan);
	if (d.held)
		compat_gc_release(L);
	if (thrown != LUA_OK)
		return lua_error(L);
	if (status == JSON_SCAN_OK && !d.no_memory)
		return 1;
	lua_settop(L, top);
	if (d.no_memory)
		lua_pushliteral(L, "out of memory");
	else
		push_scan_error(L, &d.scan);
	return 0;
}
