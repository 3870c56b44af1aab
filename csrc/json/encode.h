/*
** A Lua value becomes compact JSON.
**
** A table with the array metatable, or with exactly the keys 1 to n, is an
** array; one with string keys only, and the empty one, an object. Numbers are
** written so that they read back the same. Everything JSON has no place for is
** an error that names its path. Metamethods are not run.
*/
#ifndef JSON_ENCODE_H
#define JSON_ENCODE_H

#include "base/buffer.h"
#include "lua/compat.h"

/* [-0, +0|+1, m] Appends the value at `index` to `out` and returns 1; or pushes a message and returns 0, `out` then
** holds a part. The message begins with the path of the value at fault, and the path with `root`, which may be NULL:
** "input.items[3].x: NaN is not JSON". `out` belongs to the caller, who lets a userdata own it: memory errors of Lua
** are raised. Needs 8 free stack slots. */
int json_encode(lua_State *L, int index, struct buffer *out, const char *root);

#endif
