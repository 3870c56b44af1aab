/*
** The members of a table are written in the order of its schema, whatever their
** order in the table; the tables are read raw and stay as they are.
*/
#include "binding/body.h"

#include "json/array.h"
#include "json/encode.h"

#include <string.h>

#define SLOTS_PER_TABLE 16

static bool put(struct builder *b, const char *bytes, size_t length)
{
	return check_took(b, buffer_append(&b->transfer->request_body, bytes, length), "the body");
}

static bool put_text(struct builder *b, const char *text)
{
	return put(b, text, strlen(text));
}

/* Writes the value at `index`, whatever it is. */
static bool put_any(struct builder *b, int index)
{
	return json_encode(b->L, index, &b->transfer->request_body, b->path, NULL) || check_invalid(b);
}

static bool put_time(struct builder *b, int index)
{
	char text[RFC3339_SIZE];
	return check_format_time(b, index, text) && put_text(b, "\"") && put_text(b, text) && put_text(b, "\"");
}

/* An integer may come as its digits, or as a float that is whole. */
static bool put_integer(struct builder *b, int index)
{
	char text[JSON_NUMBER_SIZE];
	if (lua_type(b->L, index) == LUA_TSTRING)
		return put_text(b, lua_tostring(b->L, index));
	return put(b, text, check_format_integer(b->L, index, text));
}

static bool is_uuid(const char *text, size_t length)
{
	size_t digits = 0;
	for (size_t i = 0; i < length; i++)
		if (strchr("0123456789abcdefABCDEF", text[i]) != NULL && text[i] != '\0')
			digits++;
		else if (text[i] != '-')
			return false;
	return digits == 32;
}

static bool put_uuid(struct builder *b, int index)
{
	size_t length;
	const char *text = lua_tolstring(b->L, index, &length);
	if (is_uuid(text, length))
		return put_any(b, index);
	lua_pushfstring(b->L, "%s: '%s' is no UUID: ids are needed here, not names", b->path, text);
	return check_invalid(b);
}

/* Writes the value at `index`, which has the type of the field but is no list or map of it. */
static bool put_single(struct builder *b, const struct field *field, int index)
{
	unsigned type = field->type & FIELD_TYPE;
	if (type == FIELD_OBJECT && field->of != NULL)
		return body_put(b, index, field->of);
	if (type == FIELD_TIME && lua_type(b->L, index) == LUA_TNUMBER)
		return put_time(b, index);
	if (type == FIELD_INTEGER)
		return put_integer(b, index);
	if (type == FIELD_UUID)
		return put_uuid(b, index);
	return put_any(b, index);
}

/* No other library has its own way of writing the table. */
static bool check_mark(struct builder *b, int table)
{
	if (json_mark(b->L, table) != JSON_FOREIGN)
		return true;
	lua_pushfstring(b->L, "%s%s%s", b->path, *b->path != '\0' ? ": " : "", JSON_FOREIGN_MESSAGE);
	return check_invalid(b);
}

/* The keys of the table are 1 to n. */
static bool check_list(struct builder *b, const struct field *field, int table)
{
	lua_State *L = b->L;
	size_t count = 0;
	lua_pushnil(L);
	for (; lua_next(L, table) != 0; count++) {
		lua_pop(L, 1);
		if (lua_type(L, -1) != LUA_TNUMBER)
			return check_refuse_type(b, field, table);
	}
	if (count == compat_rawlen(L, table))
		return true;
	lua_pushfstring(L, "%s: a sparse array is not JSON", b->path);
	return check_invalid(b);
}

static bool put_list(struct builder *b, const struct field *field, int table)
{
	lua_State *L = b->L;
	int length = (int)compat_rawlen(L, table);
	if (!check_list(b, field, table) || !put_text(b, "["))
		return false;
	for (int i = 1; i <= length; i++) {
		lua_rawgeti(L, table, i);
		int item = lua_gettop(L);
		if (!check_has_type(L, item, field))
			return check_refuse_item(b, field, item, i);
		size_t way_back = check_enter_item(b, i);
		if ((i > 1 && !put_text(b, ",")) || !put_single(b, field, item))
			return false;
		check_leave(b, way_back);
		lua_pop(L, 1);
	}
	return put_text(b, "]");
}

/* Writes what stands before the value of a member, whose name is at `key`. */
static bool put_key(struct builder *b, int key, bool *first)
{
	bool separated = *first || put_text(b, ",");
	*first = false;
	return separated && put_any(b, key) && put_text(b, ":");
}

static bool put_map(struct builder *b, const struct field *field, int table)
{
	lua_State *L = b->L;
	bool first = true;
	const struct field single = {.type = field->type & FIELD_TYPE, .of = field->of};
	if (!put_text(b, "{"))
		return false;
	lua_pushnil(L);
	while (lua_next(L, table) != 0) {
		int value = lua_gettop(L);
		if (lua_type(L, value - 1) != LUA_TSTRING) {
			lua_pushfstring(L, "%s: names must be strings, not a %s", b->path, luaL_typename(L, value - 1));
			return check_misuse(b);
		}
		if (!put_key(b, value - 1, &first))
			return false;
		size_t way_back = check_enter(b, lua_tostring(L, value - 1));
		if (!check_has_type(L, value, &single))
			return check_refuse_type(b, &single, value);
		if (!put_single(b, &single, value))
			return false;
		check_leave(b, way_back);
		lua_pop(L, 1);
	}
	return put_text(b, "}");
}

static bool put_value(struct builder *b, const struct field *field, int index)
{
	lua_State *L = b->L;
	if (check_is_null(L, index))
		return put_text(b, "null");
	if (field->type & (FIELD_LIST | FIELD_MAP)) {
		if (lua_type(L, index) != LUA_TTABLE)
			return check_refuse_type(b, field, index);
		luaL_checkstack(L, SLOTS_PER_TABLE, NULL);
		if (!check_mark(b, index))
			return false;
		return field->type & FIELD_LIST ? put_list(b, field, index) : put_map(b, field, index);
	}
	return check_has_type(L, index, field) ? put_single(b, field, index) : check_refuse_type(b, field, index);
}

static bool put_member(struct builder *b, const struct field *field, int table, bool *first)
{
	lua_State *L = b->L;
	int key = lua_gettop(L) + 1;
	lua_pushstring(L, field->name);
	lua_pushvalue(L, key);
	lua_rawget(L, table);
	bool is_missing = lua_isnil(L, key + 1);
	if (!is_missing || field->type & FIELD_REQUIRED) {
		size_t way_back = check_enter(b, field->name);
		if (is_missing) {
			lua_pushfstring(L, "'%s' is required%s", b->path, check_push_note(L, field));
			return check_misuse(b);
		}
		if (!put_key(b, key, first) || !put_value(b, field, key + 1))
			return false;
		check_leave(b, way_back);
	}
	lua_settop(L, key - 1);
	return true;
}

/* The members that the schema does not have. */
static bool put_unknown(struct builder *b, const struct schema *schema, int table, bool *first)
{
	lua_State *L = b->L;
	lua_pushnil(L);
	while (lua_next(L, table) != 0) {
		int value = lua_gettop(L);
		size_t length;
		const char *name = lua_tolstring(L, value - 1, &length);
		if (schema_field(schema, name, length) == NULL) {
			size_t way_back = check_enter(b, name);
			if (!put_key(b, value - 1, first) || !put_any(b, value))
				return false;
			check_leave(b, way_back);
		}
		lua_pop(L, 1);
	}
	return true;
}

bool body_put(struct builder *b, int index, const struct schema *schema)
{
	bool first = true;
	luaL_checkstack(b->L, SLOTS_PER_TABLE, NULL);
	if (!check_mark(b, index) || !check_names(b, index, schema) || !put_text(b, "{"))
		return false;
	for (const struct schema *part = schema; part != NULL; part = part->base)
		for (const struct field *field = part->fields; field != NULL && field->name != NULL; field++)
			if (!put_member(b, field, index, &first))
				return false;
	return (!b->open || put_unknown(b, schema, index, &first)) && put_text(b, "}");
}
