/*
** What tells JSON arrays from objects.
*/
#ifndef JSON_ARRAY_H
#define JSON_ARRAY_H

#include "lua/compat.h"

enum json_mark {
	JSON_UNMARKED,
	JSON_ARRAY,  /* the metatable that json_push_array_metatable pushes, or `__jsontype` is "array" */
	JSON_OBJECT, /* `__jsontype` is "object" */
	JSON_FOREIGN /* there is a `__tojson` (as of the null of dkjson), or another `__jsontype` */
};

#define JSON_FOREIGN_MESSAGE "a table that another library writes as JSON in a way of its own is not JSON here"

/* [-0, +1, m] pushes the metatable that marks JSON arrays: one for each Lua state, recognised by identity */
void json_push_array_metatable(lua_State *L);
/* [-0, +0, m] what its metatable says of the table at `index`; needs 4 free stack slots. No metamethod is run. */
enum json_mark json_mark(lua_State *L, int index);

#endif
