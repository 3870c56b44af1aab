/*
** Writes into the caller's buffer as it walks the value; owns nothing. Tables
** are read raw, so no code of the program runs in between (but finalizers).
** Functions that return false have pushed a message, which goes up unchanged.
*/
#include "json/encode.h"

#include "json/array.h"
#include "json/bytes.h"
#include "json/number.h"
#include "json/path.h"
#include "json/tape.h"

#include <math.h>
#include <stdlib.h>

/* Slots that each table takes or asks for, those of an error message included. */
#define SLOTS_PER_TABLE 10

#define MIXED_KEYS "a table with both string keys and indices is not JSON"
#define WRONG_KEY "a table with a key that is neither string nor index is not JSON"

struct encoder {
	lua_State *L;
	struct buffer *out;
	const char *root;
	struct json_style style;
	int depth; /* of open arrays and objects */
};

static bool put_value(struct encoder *e, const struct json_level *level);

/* [-0, +1, m] */
static bool fail(struct encoder *e, const struct json_level *level, const char *message)
{
	json_push_fault(e->L, e->root, level, message);
	return false;
}

/* ----- writing ----- */

/* [-0, +0|+1, m] */
static char *make_room(struct encoder *e, size_t length)
{
	struct buffer *out = e->out;
	char text[64];
	switch (buffer_reserve(out, length)) {
	case BUFFER_OK:
		return out->data + out->length;
	case BUFFER_NO_MEMORY:
		luaL_error(e->L, "out of memory");
		break;
	case BUFFER_FULL:
		snprintf(text, sizeof text, "larger than %zu bytes", out->limit);
		lua_pushstring(e->L, text);
	}
	return NULL;
}

/* [-0, +0|+1, m] room for so many bytes at the end; NULL: there is none */
static inline char *reserve(struct encoder *e, size_t length)
{
	struct buffer *out = e->out;
	if (LIKELY(out->capacity - out->length > length && out->limit - out->length >= length))
		return out->data + out->length;
	return make_room(e, length);
}

static bool put(struct encoder *e, const char *bytes, size_t length)
{
	char *end = reserve(e, length);
	if (end == NULL)
		return false;
	memcpy(end, bytes, length);
	e->out->length += length;
	return true;
}

static inline bool put_byte(struct encoder *e, char byte)
{
	char *end = reserve(e, 1);
	if (end == NULL)
		return false;
	*end = byte;
	e->out->length++;
	return true;
}

/* Begins a line of the depth. */
static bool put_new_line(struct encoder *e)
{
	size_t length = (size_t)e->style.indent * (size_t)e->depth;
	if (!put_byte(e, '\n'))
		return false;
	char *end = reserve(e, length);
	if (end == NULL)
		return false;
	memset(end, ' ', length);
	e->out->length += length;
	return true;
}

static inline bool put_line(struct encoder *e)
{
	return e->style.indent == 0 || put_new_line(e);
}

/* ----- strings and numbers ----- */

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

/* Writes a string that is not plain, without its quotes. */
static bool put_special(struct encoder *e, const struct json_level *level, cursor p, cursor end, const char *error)
{
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
	return true;
}

/* Writes the string at the stack index `index`. */
static inline bool put_string(struct encoder *e, const struct json_level *level, int index, const char *error)
{
	size_t length;
	cursor bytes = (cursor)lua_tolstring(e->L, index, &length);
	char *end = reserve(e, length + 2);
	if (end == NULL)
		return false;
	*end = '"';
	if (LIKELY(copy_plain(end + 1, bytes, length))) {
		end[length + 1] = '"';
		e->out->length += length + 2;
		return true;
	}
	e->out->length++;
	return put_special(e, level, bytes, bytes + length, error) && put_byte(e, '"');
}

static bool put_integer(struct encoder *e, int64_t value)
{
	char text[JSON_NUMBER_SIZE];
	size_t length = json_number_format_integer(text, value);
	return put(e, text, length);
}

static bool put_number(struct encoder *e, const struct json_level *level)
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
	size_t length = json_number_format(text, number);
	return put(e, text, length);
}

/* ----- objects: `level` is the table, the path to it is that of `level->parent` ----- */

/* [-0, +0|+1, m] Writes the member whose key and value are at the top. */
static inline bool put_member(struct encoder *e, const struct json_level *level, bool first)
{
	if ((!first && !put_byte(e, ',')) || !put_line(e))
		return false;
	if (!put_string(e, level->parent, -2, "invalid UTF-8 in a key") || !put_byte(e, ':'))
		return false;
	return (e->style.indent == 0 || put_byte(e, ' ')) && put_value(e, level);
}

static bool check_key(struct encoder *e, const struct json_level *level)
{
	int type = lua_type(e->L, -2);
	return type == LUA_TSTRING || fail(e, level->parent, type == LUA_TNUMBER ? MIXED_KEYS : WRONG_KEY);
}

/* [-2, +0|+1, m] The members of the table, whose first key and value are above it. */
static bool put_members(struct encoder *e, struct json_level *level)
{
	lua_State *L = e->L;
	bool first = true;
	level->key = lua_gettop(L) - 1;
	do {
		if (!check_key(e, level) || !put_member(e, level, first))
			return false;
		first = false;
		lua_pop(L, 1);
	} while (lua_next(L, -2));
	return true;
}

struct sorted_key {
	const char *bytes;
	size_t length;
	int place; /* in the list of keys */
};

static int compare_keys(const void *a, const void *b)
{
	const struct sorted_key *x = a, *y = b;
	int order = memcmp(x->bytes, y->bytes, x->length < y->length ? x->length : y->length);
	return order != 0 ? order : (x->length > y->length) - (x->length < y->length);
}

/* [-2, +1|+1, m] Puts the keys of the table, whose first key and value are above it, in a list there, which keeps them
** alive; or fails. */
static bool list_keys(struct encoder *e, const struct json_level *level, int *count)
{
	lua_State *L = e->L;
	int table = lua_gettop(L) - 2;
	lua_newtable(L);
	lua_insert(L, table + 1);
	*count = 0;
	do {
		if (!check_key(e, level))
			return false;
		lua_pop(L, 1);
		lua_pushvalue(L, -1);
		lua_rawseti(L, table + 1, ++*count);
	} while (lua_next(L, table));
	return true;
}

/* [-2, +2|+1, m] As put_members, in the order of the keys; leaves two values of its own. */
static bool put_sorted_members(struct encoder *e, struct json_level *level)
{
	lua_State *L = e->L;
	int table = lua_gettop(L) - 2, list = table + 1, count;
	if (!list_keys(e, level, &count))
		return false;
	struct sorted_key *keys = lua_newuserdatauv(L, (size_t)count * sizeof *keys, 0);
	for (int i = 0; i < count; i++) {
		lua_rawgeti(L, list, i + 1);
		keys[i].bytes = lua_tolstring(L, -1, &keys[i].length);
		keys[i].place = i + 1;
		lua_pop(L, 1);
	}
	qsort(keys, (size_t)count, sizeof *keys, compare_keys);
	level->key = lua_gettop(L) + 1;
	for (int i = 0; i < count; i++) {
		lua_rawgeti(L, list, keys[i].place);
		lua_pushvalue(L, -1);
		lua_rawget(L, table);
		if (!put_member(e, level, i == 0))
			return false;
		lua_pop(L, 2);
	}
	return true;
}

/* ----- arrays ----- */

/* [-0, +0|+1, m] Writes the element at the top. */
static inline bool put_element(struct encoder *e, struct json_level *level, int index)
{
	level->index = index;
	return (index == 1 || put_byte(e, ',')) && put_line(e) && put_value(e, level);
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
static bool check_indices(struct encoder *e, const struct json_level *level, bool marked, int *length)
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

/* [-0, +0|+1, m] The elements of the table at the top, if its keys are 1 to n in any order. */
static bool put_unordered_elements(struct encoder *e, struct json_level *level, bool marked)
{
	lua_State *L = e->L;
	int length;
	lua_pushnil(L);
	lua_next(L, -2);
	if (!check_indices(e, level, marked, &length))
		return false;
	for (int i = 1; i <= length; i++) {
		lua_rawgeti(L, -1, i);
		if (!put_element(e, level, i))
			return false;
		lua_pop(L, 1);
	}
	return true;
}

/* [-2, +0|+1, m] The elements of the table, whose first key and value are above it. Nearly always lua_next gives them
 *in
 ** their order, so they are written at once; where it does not, that is taken back. */
static bool put_elements(struct encoder *e, struct json_level *level, bool marked)
{
	lua_State *L = e->L;
	size_t start = e->out->length;
	int index = 0;
	do {
		if (to_index(L) != ++index) {
			lua_pop(L, 2);
			e->out->length = start;
			return put_unordered_elements(e, level, marked);
		}
		if (!put_element(e, level, index))
			return false;
		lua_pop(L, 1);
	} while (lua_next(L, -2));
	return true;
}

/* ----- values ----- */

/* Is the table none that holds itself, nor too deep, and is there stack for it? */
static bool check_table(struct encoder *e, const struct json_level *level)
{
	for (const struct json_level *outer = level->parent; outer != NULL; outer = outer->parent)
		if (outer->table == level->table)
			return fail(e, level->parent, "a cycle: this table holds itself");
	if (e->depth == JSON_MAX_DEPTH)
		return fail(e, level->parent, "nested deeper than 1000");
	luaL_checkstack(e->L, SLOTS_PER_TABLE, "out of memory");
	return true;
}

/* [-0, +0|+1, m] Writes the table at the top of the stack. */
static bool put_table(struct encoder *e, const struct json_level *parent)
{
	lua_State *L = e->L;
	int table = lua_gettop(L);
	struct json_level level = {.parent = parent, .table = lua_topointer(L, -1)};
	if (!check_table(e, &level))
		return false;
	enum json_mark mark = json_mark(L, table);
	if (mark == JSON_FOREIGN)
		return fail(e, parent, JSON_FOREIGN_MESSAGE);
	lua_pushnil(L);
	if (!lua_next(L, table))
		return put(e, mark == JSON_ARRAY ? "[]" : "{}", 2);
	bool is_array = mark == JSON_ARRAY || (mark == JSON_UNMARKED && lua_type(L, -2) == LUA_TNUMBER);
	e->depth++;
	if (!put_byte(e, is_array ? '[' : '{') || !(is_array ? put_elements(e, &level, mark == JSON_ARRAY)
							  : e->style.sort_keys ? put_sorted_members(e, &level)
									       : put_members(e, &level)))
		return false;
	e->depth--;
	lua_settop(L, table);
	return put_line(e) && put_byte(e, is_array ? ']' : '}');
}

/* [-0, +1, m] */
static bool fail_type(struct encoder *e, const struct json_level *level, int type)
{
	char message[64];
	snprintf(message, sizeof message, "a %s is not JSON", lua_typename(e->L, type));
	return fail(e, level, type == LUA_TNIL ? "nil is not JSON" : message);
}

/* [-0, +0|+1, m] Writes the value at the top of the stack, the child that `level` tells. */
static bool put_value(struct encoder *e, const struct json_level *level)
{
	lua_State *L = e->L;
	int type = lua_type(L, -1);
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
	return fail_type(e, level, type);
}

bool json_encode(lua_State *L, int index, struct buffer *out, const char *root, const struct json_style *style)
{
	int top = lua_gettop(L);
	struct encoder e = {.L = L, .out = out, .root = root};
	if (style != NULL)
		e.style = *style;
	lua_pushvalue(L, index);
	bool encoded = put_value(&e, NULL);
	if (!encoded)
		lua_replace(L, top + 1);
	lua_settop(L, encoded ? top : top + 1);
	return encoded;
}
