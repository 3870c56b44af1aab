#include "lua/type.h"

#include <stdbool.h>

/* [-0, +1, m] the metatable; it is the upvalue of each method and of __gc */
static void push_new(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction gc)
{
	lua_createtable(L, 0, 3);
	if (methods != NULL) {
		lua_newtable(L);
		lua_pushvalue(L, -2);
		luaL_setfuncs(L, methods, 1);
		lua_setfield(L, -2, "__index");
	}
	if (gc != NULL) {
		lua_pushvalue(L, -1);
		lua_pushcclosure(L, gc, 1);
		lua_setfield(L, -2, "__gc");
	}
	lua_pushstring(L, name);
	lua_setfield(L, -2, "__name");
}

void type_register(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction gc)
{
	luaL_getmetatable(L, name);
	if (lua_isnil(L, -1)) {
		lua_pop(L, 1);
		push_new(L, name, methods, gc);
		lua_pushvalue(L, -1);
		lua_setfield(L, LUA_REGISTRYINDEX, name);
	}
	lua_pushlightuserdata(L, (void *)(uintptr_t)name);
	lua_insert(L, -2);
	lua_rawset(L, LUA_REGISTRYINDEX);
}

void type_push(lua_State *L, const char *name)
{
	lua_pushlightuserdata(L, (void *)(uintptr_t)name);
	lua_rawget(L, LUA_REGISTRYINDEX);
}

void *type_check(lua_State *L, int index, const char *name)
{
	void *object = lua_touserdata(L, index);
	if (object != NULL && lua_getmetatable(L, index)) {
		type_push(L, name);
		bool same = lua_topointer(L, -1) == lua_topointer(L, -2);
		lua_pop(L, 2);
		if (same)
			return object;
	}
	return luaL_checkudata(L, index, name);
}

void *type_self(lua_State *L, const char *name)
{
	void *object = lua_touserdata(L, 1);
	if (object != NULL && lua_getmetatable(L, 1)) {
		bool same = lua_topointer(L, -1) == lua_topointer(L, lua_upvalueindex(1));
		lua_pop(L, 1);
		if (same)
			return object;
	}
	return luaL_checkudata(L, 1, name);
}

void type_push_lazily(lua_State *L, const char *name, lua_CFunction gc)
{
	type_push(L, name);
	if (!lua_isnil(L, -1))
		return;
	lua_pop(L, 1);
	type_register(L, name, NULL, gc);
	type_push(L, name);
}
