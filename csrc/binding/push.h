/*
** C values that become Lua values.
*/
#ifndef BINDING_PUSH_H
#define BINDING_PUSH_H

#include "base/buffer.h"
#include "lua/compat.h"

/* [-0, +0, m] each sets a field of the table at the top; texts that are NULL or empty are left out */
void push_set_string(lua_State *L, const char *name, const char *value);
void push_set_number(lua_State *L, const char *name, double value);
void push_set_integer(lua_State *L, const char *name, lua_Integer value);
void push_set_boolean(lua_State *L, const char *name, bool value);

/* [-0, +1, m] pushes the bytes from `from` on, at most `limit`, of a buffer that a finalizer may change or free while
   the collector runs: what it holds when they are copied. */
void push_bytes(lua_State *L, const struct buffer *buffer, size_t from, size_t limit);

/* [-0, +1, m] pushes an empty buffer, without a limit yet, that is freed with its userdata */
struct buffer *push_buffer(lua_State *L);

#endif
