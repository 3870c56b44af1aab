#include "binding/json.h"

#include "binding/push.h"
#include "binding/shape.h"
#include "json/array.h"
#include "json/decode.h"
#include "json/encode.h"

#include <math.h>

/* Below the longest string that LuaJIT can hold. */
#define TEXT_LIMIT ((size_t)1 << 30)
#define MOST_INDENT 16

/* [-0, +0, v] the options of encode at `index`: a table with `indent` and `sort_keys` */
static struct json_style style_opt(lua_State *L, int index)
{
	struct json_style style = {.indent = 0};
	if (lua_isnoneornil(L, index))
		return style;
	luaL_checktype(L, index, LUA_TTABLE);
	lua_pushnil(L);
	while (lua_next(L, index) != 0) {
		const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : luaL_typename(L, -2);
		lua_Number number = lua_tonumber(L, -1);
		if (strcmp(name, "sort_keys") == 0 && lua_isboolean(L, -1))
			style.sort_keys = lua_toboolean(L, -1);
		else if (strcmp(name, "indent") == 0 && lua_type(L, -1) == LUA_TNUMBER && number >= 0 &&
			 number <= MOST_INDENT && number == floor(number))
			style.indent = (int)number;
		else
			luaL_error(L,
				"json.encode: option '%s' is not known or has a wrong value; there are "
				"indent (a whole number, 0 to %d) and sort_keys (a boolean)",
				name, MOST_INDENT);
		lua_pop(L, 1);
	}
	return style;
}

/* encode(value [, { indent =, sort_keys = }]) -> text | nil, message */
static int json_lua_encode(lua_State *L)
{
	luaL_checkany(L, 1);
	struct json_style style = style_opt(L, 2);
	lua_settop(L, 1);
	struct buffer *text = push_buffer(L);
	text->limit = TEXT_LIMIT;
	if (!json_encode(L, 1, text, NULL, &style)) {
		lua_pushnil(L);
		lua_insert(L, -2);
		return 2;
	}
	lua_pushlstring(L, text->data, text->length);
	buffer_free(text);
	return 1;
}

/* decode(text [, most_bytes [, shape]]) -> value | nil, message, kind of error */
static int json_lua_decode(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TSTRING);
	size_t length;
	const char *text = lua_tolstring(L, 1, &length);
	double most = luaL_optnumber(L, 2, HUGE_VAL);
	size_t memory_limit = most < (double)(SIZE_MAX / 2) ? (size_t)most : SIZE_MAX;
	enum json_status status = json_decode(L, text, length, memory_limit, shape_opt(L, 3));
	if (status == JSON_OK)
		return 1;
	if (status == JSON_NO_MEMORY)
		return luaL_error(L, "out of memory");
	lua_pushnil(L);
	lua_insert(L, -2);
	lua_pushstring(L, status == JSON_TOO_LARGE ? "too_large" : "decode");
	return 3;
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

static const luaL_Reg json_functions[] = {{"array", json_lua_array}, {"decode", json_lua_decode},
	{"encode", json_lua_encode}, {"shape", shape_new}, {NULL, NULL}};

void json_open(lua_State *L)
{
	lua_createtable(L, 0, 6);
	luaL_setfuncs(L, json_functions, 0);
	lua_pushlightuserdata(L, NULL);
	lua_setfield(L, -2, "null");
	lua_pushinteger(L, JSON_MEMORY_PER_BYTE);
	lua_setfield(L, -2, "memory_per_byte");
}
