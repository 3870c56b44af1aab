/*
** The transfer object of mistral.workflows.core: a userdata that holds one
** struct transfer, and the functions named after the operations, which make one.
*/
#ifndef BINDING_TRANSFER_H
#define BINDING_TRANSFER_H

#include "lua/compat.h"

/* [-0, +0, m] registers the metatable */
void transfer_open(lua_State *L);
/* [-0, +0, m] adds one function per endpoint to the table at the top */
void transfer_register(lua_State *L);

#endif
