/*
** core.time: date-times and seconds since 1970.
*/
#ifndef BINDING_TIME_H
#define BINDING_TIME_H

#include "lua/compat.h"

/* [-0, +1, m] pushes the table core.time */
void time_open(lua_State *L);

#endif
