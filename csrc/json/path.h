/*
** The way to a value inside others, for messages about it:
** "input.items[3].x: NaN is not JSON".
*/
#ifndef JSON_PATH_H
#define JSON_PATH_H

#include "lua/compat.h"

/* A table that is gone through, and which child of it. */
struct json_level {
	const struct json_level *parent;
	const void *table;
	int key;   /* stack index of the child's key, or 0 */
	int index; /* of the child, where `key` is 0 */
};

/* [-0, +1, m] pushes the message about the child that `level` tells, or about the value `root` itself where that is
   NULL. `root` names the outermost value, and may be NULL. Long paths are cut. */
void json_push_fault(lua_State *L, const char *root, const struct json_level *level, const char *message);

#endif
