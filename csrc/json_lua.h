/*
** The codec as Lua sees it, and the mark that tells JSON arrays from objects.
*/
#ifndef JSON_LUA_H
#define JSON_LUA_H

#include "lua_compat.h"

/* [-0, +1, m] pushes the metatable that marks JSON arrays: one for each Lua state, recognised by identity */
void json_push_array_metatable(lua_State *L);
/* [-0, +1, m] pushes the table { encode, decode, array, null } */
void json_open(lua_State *L);

#endif
