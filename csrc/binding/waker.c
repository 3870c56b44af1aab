#include "binding/waker.h"

#include "http/waker.h"
#include "lua/type.h"

#include <errno.h>
#include <string.h>

#define LONGEST_PATH 108 /* of a unix socket */

static const char WAKER_TYPE[] = "mistral.workflows.core.waker";

static struct waker *waker_check(lua_State *L)
{
	struct waker **box = type_check(L, 1, WAKER_TYPE);
	if (*box == NULL)
		luaL_error(L, "the waker is closed");
	return *box;
}

/* [-0, +1|+2, m] true; or nil and what errno says */
static int push_outcome(lua_State *L, bool done)
{
	const char *problem = done ? NULL : strerror(errno);
	if (done) {
		lua_pushboolean(L, 1);
		return 1;
	}
	lua_pushnil(L);
	lua_pushstring(L, problem);
	return 2;
}

int waker_push(lua_State *L)
{
	struct waker **box = lua_newuserdatauv(L, sizeof *box, 0);
	*box = NULL;
	type_push(L, WAKER_TYPE);
	lua_setmetatable(L, -2);
	*box = waker_new();
	return *box != NULL ? 1 : push_outcome(L, false);
}

/* [-0, +1, v] waker:path(): where to connect to */
static int lua_waker_path(lua_State *L)
{
	char path[LONGEST_PATH]; /* the waker may be closed while the text is made */
	snprintf(path, sizeof path, "%s", waker_path(waker_check(L)));
	lua_pushstring(L, path);
	return 1;
}

/* [-0, +1|+2, v] waker:accept(): true once the connection is taken and the thread runs; or nil and why not */
static int lua_waker_accept(lua_State *L)
{
	return push_outcome(L, waker_accept(waker_check(L)));
}

/* [-0, +1|+2, v] waker:watch(descriptor, name): the name, of 8 bytes, comes once as soon as the descriptor is readable;
   true, or nil and why not */
static int lua_waker_watch(lua_State *L)
{
	size_t length;
	struct waker *waker = waker_check(L);
	int descriptor = (int)luaL_checkinteger(L, 2);
	const char *name = luaL_checklstring(L, 3, &length);
	if (length != WAKER_NAME)
		return luaL_argerror(L, 3, "8 bytes");
	return push_outcome(L, waker_watch(waker, descriptor, name));
}

/* [-0, +0, v] waker:forget(descriptor): its name comes no longer, if it is not on the way */
static int lua_waker_forget(lua_State *L)
{
	struct waker *waker = waker_check(L);
	waker_forget(waker, (int)luaL_checkinteger(L, 2));
	return 0;
}

/* [-0, +1|+2, v] waker:ring(): a name of 8 zeros comes now; true, or nil and why not */
static int lua_waker_ring(lua_State *L)
{
	return push_outcome(L, waker_ring(waker_check(L)));
}

/* [-0, +0, v] waker:close(): ends the thread; may be called again */
static int lua_waker_close(lua_State *L)
{
	struct waker **box = type_check(L, 1, WAKER_TYPE);
	struct waker *waker = *box;
	*box = NULL;
	if (waker != NULL)
		waker_free(waker);
	return 0;
}

static const luaL_Reg waker_methods[] = {
	{"path", lua_waker_path},
	{"accept", lua_waker_accept},
	{"watch", lua_waker_watch},
	{"forget", lua_waker_forget},
	{"ring", lua_waker_ring},
	{"close", lua_waker_close},
	{NULL, NULL},
};

void waker_open(lua_State *L)
{
	type_register(L, WAKER_TYPE, waker_methods, lua_waker_close);
}
