#include "lua_client.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT_TYPE "mistral.workflows.core.client"

struct client *client_check(lua_State *L, int index)
{
	struct client *client = luaL_checkudata(L, index, CLIENT_TYPE);
	if (client->engine == NULL || client->engine->closed)
		luaL_error(L, "the client is closed");
	return client;
}

/* Copies the string field `name` of the config table at 1 into *target, which its client owns. */
static void take_string(lua_State *L, const char *name, char **target)
{
	lua_getfield(L, 1, name);
	if (!lua_isnil(L, -1)) {
		*target = strdup(luaL_checkstring(L, -1));
		if (*target == NULL)
			luaL_error(L, "out of memory");
	}
	lua_pop(L, 1);
}

static lua_Number take_number(lua_State *L, const char *name)
{
	lua_getfield(L, 1, name);
	lua_Number value = luaL_checknumber(L, -1);
	lua_pop(L, 1);
	return value;
}

static bool take_boolean(lua_State *L, const char *name)
{
	lua_getfield(L, 1, name);
	bool value = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return value;
}

static void take_config(lua_State *L, struct engine_config *config)
{
	const struct {
		const char *name;
		char **target;
	} strings[] = {
		{"server_url", &config->server_url},
		{"user_agent", &config->user_agent},
		{"proxy", &config->proxy},
		{"no_proxy", &config->no_proxy},
		{"ca_file", &config->ca_file},
		{"ca_path", &config->ca_path},
		{"client_cert", &config->client_cert},
		{"client_key", &config->client_key},
	};
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
		take_string(L, strings[i].name, strings[i].target);
	config->connect_timeout_ms = (long)(take_number(L, "connect_timeout") * 1000);
	config->max_connections = (long)take_number(L, "max_connections");
	config->max_response_bytes = (size_t)take_number(L, "max_response_bytes");
	config->insecure = take_boolean(L, "insecure");
	config->http_version = take_boolean(L, "http1") ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS;
}

int client_new(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	struct client *client = lua_newuserdatauv(L, sizeof *client, 0);
	memset(client, 0, sizeof *client);
	luaL_getmetatable(L, CLIENT_TYPE);
	lua_setmetatable(L, -2);
	take_config(L, &client->config);
	client->open_parameters = take_boolean(L, "open_parameters");
	client->engine = engine_new(&client->config);
	if (client->engine == NULL)
		return luaL_error(L, "out of memory");
	return 1;
}

static int client__gc(lua_State *L)
{
	struct client *client = luaL_checkudata(L, 1, CLIENT_TYPE);
	struct engine *engine = client->engine;
	client->engine = NULL;
	engine_free_config(&client->config);
	if (engine != NULL)
		engine_release(engine);
	return 0;
}

/* [-0, +0, -] client:close(): cancels what runs and closes all connections; may be called again */
static int client_close(lua_State *L)
{
	struct client *client = luaL_checkudata(L, 1, CLIENT_TYPE);
	if (client->engine != NULL)
		engine_close(client->engine);
	return 0;
}

static int client_closed(lua_State *L)
{
	struct client *client = luaL_checkudata(L, 1, CLIENT_TYPE);
	lua_pushboolean(L, client->engine == NULL || client->engine->closed);
	return 1;
}

/* [-0, +0, v] client:drive(): does what is due, without waiting */
static int client_drive(lua_State *L)
{
	struct client *client = luaL_checkudata(L, 1, CLIENT_TYPE);
	if (client->engine != NULL)
		engine_drive(client->engine, 0);
	return 0;
}

/* [-0, +0, v] client:wait(deadline): blocks until something was done or the monotonic time came; nil: without limit */
static int client_wait(lua_State *L)
{
	struct client *client = client_check(L, 1);
	int timeout_ms = -1;
	if (!lua_isnoneornil(L, 2)) {
		double left = (luaL_checknumber(L, 2) - transfer_now()) * 1000;
		timeout_ms = left <= 0 ? 0 : left >= INT_MAX ? INT_MAX : (int)left + 1;
	}
	engine_drive(client->engine, timeout_ms);
	return 0;
}

/* [-0, +1, v] client:pollfd(): a descriptor that is readable when drive has work, or nil where there is none */
static int client_pollfd(lua_State *L)
{
	struct client *client = luaL_checkudata(L, 1, CLIENT_TYPE);
	int descriptor = client->engine == NULL ? -1 : engine_descriptor(client->engine);
	if (descriptor < 0)
		lua_pushnil(L);
	else
		lua_pushinteger(L, descriptor);
	return 1;
}

static int client_events(lua_State *L)
{
	lua_pushliteral(L, "r");
	return 1;
}

/* [-0, +1, v] client:timeout(): seconds until drive has work even if nothing arrives, or nil */
static int client_timeout(lua_State *L)
{
	struct client *client = luaL_checkudata(L, 1, CLIENT_TYPE);
	long milliseconds = client->engine == NULL ? 0 : engine_timeout(client->engine);
	if (milliseconds < 0)
		lua_pushnil(L);
	else
		lua_pushnumber(L, (lua_Number)milliseconds / 1000);
	return 1;
}

/* [-0, +1, v] client:ready(): the next transfer that ended or received something, as the value of transfer:key(), or
 * nil */
static int client_ready(lua_State *L)
{
	struct client *client = luaL_checkudata(L, 1, CLIENT_TYPE);
	struct transfer *transfer = client->engine == NULL ? NULL : engine_next_ready(client->engine);
	if (transfer == NULL)
		lua_pushnil(L);
	else
		lua_pushlightuserdata(L, transfer);
	return 1;
}

/* [-0, +1, v] client:running(): how many transfers are under way */
static int client_running(lua_State *L)
{
	struct client *client = luaL_checkudata(L, 1, CLIENT_TYPE);
	lua_pushinteger(L, client->engine == NULL ? 0 : (lua_Integer)client->engine->running_count);
	return 1;
}

static const luaL_Reg client_methods[] = {
	{"close", client_close},
	{"closed", client_closed},
	{"drive", client_drive},
	{"wait", client_wait},
	{"pollfd", client_pollfd},
	{"events", client_events},
	{"timeout", client_timeout},
	{"ready", client_ready},
	{"running", client_running},
	{NULL, NULL},
};

void client_open(lua_State *L)
{
	if (luaL_newmetatable(L, CLIENT_TYPE)) {
		lua_newtable(L);
		luaL_setfuncs(L, client_methods, 0);
		lua_setfield(L, -2, "__index");
		lua_pushcfunction(L, client__gc);
		lua_setfield(L, -2, "__gc");
		lua_pushliteral(L, CLIENT_TYPE);
		lua_setfield(L, -2, "__name");
	}
	lua_pop(L, 1);
}
