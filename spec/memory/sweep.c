/*
** Runs operations with memory that ends at the first, second, third ...
** allocation, until the operation succeeds. Two kinds of memory: what Lua
** allocates, and what the C core allocates (the module is linked with --wrap,
** so that its calls come here and those of other libraries do not).
**
** spec/memory/scenarios.lua returns a list of { name, operation, check };
** `operation()` may fail in any way, `check()` must then succeed. Runs in the
** root of the project, writes TAP. Built with AddressSanitizer, which also finds
** what was lost, at exit.
*/
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ALLOCATIONS 100000

enum memory { MEMORY_LUA, MEMORY_C };

static enum memory failing_memory;
static long countdown; /* allocations until one fails; 0: none fails */
static bool failed;

static bool refuse(enum memory memory)
{
	if (countdown == 0 || memory != failing_memory || --countdown > 0)
		return false;
	failed = true;
	return true;
}

#define EXPORT __attribute__((visibility("default")))

EXPORT void *__wrap_malloc(size_t size);
EXPORT void *__wrap_calloc(size_t count, size_t size);
EXPORT void *__wrap_realloc(void *block, size_t size);
EXPORT char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t size)
{
	return refuse(MEMORY_C) ? NULL : malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return refuse(MEMORY_C) ? NULL : calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
	return refuse(MEMORY_C) ? NULL : realloc(block, size);
}

char *__wrap_strdup(const char *text)
{
	return refuse(MEMORY_C) ? NULL : strdup(text);
}

static void *allocate(void *user, void *block, size_t old_size, size_t size)
{
	(void)user;
	if (size == 0) {
		free(block);
		return NULL;
	}
	if ((block == NULL || size > old_size) && refuse(MEMORY_LUA))
		return NULL;
	return realloc(block, size);
}

/* Calls the field `name` of the scenario at the top. */
static int call_field(lua_State *L, const char *name)
{
	lua_getfield(L, -1, name);
	return lua_pcall(L, 0, 0, 0);
}

/* The scenario is at the top. Returns the number of allocations that were refused in turn, or -1. */
static long sweep(lua_State *L, enum memory memory)
{
	for (long count = 1; count < MOST_ALLOCATIONS; count++) {
		failing_memory = memory;
		failed = false;
		countdown = count;
		int status = call_field(L, "operation");
		countdown = 0;
		if (status != LUA_OK)
			lua_pop(L, 1);
		lua_gc(L, LUA_GCCOLLECT);
		if (call_field(L, "check") != LUA_OK) {
			printf("# after allocation %ld: %s\n", count, luaL_tolstring(L, -1, NULL));
			lua_pop(L, 2);
			return -1;
		}
		if (!failed)
			return count - 1;
	}
	return -1;
}

int main(void)
{
	static const char *const names[] = {"Lua", "C"};
	int number = 0, bad = 0;
	lua_State *L = lua_newstate(allocate, NULL);
	if (L == NULL)
		return 2;
	setenv("LUA_PATH", "lua/?.lua;lua/?/init.lua;?.lua;;", 1);
	setenv("LUA_CPATH", "build/sweep/?.so;;", 1);
	luaL_openlibs(L);
	if (luaL_loadfile(L, "spec/memory/scenarios.lua") != LUA_OK || lua_pcall(L, 0, 1, 0) != LUA_OK) {
		printf("not ok 1 - %s\n", lua_tostring(L, -1));
		return 1;
	}
	for (lua_Integer i = 1; lua_geti(L, 1, i) == LUA_TTABLE; i++) {
		for (int memory = MEMORY_LUA; memory <= MEMORY_C; memory++) {
			lua_getfield(L, -1, "name");
			const char *name = lua_tostring(L, -1);
			lua_pop(L, 1);
			long refused = sweep(L, (enum memory)memory);
			bad += refused < 0;
			printf("%s %d - %s: %ld allocations of %s refused\n", refused < 0 ? "not ok" : "ok", ++number,
				name, refused, names[memory]);
			fflush(stdout);
		}
		lua_pop(L, 1);
	}
	lua_close(L);
	printf("1..%d\n", number);
	return bad > 0;
}
