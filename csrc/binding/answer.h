/*
** What came back of a transfer, as Lua values. A finalizer may run at any push
** and do anything to the transfer; its memory stays, being that of a userdata
** on the stack, but what its buffers hold may change or be gone.
*/
#ifndef BINDING_ANSWER_H
#define BINDING_ANSWER_H

#include "http/engine.h"
#include "lua/compat.h"
#include "json/shape.h"

/* [-0, +1|+2, v] of a transfer that ended: what is wanted of the answer (true where none is promised or it came as
   events), or nil and the facts of the failure, of which lua/mistral/workflows/errors.lua makes the error. The body of
   a success is let go. */
int answer_push(lua_State *L, struct transfer *transfer, const struct json_field *wanted);
/* [-0, +1|+6, v] data, event, id, retry, "unfinished" and "skipped" of the next event, or nil */
int answer_push_event(lua_State *L, struct transfer *transfer);
/* [-0, +1, m] what was measured */
int answer_push_info(lua_State *L, const struct transfer *transfer);

#endif
