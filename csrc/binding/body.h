/*
** Writes the body of a request: a Lua table that must fit a schema becomes JSON
** in one walk. What no schema tells of, json/encode.h writes.
*/
#ifndef BINDING_BODY_H
#define BINDING_BODY_H

#include "binding/check.h"

/* Appends the table at `index` to the transfer's request body. */
bool body_put(struct builder *b, int index, const struct schema *schema);

#endif
