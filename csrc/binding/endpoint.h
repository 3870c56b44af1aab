/*
** The endpoint table as Lua sees it: its rows, and how alike two names are.
*/
#ifndef BINDING_ENDPOINT_H
#define BINDING_ENDPOINT_H

#include "lua/compat.h"

/* [-0, +0, m] adds `endpoints` and `distance` to the table at the top */
void endpoint_register(lua_State *L);

#endif
