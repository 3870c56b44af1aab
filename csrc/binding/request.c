#include "binding/request.h"

#include "http/url.h"
#include "json/encode.h"

#include <string.h>

#define REQUEST_LIMIT ((size_t)64 * 1024 * 1024)
#define QUERY_LIMIT ((size_t)1024 * 1024)

static const char *const type_names[] = {
	[FIELD_STRING] = "a string",
	[FIELD_INTEGER] = "an integer",
	[FIELD_NUMBER] = "a number",
	[FIELD_BOOLEAN] = "a boolean",
	[FIELD_STRINGS] = "a list of strings",
	[FIELD_OBJECT] = "a table",
};

static bool is_null(lua_State *L, int index)
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
	return length > sign && length < 21 && sign + strspn(text + sign, "0123456789") == length;
}

static bool is_integer(lua_State *L, int index)
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

static bool has_type(lua_State *L, int index, enum field_type type)
{
	switch (type) {
	case FIELD_STRING:
		return lua_type(L, index) == LUA_TSTRING;
	case FIELD_INTEGER:
		return is_integer(L, index);
	case FIELD_NUMBER:
		return lua_type(L, index) == LUA_TNUMBER;
	case FIELD_BOOLEAN:
		return lua_type(L, index) == LUA_TBOOLEAN;
	case FIELD_STRINGS:
	case FIELD_OBJECT:
		return lua_type(L, index) == LUA_TTABLE;
	}
	return false;
}

/* [-0, +1, m] */
static bool refuse_type(lua_State *L, const char *name, enum field_type type, int index)
{
	lua_pushfstring(L, "'%s' must be %s, not a %s", name, type_names[type],
		is_null(L, index) ? "null" : luaL_typename(L, index));
	return false;
}

/* [-0, +1, m] */
static bool refuse_name(lua_State *L, const struct field *fields, const char *name)
{
	const char *meant = endpoint_suggest(fields, name);
	if (meant != NULL) {
		lua_pushfstring(L, "unknown name '%s'; did you mean '%s'?", name, meant);
		return false;
	}
	if (fields->name == NULL) {
		lua_pushfstring(L, "unknown name '%s'; this operation takes no parameters", name);
		return false;
	}
	luaL_Buffer list;
	luaL_buffinit(L, &list);
	luaL_addstring(&list, "unknown name '");
	luaL_addstring(&list, name);
	luaL_addstring(&list, "'; known are ");
	for (const struct field *field = fields; field->name != NULL; field++) {
		if (field != fields)
			luaL_addstring(&list, ", ");
		luaL_addstring(&list, field->name);
	}
	luaL_pushresult(&list);
	return false;
}

/* [-0, +1, m] the buffer's complaint; raises where memory ended */
static bool refuse_size(lua_State *L, enum buffer_status status, const char *what)
{
	if (status == BUFFER_NO_MEMORY)
		luaL_error(L, "out of memory");
	lua_pushfstring(L, "%s is too large", what);
	return false;
}

/* [-0, +0|+1, m] checks that the keys of the table are names, known ones unless `open` */
static bool check_names(lua_State *L, int table, const struct field *fields, bool open)
{
	lua_pushnil(L);
	while (lua_next(L, table) != 0) {
		lua_pop(L, 1);
		if (lua_type(L, -1) != LUA_TSTRING) {
			lua_pushfstring(L, "names must be strings, not a %s", luaL_typename(L, -1));
			lua_replace(L, -2);
			return false;
		}
		if (!open && endpoint_field(fields, lua_tostring(L, -1)) == NULL) {
			refuse_name(L, fields, lua_tostring(L, -1));
			lua_replace(L, -2);
			return false;
		}
	}
	return true;
}

/* [-0, +0|+1, m] appends one parameter with the scalar or the JSON text at `index` */
static bool add_scalar(lua_State *L, struct transfer *transfer, const char *name, int index)
{
	char digits[32];
	struct url_value value;
	switch (lua_type(L, index)) {
	case LUA_TSTRING:
		value.bytes = lua_tolstring(L, index, &value.length);
		break;
	case LUA_TBOOLEAN:
		value.bytes = lua_toboolean(L, index) ? "true" : "false";
		value.length = strlen(value.bytes);
		break;
	default:
#if COMPAT_HAS_INTEGERS
		value.length = (size_t)snprintf(digits, sizeof digits, "%lld", (long long)lua_tointeger(L, index));
#else
		value.length = (size_t)snprintf(digits, sizeof digits, "%.0f", lua_tonumber(L, index));
#endif
		value.bytes = digits;
	}
	enum buffer_status status = url_append_query(&transfer->url, name, value);
	return status == BUFFER_OK || refuse_size(L, status, "the query");
}

/* [-0, +0|+1, m] */
static bool add_list(lua_State *L, struct transfer *transfer, const char *name, int index)
{
	size_t length = lua_rawlen(L, index);
	for (size_t i = 1; i <= length; i++) {
		lua_rawgeti(L, index, (int)i);
		if (lua_type(L, -1) != LUA_TSTRING) {
			lua_pushfstring(L, "'%s' must be a list of strings; item %d is a %s", name, (int)i,
				luaL_typename(L, -1));
			lua_replace(L, -2);
			return false;
		}
		if (!add_scalar(L, transfer, name, lua_gettop(L))) {
			lua_replace(L, -2);
			return false;
		}
		lua_pop(L, 1);
	}
	return true;
}

/* [-0, +0|+1, m] the JSON text of a table as the value: the request body's buffer is free, as a GET has none */
static bool add_object(lua_State *L, struct transfer *transfer, const char *name, int index)
{
	struct buffer *text = &transfer->request_body;
	text->limit = QUERY_LIMIT;
	if (!json_encode(L, index, text, name))
		return false;
	enum buffer_status status =
		url_append_query(&transfer->url, name, (struct url_value){text->data, text->length});
	buffer_reset(text, 0);
	return status == BUFFER_OK || refuse_size(L, status, "the query");
}

/* [-0, +0|+1, m] */
static bool add_parameter(lua_State *L, struct transfer *transfer, const struct field *field, int index)
{
	if (lua_isnil(L, index) || is_null(L, index))
		return true;
	if (field->type == FIELD_STRINGS && lua_type(L, index) == LUA_TSTRING)
		return add_scalar(L, transfer, field->name, index);
	if (!has_type(L, index, field->type))
		return refuse_type(L, field->name, field->type, index);
	if (field->type == FIELD_STRINGS)
		return add_list(L, transfer, field->name, index);
	if (field->type == FIELD_OBJECT)
		return add_object(L, transfer, field->name, index);
	return add_scalar(L, transfer, field->name, index);
}

/* [-0, +0|+1, m] parameters that the row does not know, as their Lua types suggest */
static bool add_unknown(lua_State *L, struct transfer *transfer, int table)
{
	lua_pushnil(L);
	while (lua_next(L, table) != 0) {
		const char *name = lua_tostring(L, -2);
		int type = lua_type(L, -1);
		struct field field = {.name = name, .type = FIELD_STRING};
		if (type == LUA_TTABLE)
			field.type = FIELD_STRINGS;
		else if (type == LUA_TBOOLEAN)
			field.type = FIELD_BOOLEAN;
		else if (type == LUA_TNUMBER)
			field.type = FIELD_INTEGER;
		if (endpoint_field(transfer->endpoint->query, name) == NULL &&
			!add_parameter(L, transfer, &field, lua_gettop(L))) {
			lua_insert(L, -3);
			lua_pop(L, 2);
			return false;
		}
		lua_pop(L, 1);
	}
	return true;
}

/* [-0, +0|+1, m] */
static bool build_query(lua_State *L, int table, struct transfer *transfer, bool open)
{
	const struct field *fields = transfer->endpoint->query;
	if (lua_isnoneornil(L, table))
		return true;
	if (!check_names(L, table, fields, open))
		return false;
	for (const struct field *field = fields; field->name != NULL; field++) {
		lua_pushstring(L, field->name);
		lua_rawget(L, table);
		if (!add_parameter(L, transfer, field, lua_gettop(L))) {
			lua_replace(L, -2);
			return false;
		}
		lua_pop(L, 1);
	}
	return !open || add_unknown(L, transfer, table);
}

/* [-0, +0|+1, m] checks the members of the body whose types are known */
static bool check_members(lua_State *L, int table, const struct field *fields)
{
	for (const struct field *field = fields; field->name != NULL; field++) {
		lua_pushstring(L, field->name);
		lua_rawget(L, table);
		int index = lua_gettop(L);
		if (!lua_isnil(L, index) && !is_null(L, index) && !has_type(L, index, field->type)) {
			refuse_type(L, field->name, field->type, index);
			lua_replace(L, -2);
			return false;
		}
		lua_pop(L, 1);
	}
	return true;
}

/* [-0, +0|+1, m] */
static bool build_body(lua_State *L, int table, struct transfer *transfer, bool open)
{
	struct buffer *body = &transfer->request_body;
	body->limit = REQUEST_LIMIT;
	if (lua_isnoneornil(L, table)) {
		enum buffer_status status = buffer_append_text(body, "{}");
		return status == BUFFER_OK || refuse_size(L, status, "the body");
	}
	const struct field *fields = transfer->endpoint->body;
	return check_names(L, table, fields, open) && check_members(L, table, fields) &&
	       json_encode(L, table, body, "");
}

/* [-0, +0|+1, m] */
static bool check_path_value(lua_State *L, int index, const struct endpoint *row)
{
	const char *name = strchr(row->path, '{') + 1;
	size_t length, size = strcspn(name, "}");
	char label[64];
	snprintf(label, sizeof label, "%.*s", (int)size, name);
	if (lua_type(L, index) != LUA_TSTRING) {
		lua_pushfstring(L, "%s must be a string, not a %s", label, luaL_typename(L, index));
		return false;
	}
	const char *value = lua_tolstring(L, index, &length);
	if (length == 0) {
		lua_pushfstring(L, "%s is empty", label);
		return false;
	}
	if (strcmp(value, ".") == 0 || strcmp(value, "..") == 0) {
		lua_pushfstring(L, "%s must not be '%s': it would change the path of the request", label, value);
		return false;
	}
	if (endpoint_is_reserved(row, value)) {
		lua_pushfstring(L,
			"%s '%s' is a route of the service: /v1/workflows/%s is another operation; "
			"address the workflow by its id",
			label, value, value);
		return false;
	}
	return true;
}

/* [-0, +0|+1, m] */
static bool build_url(lua_State *L, int first, size_t count, struct transfer *transfer, const char *server_url)
{
	struct url_value values[ENDPOINT_MAX_PATH_VALUES];
	for (size_t i = 0; i < count; i++) {
		if (!check_path_value(L, first + (int)i, transfer->endpoint))
			return false;
		values[i].bytes = lua_tolstring(L, first + (int)i, &values[i].length);
	}
	transfer->url.limit = QUERY_LIMIT;
	enum buffer_status status = buffer_append_text(&transfer->url, server_url);
	if (status == BUFFER_OK)
		status = url_append_path(&transfer->url, transfer->endpoint->path, values);
	return status == BUFFER_OK || refuse_size(L, status, "the path");
}

bool request_build(lua_State *L, int first, struct transfer *transfer, const char *server_url, bool open)
{
	const struct endpoint *row = transfer->endpoint;
	size_t count = url_path_values(row->path);
	int table = first + (int)count;
	if (!build_url(L, first, count, transfer, server_url))
		return false;
	if (!lua_isnoneornil(L, table) && !lua_istable(L, table)) {
		lua_pushfstring(L, "%s must be a table, not a %s", row->has_body ? "the body" : "the parameters",
			luaL_typename(L, table));
		return false;
	}
	if (!(row->has_body ? build_body(L, table, transfer, open) : build_query(L, table, transfer, open)))
		return false;
	enum buffer_status status = buffer_terminate(&transfer->url);
	return status == BUFFER_OK || refuse_size(L, status, "the query");
}
