/*
** The mark that tells JSON arrays from objects.
*/
#ifndef JSON_ARRAY_H
#define JSON_ARRAY_H

#include "lua/compat.h"

/* [-0, +1, m] pushes the metatable that marks JSON arrays: one for each Lua state, recognised by identity */
void json_push_array_metatable(lua_State *L);

#endif
