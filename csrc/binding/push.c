#include "binding/push.h"

#include "lua/type.h"

#include <string.h>

static const char BUFFER_TYPE[] = "mistral.workflows.core.buffer";

/* Shorter copies are made on the C stack. */
#define SMALL_COPY 4096

void push_set_string(lua_State *L, const char *name, const char *value)
{
	if (value != NULL && *value != '\0') {
		lua_pushstring(L, value);
		lua_setfield(L, -2, name);
	}
}

void push_set_number(lua_State *L, const char *name, double value)
{
	lua_pushnumber(L, value);
	lua_setfield(L, -2, name);
}

void push_set_integer(lua_State *L, const char *name, lua_Integer value)
{
	lua_pushinteger(L, value);
	lua_setfield(L, -2, name);
}

void push_set_boolean(lua_State *L, const char *name, bool value)
{
	lua_pushboolean(L, value);
	lua_setfield(L, -2, name);
}

static int buffer__gc(lua_State *L)
{
	buffer_free(lua_touserdata(L, 1));
	return 0;
}

struct buffer *push_buffer(lua_State *L)
{
	struct buffer *buffer = lua_newuserdatauv(L, sizeof *buffer, 0);
	*buffer = (struct buffer){0};
	type_push_lazily(L, BUFFER_TYPE, buffer__gc);
	lua_setmetatable(L, -2);
	return buffer;
}

static size_t rest(const struct buffer *buffer, size_t from, size_t limit)
{
	size_t length = buffer->length > from ? buffer->length - from : 0;
	return length < limit ? length : limit;
}

#if COMPAT_COLLECTS_BEFORE_COPY

void push_bytes(lua_State *L, const struct buffer *buffer, size_t from, size_t limit)
{
	char small[SMALL_COPY];
	size_t length = rest(buffer, from, limit);
	char *copy = length <= sizeof small ? small : lua_newuserdata(L, length);
	length = rest(buffer, from, length); /* the collector may have run */
	if (length > 0) {
		memcpy(copy, buffer->data + from, length);
		lua_pushlstring(L, copy, length);
	} else {
		lua_pushliteral(L, "");
	}
	if (copy != small)
		lua_remove(L, -2);
}

#else

void push_bytes(lua_State *L, const struct buffer *buffer, size_t from, size_t limit)
{
	size_t length = rest(buffer, from, limit);
	lua_pushlstring(L, length > 0 ? buffer->data + from : "", length);
}

#endif
