#include "json/array.h"

#include "lua/type.h"

static const char ARRAY_TYPE[] = "mistral.workflows.array";

void json_push_array_metatable(lua_State *L)
{
	type_push_lazily(L, ARRAY_TYPE, NULL);
}

/* [-0, +1, m] pushes a field of the table at the top */
static void push_raw(lua_State *L, const char *name)
{
	lua_pushstring(L, name);
	lua_rawget(L, -2);
}

/* [-0, +0, m] what the metatable at the top says, which is not ours */
static enum json_mark foreign_mark(lua_State *L)
{
	push_raw(L, "__tojson");
	bool has_writer = !lua_isnil(L, -1);
	lua_pop(L, 1);
	push_raw(L, "__jsontype");
	const char *type = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
	bool has_type = !lua_isnil(L, -1);
	lua_pop(L, 1);
	if (has_writer || (has_type && type == NULL))
		return JSON_FOREIGN;
	if (!has_type)
		return JSON_UNMARKED;
	return strcmp(type, "array") == 0 ? JSON_ARRAY : strcmp(type, "object") == 0 ? JSON_OBJECT : JSON_FOREIGN;
}

enum json_mark json_mark(lua_State *L, int index)
{
	if (!lua_getmetatable(L, index))
		return JSON_UNMARKED;
	type_push(L, ARRAY_TYPE);
	bool ours = lua_rawequal(L, -1, -2);
	lua_pop(L, 1);
	enum json_mark mark = ours ? JSON_ARRAY : foreign_mark(L);
	lua_pop(L, 1);
	return mark;
}
