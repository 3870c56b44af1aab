/*
** What a caller wants of answers, compiled once and used for each.
*/
#ifndef BINDING_SHAPE_H
#define BINDING_SHAPE_H

#include "lua/compat.h"
#include "json/shape.h"

/* [-0, +1, v] core.json.shape { fields =, raw =, list =, cursor = }
**   fields  list of paths, each a list of names: only these members become values
**   raw     the text itself instead of a value; not with `fields`
**   list    name of the list of a page, or several: `fields` and `raw` are about its items
**   cursor  name of the member that a page keeps besides
** An array on a path is entered item by item. What stands on a path and is neither array nor object becomes a value as
** it is. */
int shape_new(lua_State *L);
/* [-0, +0, v] the shape at `index`, or the one that wants all where there is none. Lives as long as its userdata. */
const struct json_field *shape_opt(lua_State *L, int index);

#endif
