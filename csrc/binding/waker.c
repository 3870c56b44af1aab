#include "binding/waker.h"

#include "binding/client.h"
#include "http/waker.h"
#include "lua/type.h"

#include <errno.h>
#include <string.h>

static const char WAKER_TYPE[] = "mistral.workflows.core.waker";

static struct waker **waker_check(lua_State *L)
{
	struct waker **box = type_check(L, 1, WAKER_TYPE);
	if (*box == NULL)
		luaL_error(L, "the waker is closed");
	return box;
}

int waker_push(lua_State *L)
{
	struct client *client = client_check(L, 1);
	int descriptor = engine_descriptor(client->engine);
	struct waker **box = lua_newuserdatauv(L, sizeof *box, 0);
	*box = NULL;
	type_push(L, WAKER_TYPE);
	lua_setmetatable(L, -2);
	if (descriptor >= 0)
		*box = waker_new(descriptor);
	if (*box != NULL)
		return 1;
	const char *problem = descriptor < 0 ? "the platform has no pollable descriptor" : strerror(errno);
	lua_pushnil(L);
	lua_pushstring(L, problem);
	return 2;
}

/* [-0, +1, v] waker:path(): where to connect to */
static int lua_waker_path(lua_State *L)
{
	lua_pushstring(L, waker_path(*waker_check(L)));
	return 1;
}

/* [-0, +1|+2, v] waker:accept(): true once the connection is taken and the thread runs; or nil and why not */
static int lua_waker_accept(lua_State *L)
{
	if (waker_accept(*waker_check(L)) == 0) {
		lua_pushboolean(L, 1);
		return 1;
	}
	const char *problem = strerror(errno);
	lua_pushnil(L);
	lua_pushstring(L, problem);
	return 2;
}

/* [-0, +0, v] waker:arm(): asks for one byte as soon as the client has work */
static int lua_waker_arm(lua_State *L)
{
	waker_arm(*waker_check(L));
	return 0;
}

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
	{"arm", lua_waker_arm},
	{"close", lua_waker_close},
	{NULL, NULL},
};

void waker_open(lua_State *L)
{
	type_register(L, WAKER_TYPE, waker_methods, lua_waker_close);
}
