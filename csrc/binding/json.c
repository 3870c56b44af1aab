/*
** Marshalling only. The text being encoded is owned by a userdata with __gc
** until it is a Lua string.
*/
#include "binding/json.h"

#include "base/buffer.h"
#include "lua/type.h"
#include "json/array.h"
#include "json/decode.h"
#include "json/encode.h"

static const char TEXT_TYPE[] = "mistral.workflows.json_text";

/* Below the longest string that LuaJIT can hold. */
#define TEXT_LIMIT ((size_t)1 << 30)

static int text__gc(lua_State *L)
{
	buffer_free(lua_touserdata(L, 1));
	return 0;
}

/* [-0, +1, m] pushes an empty text and returns it */
static struct buffer *push_text(lua_State *L)
{
	struct buffer *text = lua_newuserdatauv(L, sizeof *text, 0);
	*text = (struct buffer){.limit = TEXT_LIMIT};
	type_push_lazily(L, TEXT_TYPE, text__gc);
	lua_setmetatable(L, -2);
	return text;
}

/* encode(value) -> text | nil, message */
static int json_lua_encode(lua_State *L)
{
	luaL_checkany(L, 1);
	lua_settop(L, 1);
	struct buffer *text = push_text(L);
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
