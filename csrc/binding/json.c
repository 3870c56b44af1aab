#include "binding/json.h"

#include "binding/push.h"
#include "json/array.h"
#include "json/decode.h"
#include "json/encode.h"

/* Below the longest string that LuaJIT can hold. */
#define TEXT_LIMIT ((size_t)1 << 30)

/* encode(value) -> text | nil, message */
static int json_lua_encode(lua_State *L)
{
	luaL_checkany(L, 1);
	lua_settop(L, 1);
	struct buffer *text = push_buffer(L);
	text->limit = TEXT_LIMIT;
	if (!json_encode(L, 1, text, NULL)) {
		lua_pushnil(L);
		lua_insert(L, -2);
		return 2;
	}
	lua_pushlstring(L, text->data, text->length);
	buffer_free(text);
	return 1;
}

/* decode(text) -> value | nil, message */
static int json_lua_decode(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TSTRING);
	size_t length;
	const char *text = lua_tolstring(L, 1, &length);
	if (json_decode(L, text, length) == JSON_OK)
		return 1;
	lua_pushnil(L);
	lua_insert(L, -2);
	return 2;
}

/* array([table]) -> the table, marked as a JSON array */
static int json_lua_array(lua_State *L)
{
	if (lua_isnoneornil(L, 1)) {
		lua_settop(L, 0);
		lua_newtable(L);
	}
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	json_push_array_metatable(L);
	lua_setmetatable(L, 1);
	return 1;
}

static const luaL_Reg json_functions[] = {
	{"array", json_lua_array}, {"decode", json_lua_decode}, {"encode", json_lua_encode}, {NULL, NULL}};

void json_open(lua_State *L)
{
	lua_createtable(L, 0, 4);
	luaL_setfuncs(L, json_functions, 0);
	lua_pushlightuserdata(L, NULL);
	lua_setfield(L, -2, "null");
}
