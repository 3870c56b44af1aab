#include "binding/endpoint.h"

#include "api/endpoint.h"
#include "http/url.h"

/* [-0, +1, v] core.distance(a, b): edit distance of two names, at most 4 */
static int core_distance(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)endpoint_distance(luaL_checkstring(L, 1), luaL_checkstring(L, 2), 3));
	return 1;
}

static void set_field(lua_State *L, const char *name, const char *value)
{
	if (value != NULL) {
		lua_pushstring(L, value);
		lua_setfield(L, -2, name);
	}
}

static void push_fields(lua_State *L, const struct field *fields)
{
	static const char *const types[] = {
		[FIELD_STRING] = "string",
		[FIELD_INTEGER] = "integer",
		[FIELD_NUMBER] = "number",
		[FIELD_BOOLEAN] = "boolean",
		[FIELD_STRINGS] = "string[]",
		[FIELD_OBJECT] = "table",
	};
	lua_newtable(L);
	for (int i = 0; fields != NULL && fields[i].name != NULL; i++) {
		lua_createtable(L, 0, 3);
		set_field(L, "name", fields[i].name);
		set_field(L, "type", types[fields[i].type]);
		set_field(L, "note", fields[i].note);
		lua_rawseti(L, -2, i + 1);
	}
}

static void push_paging(lua_State *L, const struct paging *paging)
{
	lua_createtable(L, 0, 6);
	set_field(L, "cursor", paging->cursor);
	set_field(L, "size", paging->size);
	set_field(L, "items", paging->items);
	set_field(L, "next", paging->next);
	if (paging->default_size > 0) {
		lua_pushinteger(L, paging->default_size);
		lua_setfield(L, -2, "default_size");
	}
	lua_pushboolean(L, paging->cursor_holds_filters);
	lua_setfield(L, -2, "cursor_holds_filters");
}

/* [-0, +0, m] */
static void push_batch_answer(lua_State *L, const struct endpoint *row)
{
	lua_newtable(L);
	for (int i = 0; i < ENDPOINT_BATCH_MEMBERS && row->batch_answer[i] != NULL; i++) {
		lua_pushstring(L, row->batch_answer[i]);
		lua_rawseti(L, -2, i + 1);
	}
	lua_setfield(L, -2, "batch_answer");
}

/* [-0, +1, m] one row as a table; the lists of its fields only where asked for */
static void push_row(lua_State *L, const struct endpoint *row, bool detailed)
{
	static const char *const responses[] = {
		[RESPONSE_JSON] = "json", [RESPONSE_NONE] = "none", [RESPONSE_EVENTS] = "events"};
	static const char *const rules[] = {
		[REPEAT_SAFE] = "safe", [REPEAT_NEVER] = "never", [REPEAT_ASK_FIRST] = "ask_first"};
	lua_createtable(L, 0, 14);
	set_field(L, "name", row->name);
	set_field(L, "resource", row->resource);
	set_field(L, "verb", row->verb);
	set_field(L, "method", row->method);
	set_field(L, "path", row->path);
	set_field(L, "summary", row->summary);
	set_field(L, "batch", row->batch);
	if (row->batch != NULL)
		push_batch_answer(L, row);
	set_field(L, "resume", row->resume);
	set_field(L, "response", responses[row->response]);
	set_field(L, "repeat_rule", rules[row->repeat]);
	lua_pushinteger(L, (lua_Integer)url_path_values(row->path));
	lua_setfield(L, -2, "path_values");
	lua_pushboolean(L, row->has_body);
	lua_setfield(L, -2, "has_body");
	lua_pushboolean(L, row->has_body || row->query[0].name != NULL);
	lua_setfield(L, -2, "takes_table");
	if (row->paging.cursor != NULL) {
		push_paging(L, &row->paging);
		lua_setfield(L, -2, "paging");
	}
	if (detailed) {
		push_fields(L, row->query);
		lua_setfield(L, -2, "query");
		push_fields(L, row->body);
		lua_setfield(L, -2, "body");
	}
}

/* [-0, +1, m] core.endpoints(detailed): the rows of the endpoint table, in its order */
static int core_endpoints(lua_State *L)
{
	bool detailed = lua_toboolean(L, 1);
	lua_createtable(L, (int)endpoint_count, 0);
	for (size_t i = 0; i < endpoint_count; i++) {
		push_row(L, &endpoint_table[i], detailed);
		lua_rawseti(L, -2, (int)i + 1);
	}
	return 1;
}

static const luaL_Reg endpoint_functions[] = {
	{"distance", core_distance},
	{"endpoints", core_endpoints},
	{NULL, NULL},
};

void endpoint_register(lua_State *L)
{
	luaL_setfuncs(L, endpoint_functions, 0);
}
