/*
** The only place that knows Lua versions (5.1, LuaJIT 2.1, 5.3, 5.4, 5.5).
** Every file of the binding includes this header instead of lua.h. All shims
** are static, so that nothing but luaopen_* leaves the module.
*/
#ifndef LUA_COMPAT_H
#define LUA_COMPAT_H

#include <lauxlib.h>
#include <lua.h>

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define COMPAT_EXPORT __attribute__((visibility("default")))
#define COMPAT_UNUSED __attribute__((unused))

/* A module for 5.1 serves PUC Lua and LuaJIT, whichever headers it was built with: only LuaJIT has this function. */
#if LUA_VERSION_NUM == 501
extern int lua_isyieldable(lua_State *L) __attribute__((weak));
#define COMPAT_IS_LUAJIT (lua_isyieldable != NULL)
#else
#define COMPAT_IS_LUAJIT false
#endif

/* As a Lua keeps a value: 12 bytes or 16. */
struct compat_value {
	union {
		double number;
		void *pointer;
	} value;
	int tag;
};

/* Bytes of memory: an empty table, an element and a member of one, a string besides its bytes (a place in the table of
** strings included). Members come in powers of two, from the least number on. */
#define COMPAT_POINTERS(count) ((count) * sizeof(void *))
#if LUA_VERSION_NUM == 501
/* LuaJIT's tables have an element 0. */
#define COMPAT_TABLE_SIZE (COMPAT_POINTERS(8) + (COMPAT_IS_LUAJIT ? 8 : 0))
#define COMPAT_ELEMENT_SIZE (COMPAT_IS_LUAJIT ? 8 : sizeof(struct compat_value))
#define COMPAT_MEMBER_SIZE (COMPAT_IS_LUAJIT ? 24 : sizeof(struct compat_value) + 16 + COMPAT_POINTERS(1))
#define COMPAT_LEAST_MEMBERS (COMPAT_IS_LUAJIT ? 2 : 1)
#elif LUA_VERSION_NUM == 503
#define COMPAT_TABLE_SIZE (8 + COMPAT_POINTERS(6))
#define COMPAT_ELEMENT_SIZE sizeof(struct compat_value)
#define COMPAT_MEMBER_SIZE (sizeof(struct compat_value) + 16)
#elif LUA_VERSION_NUM == 504
#define COMPAT_TABLE_SIZE (8 + COMPAT_POINTERS(6))
#define COMPAT_ELEMENT_SIZE sizeof(struct compat_value)
#define COMPAT_MEMBER_SIZE 24
#else
#define COMPAT_TABLE_SIZE (8 + COMPAT_POINTERS(5))
#define COMPAT_ELEMENT_SIZE 9
#define COMPAT_MEMBER_SIZE 24
#endif
#define COMPAT_STRING_SIZE (9 + COMPAT_POINTERS(3))
#ifndef COMPAT_LEAST_MEMBERS
#define COMPAT_LEAST_MEMBERS 1
#endif

/*
** Lua looks for a string among those of the same hash, one by one: when it makes it, if such strings are interned, and
** again when it looks for a key, in tables that go by the hash. Where a hash is made of some bytes only, or without a
** secret, strings can collide. compat_string_hash gives a hash that is the same for strings whose hashes this Lua finds
** to be the same; false for strings that do not collide but by chance.
*/
#if LUA_VERSION_NUM == 501
#define compat_is_interned(length) ((void)(length), true)
#else
#define compat_is_interned(length) ((length) <= 40)
#endif

#define COMPAT_TABLES_HASH (!COMPAT_IS_LUAJIT) /* LuaJIT's go by a number of each string */

#if LUA_VERSION_NUM == 501 || LUA_VERSION_NUM == 503

#define COMPAT_WEAK_HASHES 1

COMPAT_UNUSED static bool compat_string_hash(const char *bytes, size_t length, uint32_t *hash)
{
	/* Which bytes are hashed only this LuaJIT knows: OpenResty's takes long strings at places that it draws by lot.
	 * The hash stands before the bytes, then the length. */
	if (COMPAT_IS_LUAJIT) {
		uint32_t header[2];
		memcpy(header, bytes - sizeof header, sizeof header);
		*hash = header[0];
		return header[1] == length;
	}
	/* Of a string of 32 bytes and more only every second, third ... is hashed. 5.1 has no secret. */
	size_t step = (length >> 5) + 1;
	uint32_t value = (uint32_t)length;
	for (size_t i = length; i >= step; i -= step)
		value ^= (value << 5) + (value >> 2) + (unsigned char)bytes[i - 1];
	*hash = value;
	return LUA_VERSION_NUM == 501 || step > 1;
}

#else

#define COMPAT_WEAK_HASHES 0

COMPAT_UNUSED static bool compat_string_hash(const char *bytes, size_t length, uint32_t *hash)
{
	(void)bytes;
	(void)length;
	*hash = 0;
	return false;
}

#endif

/* Largest magnitude below which every integer is a double: 2^53. */
#define COMPAT_EXACT_DOUBLE INT64_C(9007199254740992)

#if LUA_VERSION_NUM >= 503
#define COMPAT_HAS_INTEGERS 1
#else
#define COMPAT_HAS_INTEGERS 0
#endif

/* lua_pushlstring lets the collector run, and with it finalizers, before it copies; later Luas do so afterwards. */
#define COMPAT_COLLECTS_BEFORE_COPY (LUA_VERSION_NUM < 502)

#if LUA_VERSION_NUM < 502

#define compat_rawlen(L, i) lua_objlen(L, i)
#define LUA_OK 0

COMPAT_UNUSED static int lua_absindex(lua_State *L, int index)
{
	return index > 0 || index <= LUA_REGISTRYINDEX ? index : lua_gettop(L) + index + 1;
}

/* LuaJIT 2.1 has these two, PUC Lua 5.1 has not: ours serve both. */
#define luaL_setfuncs compat_setfuncs
#define luaL_testudata compat_testudata

/* [-nup, +0, -] registers `functions` in the table below the upvalues */
COMPAT_UNUSED static void compat_setfuncs(lua_State *L, const luaL_Reg *functions, int nup)
{
	luaL_checkstack(L, nup, "too many upvalues");
	for (; functions->name != NULL; functions++) {
		for (int i = 0; i < nup; i++)
			lua_pushvalue(L, -nup);
		lua_pushcclosure(L, functions->func, nup);
		lua_setfield(L, -(nup + 2), functions->name);
	}
	lua_pop(L, nup);
}

COMPAT_UNUSED static void *compat_testudata(lua_State *L, int index, const char *name)
{
	void *object = lua_touserdata(L, index);
	if (object == NULL || !lua_getmetatable(L, index))
		return NULL;
	luaL_getmetatable(L, name);
	if (!lua_rawequal(L, -1, -2))
		object = NULL;
	lua_pop(L, 2);
	return object;
}

#else

/* lua_Unsigned may be wider than what is counted here. */
#define compat_rawlen(L, i) ((size_t)lua_rawlen(L, i))

#endif

#if LUA_VERSION_NUM >= 503
#define compat_isyieldable(L) lua_isyieldable(L)
#else

/*
** [-0, +0, m] may the C function that calls this yield? PUC Lua 5.1 does not tell, so the stack is looked at: it
** cannot yield across a C function, nor out of the function that a generic `for` calls.
*/
COMPAT_UNUSED static int compat_isyieldable(lua_State *L)
{
	if (COMPAT_IS_LUAJIT)
		return lua_isyieldable(L);
	lua_Debug frame;
	int is_main = lua_pushthread(L);
	lua_pop(L, 1);
	if (is_main)
		return 0;
	for (int level = 1; lua_getstack(L, level, &frame); level++) {
		lua_getinfo(L, "Sn", &frame);
		if (*frame.what == 'C' || (frame.name != NULL && strcmp(frame.name, "(for generator)") == 0))
			return 0;
	}
	return 1;
}
#endif

#if LUA_VERSION_NUM < 504
#define lua_newuserdatauv(L, size, values) lua_newuserdata(L, size)
#endif

/* [-0, +1, m] pushes an integer; where this Lua's numbers cannot hold it, its decimal text */
COMPAT_UNUSED static void compat_pushint64(lua_State *L, int64_t value)
{
#if COMPAT_HAS_INTEGERS
	lua_pushinteger(L, (lua_Integer)value);
#else
	if (value >= -COMPAT_EXACT_DOUBLE && value <= COMPAT_EXACT_DOUBLE) {
		lua_pushnumber(L, (lua_Number)value);
	} else {
		char text[24];
		int length = snprintf(text, sizeof text, "%lld", (long long)value);
		lua_pushlstring(L, text, (size_t)length);
	}
#endif
}

/*
** The collector while one large value is built. compat_gc_hold [-0, +0, e] lets it do now what it would have to do
** while `bytes` are allocated, when the old value is garbage rather than when the new one is half made; then it is
** idle for so many bytes. Where that returns true, compat_gc_release [-0, +0, -] must follow on every way out. A
** collector that the program has stopped is left alone.
*/
#if LUA_VERSION_NUM == 503 || LUA_VERSION_NUM == 504

/* A step of a negative size gives the bytes back, as if they were freed: the account stays true, and whatever is
** thrown later there is nothing to restore. Restarting a stopped collector would begin a new cycle each time. */
COMPAT_UNUSED static bool compat_gc_hold(lua_State *L, size_t bytes)
{
	int kilobytes = bytes >> 10 < INT_MAX ? (int)(bytes >> 10) : INT_MAX;
	if (lua_gc(L, LUA_GCISRUNNING, 0) == 1) {
		lua_gc(L, LUA_GCSTEP, kilobytes);
		lua_gc(L, LUA_GCSTEP, -kilobytes);
	}
	return false;
}

#elif defined(LUA_GCISRUNNING)

COMPAT_UNUSED static bool compat_gc_hold(lua_State *L, size_t bytes)
{
	if (lua_gc(L, LUA_GCISRUNNING, 0) != 1)
		return false;
#if LUA_VERSION_NUM >= 505
	lua_gc(L, LUA_GCSTEP, bytes); /* a size_t, in bytes */
#else
	lua_gc(L, LUA_GCSTEP, bytes >> 10 < INT_MAX >> 10 ? (int)(bytes >> 10) : INT_MAX >> 10);
#endif
	lua_gc(L, LUA_GCSTOP, 0);
	return true;
}

#else

/* Lua 5.1 cannot say whether the program has stopped the collector. */
COMPAT_UNUSED static bool compat_gc_hold(lua_State *L, size_t bytes)
{
	(void)L;
	(void)bytes;
	return false;
}

#endif

COMPAT_UNUSED static void compat_gc_release(lua_State *L)
{
	lua_gc(L, LUA_GCRESTART, 0);
}

#endif
