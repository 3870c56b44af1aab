/*
** The codec as Lua sees it.
*/
#ifndef BINDING_JSON_H
#define BINDING_JSON_H

#include "lua/compat.h"

/* [-0, +1, m] pushes the table { encode, decode, array, shape, null, memory_per_byte } */
void json_open(lua_State *L);

#endif
