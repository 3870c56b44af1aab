/*
** A Lua value becomes JSON, compact unless asked otherwise.
**
** A table that is marked as an array, or has exactly the keys 1 to n, is an
** array; one that is marked as an object, or has string keys only, and the
** empty one, an object. Numbers are written so that they read back the same.
** Everything JSON has no place for is an error that names its path.
** Metamethods are not run.
*/
#ifndef JSON_ENCODE_H
#define JSON_ENCODE_H

#include "base/buffer.h"
#include "lua/compat.h"

struct json_style {
	int indent;     /* spaces for each level; 0: all in one line */
	bool sort_keys; /* by their bytes */
};

/* [-0, +0|+1, m] Appends the value at `index` to `out` and returns true; or pushes a message and returns false, `out`
** then holds a part. The message begins with the path of the value at fault, and the path with `root`, which may be
*NULL:
** "input.items[3].x: NaN is not JSON". `style` may be NULL. `out` belongs to the caller, who lets a userdata own it:
** where memory ends an error is raised. Needs 8 free stack slots. */
bool json_encode(lua_State *L, int index, struct buffer *out, const char *root, const struct json_style *style);

#endif
