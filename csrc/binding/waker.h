/*
** core.waker: the waker thread as a Lua object, for the nginx adapter.
*/
#ifndef BINDING_WAKER_H
#define BINDING_WAKER_H

#include "lua/compat.h"

/* [-0, +1|+2, v] core.waker(): a waker; or nil and why there is none */
int waker_push(lua_State *L);
/* [-0, +0, m] registers the metatable */
void waker_open(lua_State *L);

#endif
