#include "binding/request.h"

#include "binding/body.h"
#include "http/url.h"
#include "json/bytes.h"
#include "json/encode.h"

#include <math.h>
#include <string.h>

#define REQUEST_LIMIT ((size_t)64 * 1024 * 1024)
#define QUERY_LIMIT ((size_t)1024 * 1024)

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

/* Appends one parameter with the string, boolean or number at `index`. */
static bool add_scalar(struct builder *b, const char *name, int index)
{
	lua_State *L = b->L;
	char digits[JSON_NUMBER_SIZE];
	struct url_value value = {.bytes = digits};
	if (lua_type(L, index) == LUA_TSTRING) {
		value.bytes = lua_tolstring(L, index, &value.length);
	} else if (lua_type(L, index) == LUA_TBOOLEAN) {
		value.bytes = lua_toboolean(L, index) ? "true" : "false";
		value.length = strlen(value.bytes);
	} else if (!check_is_integer(L, index)) {
		if (!isfinite(lua_tonumber(L, index))) {
			lua_pushfstring(L, "'%s' is not a finite number", name);
			return check_invalid(b);
		}
		value.length = json_number_format(digits, lua_tonumber(L, index));
	} else {
		value.length = check_format_integer(L, index, digits);
	}
	if (!is_utf8(value)) {
		lua_pushfstring(L, "'%s' is not valid UTF-8", name);
		return check_invalid(b);
	}
	return check_took(b, url_append_query(&b->transfer->url, name, value), "the query");
}

static bool add_time(struct builder *b, const char *name, int index)
{
	char text[RFC3339_SIZE];
	return check_format_time(b, index, text) &&
	       check_took(b, url_append_query(&b->transfer->url, name, (struct url_value){text, strlen(text)}),
		       "the query");
}

/* The JSON text of a table as the value: the request body's buffer is free, as a GET has none. */
static bool add_object(struct builder *b, const char *name, int index)
{
	struct buffer *text = &b->transfer->request_body;
	text->limit = QUERY_LIMIT;
	if (!json_encode(b->L, index, text, name, NULL))
		return check_invalid(b);
	enum buffer_status status =
		url_append_query(&b->transfer->url, name, (struct url_value){text->data, text->length});
	buffer_reset(text, 0);
	return check_took(b, status, "the query");
}

static bool add_list(struct builder *b, const struct field *field, int index)
{
	lua_State *L = b->L;
	size_t length = compat_rawlen(L, index);
	for (size_t i = 1; i <= length; i++) {
		lua_rawgeti(L, index, (int)i);
		int item = lua_gettop(L);
		if (!check_has_type(L, item, field))
			return check_refuse_item(b, field, item, (int)i);
		if (!add_scalar(b, field->name, item))
			return false;
		lua_pop(L, 1);
	}
	return true;
}

static bool add_value(struct builder *b, const struct field *field, int index)
{
	lua_State *L = b->L;
	if (field->type & FIELD_LIST && lua_type(L, index) == LUA_TTABLE)
		return add_list(b, field, index);
	if (!check_has_type(L, index, field))
		return check_refuse_type(b, field, index);
	if (lua_type(L, index) == LUA_TTABLE)
		return add_object(b, field->name, index);
	if ((field->type & FIELD_TYPE) == FIELD_TIME && lua_type(L, index) == LUA_TNUMBER)
		return add_time(b, field->name, index);
	return add_scalar(b, field->name, index);
}

static bool add_parameter(struct builder *b, const struct field *field, int index)
{
	if (lua_isnil(b->L, index) || check_is_null(b->L, index))
		return true;
	size_t way_back = check_enter(b, field->name);
	if (!add_value(b, field, index))
		return false;
	check_leave(b, way_back);
	return true;
}

/* Parameters that the row does not know, as their Lua types suggest. */
static bool add_unknown(struct builder *b, int table)
{
	static const unsigned types[] = {
		[LUA_TSTRING] = FIELD_STRING,
		[LUA_TBOOLEAN] = FIELD_BOOLEAN,
		[LUA_TNUMBER] = FIELD_NUMBER,
		[LUA_TTABLE] = FIELD_LIST | FIELD_STRING,
	};
	lua_State *L = b->L;
	lua_pushnil(L);
	while (lua_next(L, table) != 0) {
		size_t length;
		const char *name = lua_tolstring(L, -2, &length);
		int type = lua_type(L, -1);
		struct field field = {.name = name, .type = type <= LUA_TTABLE ? types[type] : FIELD_STRING};
		if (schema_field(&b->transfer->endpoint->query, name, length) == NULL &&
			!add_parameter(b, &field, lua_gettop(L)))
			return false;
		lua_pop(L, 1);
	}
	return true;
}

static bool build_query(struct builder *b, int table)
{
	lua_State *L = b->L;
	const struct schema *query = &b->transfer->endpoint->query;
	if (lua_isnoneornil(L, table))
		return true;
	if (!check_names(b, table, query))
		return false;
	for (const struct field *field = query->fields; field != NULL && field->name != NULL; field++) {
		lua_pushstring(L, field->name);
		lua_rawget(L, table);
		if (!add_parameter(b, field, lua_gettop(L)))
			return false;
		lua_pop(L, 1);
	}
	return !b->open || add_unknown(b, table);
}

static bool build_body(struct builder *b, int table)
{
	b->transfer->request_body.limit = REQUEST_LIMIT;
	if (lua_isnoneornil(b->L, table)) {
		lua_newtable(b->L);
		table = lua_gettop(b->L);
	}
	return body_put(b, table, b->transfer->endpoint->body);
}

/* [-0, +1, m] the member of the table at `index` that was meant for a path value called `label`, if there is one */
static const char *push_key_of(lua_State *L, int index, const char *label)
{
	const char *const names[] = {label, "id"};
	for (size_t i = 0; lua_istable(L, index) && i < sizeof names / sizeof *names; i++) {
		lua_pushstring(L, names[i]);
		lua_rawget(L, index);
		bool is_key = lua_type(L, -1) == LUA_TSTRING;
		lua_pop(L, 1);
		if (is_key)
			return lua_pushfstring(L, ": pass its %s", names[i]);
	}
	return lua_pushfstring(L, "");
}

/* [-0, +1, m] the name of the path value, for messages */
static const char *push_label(struct builder *b)
{
	const char *name = strchr(b->transfer->endpoint->path, '{') + 1;
	lua_pushlstring(b->L, name, strcspn(name, "}"));
	return lua_tostring(b->L, -1);
}

/* The path value at `index` can stand in a path; sets `value` to it. */
static bool check_path_value(struct builder *b, int index, struct url_value *value)
{
	lua_State *L = b->L;
	if (lua_type(L, index) != LUA_TSTRING) {
		const char *label = push_label(b), *actual = check_push_actual(L, index);
		lua_pushfstring(L, "%s must be a string, not %s%s", label, actual, push_key_of(L, index, label));
		return check_misuse(b);
	}
	value->bytes = lua_tolstring(L, index, &value->length);
	if (value->length == 0)
		lua_pushfstring(L, "%s is empty", push_label(b));
	else if (strcmp(value->bytes, ".") == 0 || strcmp(value->bytes, "..") == 0)
		lua_pushfstring(
			L, "%s must not be '%s': it would change the path of the request", push_label(b), value->bytes);
	else if (!is_utf8(*value))
		lua_pushfstring(L, "%s is not valid UTF-8", push_label(b));
	else if (endpoint_is_reserved(b->transfer->endpoint, value->bytes))
		lua_pushfstring(L,
			"%s '%s' is a route of the service: /v1/workflows/%s is another operation; "
			"address the workflow by its id",
			push_label(b), value->bytes, value->bytes);
	else
		return true;
	return check_invalid(b);
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
	return check_took(b, status, "the path");
}

/* Where it is the service that chooses the id of an execution, nobody can ask for it. */
static void settle_repeat(struct builder *b, int table)
{
	lua_State *L = b->L;
	struct transfer *transfer = b->transfer;
	transfer->repeat = transfer->endpoint->repeat;
	if (transfer->repeat != REPEAT_ASK_FIRST)
		return;
	transfer->repeat = REPEAT_NEVER;
	if (lua_isnoneornil(L, table))
		return;
	lua_pushliteral(L, "execution_id");
	lua_rawget(L, table);
	if (lua_type(L, -1) == LUA_TSTRING)
		transfer->repeat = REPEAT_ASK_FIRST;
	lua_pop(L, 1);
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
		const char *actual = check_push_actual(L, table);
		const char *shape = check_push_shape(L, row->body, false);
		lua_pushfstring(L, "%s must be a table, not %s%s", row->body != NULL ? "the body" : "the parameters",
			actual, shape);
		return check_misuse(b);
	}
	settle_repeat(b, table);
	return (row->body != NULL ? build_body(b, table) : build_query(b, table)) &&
	       check_took(b, buffer_terminate(&b->transfer->url), "the query");
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
