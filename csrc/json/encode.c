/*
** Writes into the caller's buffer as it walks the value; owns nothing. Tables
** are read raw, so no code of the program runs in between (but finalizers).
*/
#include "json/encode.h"

#include "json/array.h"
#include "json/bytes.h"
#include "json/number.h"
#include "json/scan.h"

#include <math.h>
#include <string.h>

/* Slots that each table takes or asks for, those of an error message included. */
#define SLOTS_PER_TABLE 8
#define PATH_SIZE 512

#define MIXED_KEYS "a table with both string keys and indices is not JSON"
#define WRONG_KEY "a table with a key that is neither string nor index is not JSON"

/* A table that is being written, and which child of it. */
struct level {
	const struct level *parent;
	const void *table;
	int key;   /* stack index of the child's key, or 0 */
	int index; /* of the child, where `key` is 0 */
};

struct encoder {
	lua_State *L;
	struct buffer *out;
	const char *root;
	int metatable; /* stack index of the array metatable */
};

static bool encode_value(struct encoder *e, const struct level *level);

/* ----- errors: push a message and return false, which goes up unchanged ----- */

struct path {
	char text[PATH_SIZE + 1];
	size_t length;
};

static void path_add(struct path *path, const char *bytes, size_t length)
{
	size_t room = PATH_SIZE - path->length;
	if (length > room)
		length = room;
	memcpy(path->text + path->length, bytes, length);
	path->length += length;
}

static bool is_name(const char *key, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		bool letter = key[i] == '_' || ((key[i] | 0x20) >= 'a' && (key[i] | 0x20) <= 'z');
		if (!letter && (i == 0 || !is_digit((unsigned char)key[i])))
			return false;
	}
	return length > 0;
}

static void path_add_key(struct path *path, const char *key, size_t length)
{
	if (is_name(key, length)) {
		if (path->length > 0)
			path_add(path, ".", 1);
		path_add(path, key, length);
		return;
	}
	path_add(path, "[\"", 2);
	for (size_t i = 0; i < length && path->length < PATH_SIZE; i++) {
		char shown = (unsigned char)key[i] < ' ' ? '?' : key[i];
		path_add(path, &shown, 1);
	}
	path_add(path, "\"]", 2);
}

static void path_add_level(struct encoder *e, struct path *path, const struct level *level)
{
	if (level == NULL)
		return;
	path_add_level(e, path, level->parent);
	if (level->key != 0) {
		size_t length;
		const char *key = lua_tolstring(e->L, level->key, &length);
		path_add_key(path, key, length);
	} else {
		char text[JSON_NUMBER_SIZE];
		size_t length = json_number_format_integer(text, level->index);
		path_add(path, "[", 1);
		path_add(path, text, length);
		path_add(path, "]", 1);
	}
}

/* [-0, +1, m] `level` tells which value is at fault */
static bool fail(struct encoder *e, const struct level *level, const char *message)
{
	struct path path;
	path.length = 0;
	if (e->root != NULL)
		path_add(&path, e->root, strlen(e->root));
	path_add_level(e, &path, level);
	path.text[path.length] = '\0';
	lua_pushfstring(e->L, "%s%s%s%s", path.text, path.length == PATH_SIZE ? "..." : "", path.length > 0 ? ": " : "",
		message);
	return false;
}

/* [-0, +1, m] */
static bool fail_buffer(struct encoder *e, enum buffer_status status)
{
	char text[64] = "out of memory";
	if (status == BUFFER_FULL)
		snprintf(text, sizeof text, "larger than %zu bytes", e->out->limit);
	lua_pushstring(e->L, text);
	return false;
}

/* ----- writing ----- */

static bool put(struct encoder *e, const char *bytes, size_t length)
{
	enum buffer_status status = buffer_append(e->out, bytes, length);
	return status == BUFFER_OK || fail_buffer(e, status);
}

static bool put_byte(struct encoder *e, char byte)
{
	struct buffer *out = e->out;
	if (out->length + 1 < out->capacity && out->length < out->limit) {
		out->data[out->length++] = byte;
		return true;
	}
	return put(e, &byte, 1);
}

static bool put_escape(struct encoder *e, unsigned char byte)
{
	static const char letters[] = "btn\0fr";
	char text[8] = {'\\', (char)byte};
	size_t length = 2;
	if (byte >= '\b' && byte <= '\r' && letters[byte - '\b'] != '\0') {
		text[1] = letters[byte - '\b'];
	} else if (byte < 0x20) {
		snprintf(text, sizeof text, "\\u%04x", byte);
		length = 6;
	}
	return put(e, text, length);
}

/* Writes the string at the stack index `index`. */
static bool put_string(struct encoder *e, const struct level *level, int index, const char *error)
{
	size_t length;
	cursor p = (cursor)lua_tolstring(e->L, index, &length);
	cursor end = p + length;
	if (!put_byte(e, '"'))
		return false;
	while (p < end) {
		cursor run = p;
		while ((p = skip_plain(p, end)) < end && *p >= 0x80) {
			size_t size = utf8_sequence(p, end);
			if (size == 0)
				return fail(e, level, error);
			p += size;
		}
		if (!put(e, (const char *)run, (size_t)(p - run)))
			return false;
		if (p < end && !put_escape(e, *p++))
			return false;
	}
	return put_byte(e, '"');
}

static bool put_integer(struct encoder *e, int64_t value)
{
	char text[JSON_NUMBER_SIZE];
	return put(e, text, json_number_format_integer(text, value));
}

static bool put_number(struct encoder *e, const struct level *level)
{
	lua_State *L = e->L;
	char text[JSON_NUMBER_SIZE];
	double number = lua_tonumber(L, -1);
#if COMPAT_HAS_INTEGERS
	if (lua_isinteger(L, -1))
		return put_integer(e, lua_tointeger(L, -1));
#else
	if (fabs(number) <= (double)COMPAT_EXACT_DOUBLE && number == (double)(int64_t)number &&
		!(number == 0 && signbit(number)))
		return put_integer(e, (int64_t)number);
#endif
	if (isnan(number))
		return fail(e, level, "NaN is not JSON");
	if (isinf(number))
		return fail(e, level, "infinity is not JSON");
	return put(e, text, json_number_format(text, number));
}

/* ----- tables: `level` is the table, the path to it is that of `level->parent` ----- */

/* [-0, +0, -] is the table at the top of the stack marked as an array? */
static bool is_marked(struct encoder *e)
{
	lua_State *L = e->L;
	if (!lua_getmetatable(L, -1))
		return false;
	bool marked = lua_rawequal(L, -1, e->metatable);
	lua_pop(L, 1);
	return marked;
}

/* The key below the top of the stack as an array index, 0 if it is none. */
static int to_index(lua_State *L)
{
	if (lua_type(L, -2) != LUA_TNUMBER)
		return 0;
	lua_Number number = lua_tonumber(L, -2);
	if (!(number >= 1))
		return 0;
	if (number >= INT_MAX)
		return INT_MAX;
	int index = (int)number;
	return (lua_Number)index == number ? index : 0;
}

/* [-2, +0|+1, m] The first key and value of the table are above it. Sets `length` if the keys are 1 to `length`. */
static bool check_indices(struct encoder *e, const struct level *level, bool marked, int *length)
{
	lua_State *L = e->L;
	int count = 0;
	int largest = 0;
	do {
		int index = to_index(L);
		if (index == 0 && marked)
			return fail(e, level->parent, "an array with a key other than 1 to n is not JSON");
		if (index == 0)
			return fail(e, level->parent, lua_type(L, -2) == LUA_TSTRING ? MIXED_KEYS : WRONG_KEY);
		if (index > largest)
			largest = index;
		count++;
		lua_pop(L, 1);
	} while (lua_next(L, -2));
	*length = count;
	return largest == count || fail(e, level->parent, "a sparse array is not JSON");
}

/* [-0, +0|+1, m] The elements of the table at the top of the stack. */
static bool put_elements(struct encoder *e, struct level *level, int length)
{
	for (int i = 1; i <= length; i++) {
		level->index = i;
		if (i > 1 && !put_byte(e, ','))
			return false;
		lua_rawgeti(e->L, -1, i);
		if (!encode_value(e, level))
			return false;
		lua_pop(e->L, 1);
	}
	return true;
}

/* [-2, +0|+1, m] The members of the table, whose first key and value are above it. */
static bool put_members(struct encoder *e, struct level *level)
{
	lua_State *L = e->L;
	bool first = true;
	level->key = lua_gettop(L) - 1;
	do {
		if (lua_type(L, -2) != LUA_TSTRING)
			return fail(e, level->parent, lua_type(L, -2) == LUA_TNUMBER ? MIXED_KEYS : WRONG_KEY);
		if (!first && !put_byte(e, ','))
			return false;
		first = false;
		if (!put_string(e, level->parent, -2, "invalid UTF-8 in a key") || !put_byte(e, ':'))
			return false;
		if (!encode_value(e, level))
			return false;
		lua_pop(L, 1);
	} while (lua_next(L, -2));
	return true;
}

/* [-0, +0|+1, m] Writes the table at the top of the stack. */
static bool put_table(struct encoder *e, const struct level *parent)
{
	lua_State *L = e->L;
	struct level level = {.parent = parent, .table = lua_topointer(L, -1)};
	int depth = 1;
	for (const struct level *outer = parent; outer != NULL; outer = outer->parent, depth++)
		if (outer->table == level.table)
			return fail(e, parent, "a cycle: this table holds itself");
	if (depth > JSON_MAX_DEPTH)
		return fail(e, parent, "nested deeper than 1000");
	if (!lua_checkstack(L, SLOTS_PER_TABLE))
		return fail_buffer(e, BUFFER_NO_MEMORY);
	bool marked = is_marked(e);
	int length = 0;
	lua_pushnil(L);
	if (!lua_next(L, -2))
		return put(e, marked ? "[]" : "{}", 2);
	if (!marked && lua_type(L, -2) != LUA_TNUMBER)
		return put_byte(e, '{') && put_members(e, &level) && put_byte(e, '}');
	return check_indices(e, &level, marked, &length) && put_byte(e, '[') && put_elements(e, &level, length) &&
	       put_byte(e, ']');
}

/* [-0, +0|+1, m] Writes the value at the top of the stack, the child that `level` tells. */
static bool encode_value(struct encoder *e, const struct level *level)
{
	lua_State *L = e->L;
	int type = lua_type(L, -1);
	char message[64];
	switch (type) {
	case LUA_TSTRING:
		return put_string(e, level, -1, "invalid UTF-8 in a string");
	case LUA_TNUMBER:
		return put_number(e, level);
	case LUA_TTABLE:
		return put_table(e, level);
	case LUA_TBOOLEAN:
		return lua_toboolean(L, -1) ? put(e, "true", 4) : put(e, "false", 5);
	case LUA_TLIGHTUSERDATA:
		if (lua_touserdata(L, -1) == NULL)
			return put(e, "null", 4);
	}
	snprintf(message, sizeof message, "a %s is not JSON", lua_typename(L, type));
	return fail(e, level, type == LUA_TNIL ? "nil is not JSON" : message);
}

int json_encode(lua_State *L, int index, struct buffer *out, const char *root)
{
	int top = lua_gettop(L);
	struct encoder e = {.L = L, .out = out, .root = root, .metatable = top + 1};
	index = lua_absindex(L, index);
	json_push_array_metatable(L);
	lua_pushvalue(L, index);
	if (encode_value(&e, NULL)) {
		lua_settop(L, top);
		return 1;
	}
	lua_replace(L, top + 1);
	lua_settop(L, top + 1);
	return 0;
}
