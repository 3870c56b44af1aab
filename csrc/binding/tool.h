/*
** core.tool: what the command line tool needs of the system besides the library.
*/
#ifndef BINDING_TOOL_H
#define BINDING_TOOL_H

#include "lua/compat.h"

/* [-0, +1, m] core.tool(): a table of functions. Nothing in the process changes before one of them is called. */
int tool_new(lua_State *L);

#endif
