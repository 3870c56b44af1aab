/*
** The userdata types of the binding. Their metatables are kept in the registry
** under their names, and by the addresses of these as well, which are found
** without making a string: every method looks its type up. `name` must be the
** same object in each call.
*/
#ifndef LUA_TYPE_H
#define LUA_TYPE_H

#include "lua/compat.h"

/* [-0, +0, m] makes a type; methods and __gc may be NULL. The metatable comes into the registry only when it is
   complete: no memory error can leave one without __gc there. May be called again. */
void type_register(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction gc);
/* [-0, +1, -] pushes the metatable of a registered type */
void type_push(lua_State *L, const char *name);
/* [-0, +1, m] pushes the metatable of a type without methods, which is registered when it is first needed */
void type_push_lazily(lua_State *L, const char *name, lua_CFunction gc);
/* [-0, +0, v] the userdata at `index`; raises as luaL_checkudata does when it is something else */
void *type_check(lua_State *L, int index, const char *name);
/* [-0, +0, v] the same for the object at 1 of a method, or of __gc: quicker */
void *type_self(lua_State *L, const char *name);

#endif
