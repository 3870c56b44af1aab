/*
** The scan checks the text and says on its tape what to build: this file goes
** along the tape and pushes the values. Strings with escapes are read by
** cJSON, all else is taken from the text as it stands.
**
** struct decoder lives in json_decode's C frame and owns all C memory. What
** can throw runs in a protected call, after which it is freed.
*/
#include "json/decode.h"

#include "json/array.h"
#include "json/chains.h"
#include "json/escape.h"
#include "json/number.h"
#include "json/scan.h"

#include <string.h>

/* Smaller texts are not worth a word to the collector. */
#define COLLECTOR_TEXT (32 * 1024)
/* Nor are chains counted where there are so few tokens, or members of an object, that they cannot be long. */
#define CHAINS_TOKENS 2048
#define CHAINS_MEMBERS 64
/* Steps along chains that are allowed: so many, and so many for each byte of the text. */
#define CHAINS_STEPS ((size_t)4 << 20)
#define CHAINS_STEPS_PER_BYTE 4

enum slot {
	SLOT_DECODER = 1,
	SLOT_METATABLE,
	SLOT_STRINGS, /* those that come again */
	SLOT_KEPT,    /* the first of the arrays that may come again */
	SLOT_COUNT = SLOT_KEPT + JSON_KEPT_ARRAYS - 1
};

struct decoder {
	lua_State *L;
	const char *text;
	size_t length;
	struct json_scan scan;
	const struct json_token *token; /* the next one */
	int strings;                    /* are in SLOT_STRINGS */
	char *unescaped;                /* owned until it is a Lua string */
	struct chains chains;
	bool counting; /* the chains */
	enum json_status status;
	bool held; /* the collector, until compat_gc_release */
};

static bool push_value(struct decoder *d);

static bool fail(struct decoder *d, enum json_status status)
{
	d->status = status;
	return false;
}

static bool count_steps(struct decoder *d, uint32_t hash, const char *string)
{
	switch (chains_add(&d->chains, hash, string)) {
	case CHAINS_TOO_LONG:
		return fail(d, JSON_INVALID);
	case CHAINS_NO_MEMORY:
		return fail(d, JSON_NO_MEMORY);
	case CHAINS_OK:
		break;
	}
	return true;
}

/* [-0, +0, -] counts what it took Lua to make the string at the top */
static bool count_string(struct decoder *d)
{
	uint32_t hash;
	size_t length;
	const char *string = lua_tolstring(d->L, -1, &length);
	return !compat_is_interned(length) || !compat_string_hash(string, length, &hash) ||
	       count_steps(d, hash, string);
}

/* [-0, +0, -] counts what it takes to set the member of the key at the top in the table that has room for `mask` + 1 */
static bool count_member(struct decoder *d, const struct json_token *object, uint32_t mask)
{
	uint32_t hash;
	size_t length;
	const char *string = lua_tolstring(d->L, -1, &length);
	return !compat_string_hash(string, length, &hash) ||
	       count_steps(d, (hash & mask) + object->start * UINT32_C(0x9E3779B1), string);
}

/* [-0, +1, m] pushes the string of so many bytes */
static bool push_bytes(struct decoder *d, const char *bytes, size_t length)
{
	lua_pushlstring(d->L, bytes, length);
	return !d->counting || count_string(d);
}

/* [-0, +1, m] pushes the string of `token` */
static bool push_string(struct decoder *d, const struct json_token *token)
{
	const char *start = d->text + token->start;
	size_t length = token->size;
	if (token->kind != JSON_SPECIAL)
		return push_bytes(d, start + 1, length);
	d->unescaped = json_unescape(start, token->size, &length);
	if (d->unescaped == NULL)
		return fail(d, JSON_NO_MEMORY);
	bool pushed = push_bytes(d, d->unescaped, length);
	json_unescaped_free(d->unescaped);
	d->unescaped = NULL;
	return pushed;
}

/* [-0, +1, m] pushes the string that `token` repeats. The second time it is made once more, and kept: what was repeated
** gives then where. */
static bool push_string_again(struct decoder *d, const struct json_token *token)
{
	lua_State *L = d->L;
	struct json_token *first = (struct json_token *)(void *)d->scan.tape.data + token->size;
	if (first->kind == JSON_AGAIN) {
		lua_rawgeti(L, SLOT_STRINGS, (int)first->size);
		return true;
	}
	if (!push_string(d, first))
		return false;
	lua_pushvalue(L, -1);
	lua_rawseti(L, SLOT_STRINGS, ++d->strings);
	first->kind = JSON_AGAIN;
	first->size = (uint32_t)d->strings & JSON_MAX_SIZE;
	return true;
}

/* [-0, +1, m] pushes an integer of at most 15 digits */
static void push_short_integer(struct decoder *d, const char *digits, size_t length)
{
	bool negative = *digits == '-';
	int64_t value = 0;
	for (size_t i = negative; i < length; i++)
		value = value * 10 + (digits[i] - '0');
	compat_pushint64(d->L, negative ? -value : value);
}

/* [-0, +1, m] pushes the number of `token` */
static bool push_number(struct decoder *d, const struct json_token *token)
{
	const char *start = d->text + token->start;
	size_t length = token->size;
	int64_t integer;
	double number;
	if (token->kind == JSON_PLAIN) {
		push_short_integer(d, start, length);
		return true;
	}
	switch (json_number_read(start, length, &integer, &number)) {
	case JSON_NUMBER_INTEGER:
		compat_pushint64(d->L, integer);
		return true;
	case JSON_NUMBER_DOUBLE:
		lua_pushnumber(d->L, number);
		return true;
	case JSON_NUMBER_TEXT:
		break;
	}
	return push_bytes(d, start, length);
}

/* [-0, +1, m] pushes the array of `token` */
static bool push_array(struct decoder *d, const struct json_token *token)
{
	lua_State *L = d->L;
	int count = (int)token->size;
	lua_createtable(L, count, 0);
	lua_pushvalue(L, SLOT_METATABLE);
	lua_setmetatable(L, -2);
	for (int i = 1; i <= count; i++) {
		if (!push_value(d))
			return false;
		lua_rawseti(L, -2, i);
	}
	return true;
}

/* [-0, +1, m] pushes the next key */
static bool push_key(struct decoder *d)
{
	const struct json_token *token = d->token++;
	return token->kind == JSON_AGAIN ? push_string_again(d, token) : push_string(d, token);
}

/* [-0, +1, m] pushes the object of `token` */
static bool push_object(struct decoder *d, const struct json_token *token)
{
	lua_State *L = d->L;
	int count = (int)token->size;
	bool counting = COMPAT_TABLES_HASH && d->counting && count >= CHAINS_MEMBERS;
	uint32_t mask = counting ? json_room(&d->scan.costs, token->size) - 1 : 0;
	lua_createtable(L, 0, count);
	for (int i = 0; i < count; i++) {
		if (!push_key(d) || (counting && !count_member(d, token, mask)) || !push_value(d))
			return false;
		lua_rawset(L, -3);
	}
	return true;
}

/* [-0, +0, m] leaves the array of `token` where its repetitions find it, if there may be any */
static void keep_array(struct decoder *d, const struct json_token *token)
{
	const struct json_token *tape = (const struct json_token *)(const void *)d->scan.tape.data;
	for (size_t i = 0; i < d->scan.kept_count; i++) {
		if (token == tape + d->scan.kept[i].token) {
			lua_pushvalue(d->L, -1);
			lua_replace(d->L, SLOT_KEPT + (int)i);
		}
	}
}

/* [-0, +1, m] pushes the next value */
static bool push_value(struct decoder *d)
{
	const struct json_token *token = d->token++;
	const char *start = d->text + token->start;
	if (token->kind == JSON_AGAIN) {
		if (*start == '"')
			return push_string_again(d, token);
		lua_pushvalue(d->L, SLOT_KEPT + (int)token->size - 1);
		return true;
	}
	if (token->kind == JSON_TEXT)
		return push_bytes(d, start, token->size);
	switch (*start) {
	case '"':
		return push_string(d, token);
	case '{':
		return push_object(d, token);
	case '[':
		if (!push_array(d, token))
			return false;
		keep_array(d, token);
		return true;
	case 'n':
		lua_pushlightuserdata(d->L, NULL);
		return true;
	case 't':
	case 'f':
		lua_pushboolean(d->L, *start == 't');
		return true;
	default:
		return push_number(d, token);
	}
}

/* The protected part: [-1, +1, e] replaces the decoder by the value, if `status` is JSON_OK then */
static int decode_protected(lua_State *L)
{
	struct decoder *d = lua_touserdata(L, SLOT_DECODER);
	json_push_array_metatable(L);
	if (d->scan.strings_again > 0)
		lua_createtable(L, (int)d->scan.strings_again, 0);
	lua_settop(L, SLOT_COUNT);
	/* Two slots for each open container, a few for the innermost value. */
	if (!lua_checkstack(L, (int)d->scan.depth * 2 + 8))
		return fail(d, JSON_NO_MEMORY);
	if (d->length >= COLLECTOR_TEXT)
		d->held = compat_gc_hold(L, d->scan.memory);
	return push_value(d);
}

/* [-0, +1, m] the message that belongs to `status` */
static void push_error(struct decoder *d)
{
	char text[96];
	if (d->status == JSON_NO_MEMORY) {
		lua_pushliteral(d->L, "out of memory");
	} else if (d->scan.error == NULL) {
		lua_pushliteral(d->L, "too many strings of equal hashes");
	} else {
		snprintf(text, sizeof text, "%s at byte %zu", d->scan.error, d->scan.offset + 1);
		lua_pushstring(d->L, text);
	}
}

/* Makes ready to count chains, if this Lua's can become long with this text. */
static void open_chains(struct decoder *d)
{
	size_t tokens = d->scan.tape.length / sizeof(struct json_token);
	d->counting = COMPAT_WEAK_HASHES && d->status == JSON_OK && tokens >= CHAINS_TOKENS;
	if (d->counting &&
		chains_open(&d->chains, d->scan.strings, CHAINS_STEPS + CHAINS_STEPS_PER_BYTE * d->length) != CHAINS_OK)
		d->status = JSON_NO_MEMORY;
}

enum json_status json_decode(
	lua_State *L, const char *text, size_t length, size_t memory_limit, const struct json_field *wanted)
{
	const struct json_costs costs = {.table = COMPAT_TABLE_SIZE,
		.element = COMPAT_ELEMENT_SIZE,
		.member = COMPAT_MEMBER_SIZE,
		.least = COMPAT_LEAST_MEMBERS,
		.string = COMPAT_STRING_SIZE};
	struct decoder d = {.L = L, .text = text, .length = length};
	int top = lua_gettop(L);
	int thrown = LUA_OK;
	d.scan = (struct json_scan){.wanted = wanted, .costs = costs, .memory_limit = memory_limit};
	/* These two can throw, so they come before the first allocation. */
	lua_pushcfunction(L, decode_protected);
	lua_pushlightuserdata(L, &d);
	d.status = json_scan(&d.scan, text, length);
	open_chains(&d);
	if (d.status == JSON_OK) {
		d.token = (const struct json_token *)(const void *)d.scan.tape.data;
		thrown = lua_pcall(L, 1, 1, 0);
	}
	json_unescaped_free(d.unescaped);
	chains_free(&d.chains);
	json_scan_free(&d.scan);
	if (d.held)
		compat_gc_release(L);
	if (thrown != LUA_OK)
		lua_error(L);
	if (d.status != JSON_OK) {
		lua_settop(L, top);
		push_error(&d);
	}
	return d.status;
}
