#include "binding/request.h"

#include "http/url.h"
#include "json/array.h"
#include "json/bytes.h"
#include "json/encode.h"

#include <string.h>

#define REQUEST_LIMIT ((size_t)64 * 1024 * 1024)
#define QUERY_LIMIT ((size_t)1024 * 1024)

/*
** A request that is being built. Each step returns false once something is
** wrong: `status` then says of which kind, and the message is at the top of the
** stack, over whatever the steps left there; request_build puts that in order.
*/
struct builder {
	lua_State *L;
	struct transfer *transfer;
	bool open; /* unknown names pass */
	enum request_status status;
};

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

/* The message at the top is about the program. */
static bool misuse(struct builder *b)
{
	b->status = REQUEST_MISUSE;
	return false;
}

/* The message at the top is about a value that cannot be sent. */
static bool invalid(struct builder *b)
{
	b->status = REQUEST_INVALID;
	return false;
}

static bool refuse_type(struct builder *b, const char *name, enum field_type type, int index)
{
	lua_pushfstring(b->L, "'%s' must be %s, not a %s", name, type_names[type],
		is_null(b->L, index) ? "null" : luaL_typename(b->L, index));
	return misuse(b);
}

static bool refuse_name(struct builder *b, const struct field *fields, const char *name)
{
	lua_State *L = b->L;
	const char *meant = endpoint_suggest(fields, name);
	if (meant != NULL) {
		lua_pushfstring(L, "unknown name '%s'; did you mean '%s'?", name, meant);
		return misuse(b);
	}
	if (fields->name == NULL) {
		lua_pushfstring(L, "unknown name '%s'; this operation takes no parameters", name);
		return misuse(b);
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
	return misuse(b);
}

/* Did the buffer take it? Raises where memory ended. */
static bool took(struct builder *b, enum buffer_status status, const char *what)
{
	if (status == BUFFER_OK)
		return true;
	if (status == BUFFER_NO_MEMORY)
		return luaL_error(b->L, "out of memory");
	lua_pushfstring(b->L, "%s is too large", what);
	return invalid(b);
}

static bool is_utf8(struct url_value text)
{
	cursor p = (cursor)text.bytes, end = p + text.length;
	while ((p = skip_plain(p, end)) < end) {
		size_t size = *p < 0x80 ? 1 : utf8_sequence(p, end);
		if (size == 0)
			return false;
		p += size;
	}
	return true;
}

/* The keys of the table are names, known ones unless any may pass. */
static bool check_names(struct builder *b, int table, const struct field *fields)
{
	lua_State *L = b->L;
	lua_pushnil(L);
	while (lua_next(L, table) != 0) {
		lua_pop(L, 1);
		if (lua_type(L, -1) != LUA_TSTRING) {
			lua_pushfstring(L, "names must be strings, not a %s", luaL_typename(L, -1));
			return misuse(b);
		}
		size_t length;
		const char *name = lua_tolstring(L, -1, &length);
		if (strlen(name) != length) {
			lua_pushfstring(L, "the name that begins with '%s' holds a NUL byte", name);
			return misuse(b);
		}
		if (!b->open && endpoint_field(fields, name) == NULL)
			return refuse_name(b, fields, name);
	}
	return true;
}

/* Appends one parameter with the scalar or the JSON text at `index`. */
static bool add_scalar(struct builder *b, const char *name, int index)
{
	lua_State *L = b->L;
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
	if (!is_utf8(value)) {
		lua_pushfstring(L, "'%s' is not valid UTF-8", name);
		return invalid(b);
	}
	return took(b, url_append_query(&b->transfer->url, name, value), "the query");
}

static bool add_list(struct builder *b, const char *name, int index)
{
	lua_State *L = b->L;
	size_t length = lua_rawlen(L, index);
	for (size_t i = 1; i <= length; i++) {
		lua_rawgeti(L, index, (int)i);
		if (lua_type(L, -1) != LUA_TSTRING) {
			lua_pushfstring(L, "'%s' must be a list of strings; item %d is a %s", name, (int)i,
				luaL_typename(L, -1));
			return misuse(b);
		}
		if (!add_scalar(b, name, lua_gettop(L)))
			return false;
		lua_pop(L, 1);
	}
	return true;
}

/* The JSON text of a table as the value: the request body's buffer is free, as a GET has none. */
static bool add_object(struct builder *b, const char *name, int index)
{
	struct buffer *text = &b->transfer->request_body;
	text->limit = QUERY_LIMIT;
	if (!json_encode(b->L, index, text, name))
		return invalid(b);
	enum buffer_status status =
		url_append_query(&b->transfer->url, name, (struct url_value){text->data, text->length});
	buffer_reset(text, 0);
	return took(b, status, "the query");
}

static bool add_parameter(struct builder *b, const struct field *field, int index)
{
	lua_State *L = b->L;
	if (lua_isnil(L, index) || is_null(L, index))
		return true;
	if (field->type == FIELD_STRINGS && lua_type(L, index) == LUA_TSTRING)
		return add_scalar(b, field->name, index);
	if (!has_type(L, index, field->type))
		return refuse_type(b, field->name, field->type, index);
	if (field->type == FIELD_STRINGS)
		return add_list(b, field->name, index);
	if (field->type == FIELD_OBJECT)
		return add_object(b, field->name, index);
	return add_scalar(b, field->name, index);
}

/* Parameters that the row does not know, as their Lua types suggest. */
static bool add_unknown(struct builder *b, int table)
{
	lua_State *L = b->L;
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
		if (endpoint_field(b->transfer->endpoint->query, name) == NULL &&
			!add_parameter(b, &field, lua_gettop(L)))
			return false;
		lua_pop(L, 1);
	}
	return true;
}

static bool build_query(struct builder *b, int table)
{
	lua_State *L = b->L;
	const struct field *fields = b->transfer->endpoint->query;
	if (lua_isnoneornil(L, table))
		return true;
	if (!check_names(b, table, fields))
		return false;
	for (const struct field *field = fields; field->name != NULL; field++) {
		lua_pushstring(L, field->name);
		lua_rawget(L, table);
		if (!add_parameter(b, field, lua_gettop(L)))
			return false;
		lua_pop(L, 1);
	}
	return !b->open || add_unknown(b, table);
}

/* A table without anything in it that is not marked as an array. */
static bool is_empty(lua_State *L, int index)
{
	if (lua_getmetatable(L, index)) {
		lua_pop(L, 1);
		return false;
	}
	lua_pushnil(L);
	if (!lua_next(L, index))
		return true;
	lua_pop(L, 2);
	return false;
}

/* The member of the table at `table`, which is the caller's and stays as it is, becomes an empty array in a copy that
   takes its place on the stack. */
static void send_empty_array(lua_State *L, int table, const char *member)
{
	lua_newtable(L);
	lua_pushnil(L);
	while (lua_next(L, table) != 0) {
		lua_pushvalue(L, -2);
		lua_insert(L, -2);
		lua_rawset(L, -4);
	}
	lua_newtable(L);
	json_push_array_metatable(L);
	lua_setmetatable(L, -2);
	lua_setfield(L, -2, member);
	lua_replace(L, table);
}

/* The members of the body whose types are known have them. A list without items shall be one for the service too. */
static bool check_members(struct builder *b, int table, const struct field *fields)
{
	lua_State *L = b->L;
	for (const struct field *field = fields; field->name != NULL; field++) {
		lua_pushstring(L, field->name);
		lua_rawget(L, table);
		int index = lua_gettop(L);
		if (!lua_isnil(L, index) && !is_null(L, index)) {
			if (!has_type(L, index, field->type))
				return refuse_type(b, field->name, field->type, index);
			if (field->type == FIELD_STRINGS && is_empty(L, index))
				send_empty_array(L, table, field->name);
		}
		lua_pop(L, 1);
	}
	return true;
}

static bool build_body(struct builder *b, int table)
{
	struct buffer *body = &b->transfer->request_body;
	body->limit = REQUEST_LIMIT;
	if (lua_isnoneornil(b->L, table))
		return took(b, buffer_append_text(body, "{}"), "the body");
	const struct field *fields = b->transfer->endpoint->body;
	if (!check_names(b, table, fields) || !check_members(b, table, fields))
		return false;
	return json_encode(b->L, table, body, "") || invalid(b);
}

/* The path value at `index` can stand in a path; sets `value` to it. */
static bool check_path_value(struct builder *b, int index, struct url_value *value)
{
	lua_State *L = b->L;
	const struct endpoint *row = b->transfer->endpoint;
	const char *name = strchr(row->path, '{') + 1;
	char label[64];
	snprintf(label, sizeof label, "%.*s", (int)strcspn(name, "}"), name);
	if (lua_type(L, index) != LUA_TSTRING) {
		lua_pushfstring(L, "%s must be a string, not a %s", label, luaL_typename(L, index));
		return misuse(b);
	}
	value->bytes = lua_tolstring(L, index, &value->length);
	if (value->length == 0)
		lua_pushfstring(L, "%s is empty", label);
	else if (strcmp(value->bytes, ".") == 0 || strcmp(value->bytes, "..") == 0)
		lua_pushfstring(L, "%s must not be '%s': it would change the path of the request", label, value->bytes);
	else if (!is_utf8(*value))
		lua_pushfstring(L, "%s is not valid UTF-8", label);
	else if (endpoint_is_reserved(row, value->bytes))
		lua_pushfstring(L,
			"%s '%s' is a route of the service: /v1/workflows/%s is another operation; "
			"address the workflow by its id",
			label, value->bytes, value->bytes);
	else
		return true;
	return invalid(b);
}

static bool build_url(struct builder *b, int first, size_t count, const char *server_url)
{
	struct transfer *transfer = b->transfer;
	struct url_value values[ENDPOINT_MAX_PATH_VALUES];
	for (size_t i = 0; i < count; i++)
		if (!check_path_value(b, first + (int)i, &values[i]))
			return false;
	transfer->url.limit = QUERY_LIMIT;
	enum buffer_status status = buffer_append_text(&transfer->url, server_url);
	if (status == BUFFER_OK)
		status = url_append_path(&transfer->url, transfer->endpoint->path, values);
	return took(b, status, "the path");
}

static bool build(struct builder *b, int first, const char *server_url)
{
	lua_State *L = b->L;
	const struct endpoint *row = b->transfer->endpoint;
	size_t count = url_path_values(row->path);
	int table = first + (int)count;
	if (!build_url(b, first, count, server_url))
		return false;
	if (!lua_isnoneornil(L, table) && !lua_istable(L, table)) {
		lua_pushfstring(L, "%s must be a table, not a %s", row->has_body ? "the body" : "the parameters",
			luaL_typename(L, table));
		return misuse(b);
	}
	return (row->has_body ? build_body(b, table) : build_query(b, table)) &&
	       took(b, buffer_terminate(&b->transfer->url), "the query");
}

enum request_status request_build(lua_State *L, int first, struct transfer *transfer, const char *server_url, bool open)
{
	struct builder b = {.L = L, .transfer = transfer, .open = open, .status = REQUEST_BUILT};
	int top = lua_gettop(L);
	if (!build(&b, first, server_url))
		lua_insert(L, ++top);
	lua_settop(L, top);
	return b.status;
}
