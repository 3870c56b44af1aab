#include "binding/check.h"

#include "http/url.h"

#include <stdio.h>
#include <string.h>

bool check_misuse(struct builder *b)
{
	b->status = REQUEST_MISUSE;
	return false;
}

bool check_invalid(struct builder *b)
{
	b->status = REQUEST_INVALID;
	return false;
}

bool check_took(struct builder *b, enum buffer_status status, const char *what)
{
	if (status == BUFFER_OK)
		return true;
	if (status == BUFFER_NO_MEMORY)
		return luaL_error(b->L, "out of memory");
	lua_pushfstring(b->L, "%s is too large", what);
	return check_invalid(b);
}

/* ----- the path ----- */

static size_t extend(struct builder *b, int added)
{
	size_t before = b->path_length;
	size_t room = CHECK_PATH_SIZE - 1 - before;
	b->path_length += (size_t)added < room ? (size_t)added : room;
	return before;
}

size_t check_enter(struct builder *b, const char *name)
{
	char *end = b->path + b->path_length;
	return extend(b, snprintf(end, CHECK_PATH_SIZE - b->path_length, "%s%s", b->path_length > 0 ? "." : "", name));
}

size_t check_enter_item(struct builder *b, int index)
{
	return extend(b, snprintf(b->path + b->path_length, CHECK_PATH_SIZE - b->path_length, "[%d]", index));
}

void check_leave(struct builder *b, size_t way_back)
{
	b->path_length = way_back;
	b->path[way_back] = '\0';
}

/* ----- types ----- */

bool check_is_null(lua_State *L, int index)
{
	return lua_type(L, index) == LUA_TLIGHTUSERDATA && lua_touserdata(L, index) == NULL;
}

/* Integers that this Lua's numbers cannot hold travel as their digits. */
static bool is_digits(lua_State *L, int index)
{
	size_t length;
	if (lua_type(L, index) != LUA_TSTRING)
		return false;
	const char *text = lua_tolstring(L, index, &length);
	size_t sign = *text == '-';
	return length > sign && length < 21 && sign + strspn(text + sign, "0123456789") == length &&
	       (text[sign] != '0' || length == sign + 1);
}

bool check_is_integer(lua_State *L, int index)
{
	if (lua_type(L, index) != LUA_TNUMBER)
		return is_digits(L, index);
#if COMPAT_HAS_INTEGERS
	if (lua_isinteger(L, index))
		return true;
#endif
	lua_Number number = lua_tonumber(L, index);
	return number >= -(lua_Number)COMPAT_EXACT_DOUBLE && number <= (lua_Number)COMPAT_EXACT_DOUBLE &&
	       number == (lua_Number)(int64_t)number;
}

bool check_has_type(lua_State *L, int index, const struct field *field)
{
	int type = lua_type(L, index);
	switch ((enum field_type)(field->type & FIELD_TYPE)) {
	case FIELD_STRING:
	case FIELD_UUID:
		return type == LUA_TSTRING;
	case FIELD_INTEGER:
	case FIELD_NANOSECONDS:
		return check_is_integer(L, index);
	case FIELD_NUMBER:
		return type == LUA_TNUMBER;
	case FIELD_BOOLEAN:
		return type == LUA_TBOOLEAN;
	case FIELD_TIME:
		return type == LUA_TSTRING || type == LUA_TNUMBER;
	case FIELD_OBJECT:
		return type == LUA_TTABLE;
	default:
		return true;
	}
}

size_t check_format_integer(lua_State *L, int index, char text[JSON_NUMBER_SIZE])
{
#if COMPAT_HAS_INTEGERS
	return json_number_format_integer(text, lua_tointeger(L, index));
#else
	return json_number_format_integer(text, (int64_t)lua_tonumber(L, index));
#endif
}

bool check_format_time(struct builder *b, int index, char text[RFC3339_SIZE])
{
	if (rfc3339_format(lua_tonumber(b->L, index), text))
		return true;
	lua_pushfstring(b->L, "%s: not a time of the years 0 to 9999", b->path);
	return check_invalid(b);
}

const char *check_push_actual(lua_State *L, int index)
{
	if (lua_isnoneornil(L, index))
		return lua_pushfstring(L, "nil");
	if (check_is_null(L, index))
		return lua_pushfstring(L, "null");
	return lua_pushfstring(L, "a %s", luaL_typename(L, index));
}

/* The member that a table of the schema is made for where it must have none. */
static const struct field *main_field(const struct schema *schema)
{
	const struct field *input = schema_field(schema, "input", strlen("input"));
	if (input != NULL || schema->fields == NULL)
		return input;
	return schema->fields[0].name != NULL && schema->fields[1].name == NULL ? schema->fields : NULL;
}

static void add_shape(luaL_Buffer *text, const struct field *field, bool *first)
{
	luaL_addstring(text, *first ? "{ " : ", ");
	luaL_addstring(text, field->name);
	luaL_addstring(text, " = ...");
	*first = false;
}

/* [-0, +1, m] "{ name = ... }" */
static const char *push_members(lua_State *L, const struct schema *schema)
{
	luaL_Buffer text;
	bool first = true;
	luaL_buffinit(L, &text);
	for (const struct schema *part = schema; part != NULL; part = part->base)
		for (const struct field *field = part->fields; field != NULL && field->name != NULL; field++)
			if (field->type & FIELD_REQUIRED)
				add_shape(&text, field, &first);
	const struct field *field = first && schema != NULL ? main_field(schema) : NULL;
	if (field != NULL)
		add_shape(&text, field, &first);
	if (!first)
		luaL_addstring(&text, " }");
	luaL_pushresult(&text);
	return lua_tostring(L, -1);
}

const char *check_push_shape(lua_State *L, const struct schema *schema, bool is_list)
{
	const char *members = push_members(L, schema);
	const char *format = *members == '\0' ? "" : is_list ? ", as { %s }" : ", as %s";
	return lua_pushfstring(L, format, members);
}

const char *check_push_note(lua_State *L, const struct field *field)
{
	return lua_pushfstring(L, field->note != NULL ? " (%s)" : "", field->note);
}

static const char *push_shape_of(lua_State *L, const struct field *field, bool is_list)
{
	return check_push_shape(L, (field->type & FIELD_TYPE) == FIELD_OBJECT ? field->of : NULL, is_list);
}

/* [-0, +1, m] what a field takes: "a list of strings" */
static const char *push_expected(lua_State *L, const struct field *field)
{
	unsigned type = field->type & FIELD_TYPE;
	if (field->type & FIELD_LIST)
		return lua_pushfstring(L, "a list of %s", field_words[type].many);
	if (field->type & FIELD_MAP)
		return lua_pushfstring(L, "a table of %s", field_words[type].many);
	return lua_pushfstring(L, "%s", field_words[type].one);
}

bool check_refuse_type(struct builder *b, const struct field *field, int index)
{
	const char *actual = check_push_actual(b->L, index);
	const char *expected = push_expected(b->L, field);
	const char *shape = push_shape_of(b->L, field, field->type & FIELD_LIST);
	const char *note = check_push_note(b->L, field);
	bool is_list = lua_type(b->L, index) == LUA_TTABLE && field->type & FIELD_LIST;
	lua_pushfstring(b->L, "'%s' must be %s, not %s%s%s%s", b->path, expected, actual, is_list ? " with names" : "",
		shape, note);
	return check_misuse(b);
}

bool check_refuse_item(struct builder *b, const struct field *field, int index, int item)
{
	const char *actual = check_push_actual(b->L, index);
	const char *expected = push_expected(b->L, field);
	const char *shape = push_shape_of(b->L, field, true);
	lua_pushfstring(b->L, "'%s' must be %s; item %d is %s%s", b->path, expected, item, actual, shape);
	return check_misuse(b);
}

/* ----- names ----- */

/* [-0, +1, m] all names of a schema, with commas */
static const char *push_known(lua_State *L, const struct schema *schema)
{
	luaL_Buffer list;
	const char *separator = "";
	luaL_buffinit(L, &list);
	for (; schema != NULL; schema = schema->base)
		for (const struct field *field = schema->fields; field != NULL && field->name != NULL; field++) {
			luaL_addstring(&list, separator);
			luaL_addstring(&list, field->name);
			separator = ", ";
		}
	luaL_pushresult(&list);
	return lua_tostring(L, -1);
}

/* [-0, +1, m] what is said of an unknown name behind the name itself */
static const char *push_advice(struct builder *b, const struct schema *schema, const char *name)
{
	lua_State *L = b->L;
	struct hint hint = schema_hint(schema, name, b->path_length == 0);
	switch (hint.kind) {
	case HINT_NAME:
		if (strcmp(hint.name, "end") == 0) /* a word of Lua */
			return lua_pushfstring(L, "did you mean [\"end\"]?");
		return lua_pushfstring(L, "did you mean '%s'?", hint.name);
	case HINT_MEMBER:
		return lua_pushfstring(L, "it goes into %s = { ... }", hint.name);
	case HINT_INPUT:
		return lua_pushfstring(L, "the input goes into input = { ... }");
	case HINT_OPTION:
		return lua_pushfstring(L, "%s is an option: %s argument", name,
			url_path_values(b->transfer->endpoint->path) == 0 ? "second" : "third");
	default:
		if (schema->fields == NULL)
			return lua_pushfstring(L, "this operation takes no parameters");
		return lua_pushfstring(L, "known are %s", push_known(L, schema));
	}
}

static bool refuse_name(struct builder *b, const struct schema *schema, const char *name)
{
	const char *advice = push_advice(b, schema, name);
	if (b->path_length == 0)
		lua_pushfstring(b->L, "unknown name '%s'; %s", name, advice);
	else
		lua_pushfstring(b->L, "%s.%s: unknown name; %s", b->path, name, advice);
	return check_misuse(b);
}

bool check_names(struct builder *b, int table, const struct schema *schema)
{
	lua_State *L = b->L;
	const char *separator = b->path_length > 0 ? ": " : "";
	lua_pushnil(L);
	while (lua_next(L, table) != 0) {
		lua_pop(L, 1);
		if (lua_type(L, -1) != LUA_TSTRING) {
			lua_pushfstring(
				L, "%s%snames must be strings, not a %s", b->path, separator, luaL_typename(L, -1));
			return check_misuse(b);
		}
		size_t length;
		const char *name = lua_tolstring(L, -1, &length);
		if (strlen(name) != length) {
			lua_pushfstring(
				L, "%s%sthe name that begins with '%s' holds a NUL byte", b->path, separator, name);
			return check_misuse(b);
		}
		if (!b->open && schema_field(schema, name, length) == NULL)
			return refuse_name(b, schema, name);
	}
	return true;
}
