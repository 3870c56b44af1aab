#include "binding/client.h"

#include "base/clock.h"
#include "http/url.h"
#include "http/waiter.h"
#include "lua/type.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define MOST_RESPONSE_BYTES 1e15

static const char CLIENT_TYPE[] = "mistral.workflows.core.client";
static const char DESCRIPTOR_TYPE[] = "mistral.workflows.core.descriptor";

void client_push_type(lua_State *L)
{
	type_push(L, CLIENT_TYPE);
}

struct client *client_self(lua_State *L)
{
	return type_self(L, CLIENT_TYPE);
}

bool client_is_open(const struct client *client)
{
	return client->engine != NULL && !client->engine->closed;
}

static struct client *check_open(lua_State *L)
{
	struct client *client = client_self(L);
	if (!client_is_open(client))
		luaL_error(L, "the client is closed");
	return client;
}

static char *duplicate(lua_State *L, const char *text)
{
	char *copy = strdup(text);
	if (copy == NULL)
		luaL_error(L, "out of memory");
	return copy;
}

/* Copies the string field `name` of the options at 1 into *target, which its client owns. */
static void take_string(lua_State *L, const char *name, char **target)
{
	lua_getfield(L, 1, name);
	if (!lua_isnil(L, -1))
		*target = duplicate(L, luaL_checkstring(L, -1));
	lua_pop(L, 1);
}

static double take_number(lua_State *L, const char *name, double least, double most)
{
	lua_getfield(L, 1, name);
	double value = luaL_checknumber(L, -1);
	lua_pop(L, 1);
	return value >= most ? most : value >= least ? value : least;
}

static bool take_boolean(lua_State *L, const char *name)
{
	lua_getfield(L, 1, name);
	bool value = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return value;
}

/* Is the field this text? */
static bool take_choice(lua_State *L, const char *name, const char *choice)
{
	lua_getfield(L, 1, name);
	bool chosen = strcmp(luaL_checkstring(L, -1), choice) == 0;
	lua_pop(L, 1);
	return chosen;
}

long client_milliseconds(double seconds)
{
	double milliseconds = clock_bounded(seconds, INT_MAX / 1000) * 1000;
	return milliseconds < 1 ? 1 : (long)milliseconds;
}

/* Does the environment name a proxy (https://curl.se/libcurl/c/libcurl-env.html)? */
static bool environment_has_proxy(void)
{
	static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (getenv(names[i]) != NULL)
			return true;
	return false;
}

/* No proxy of the environment gets to read what may only be sent in the clear because it stays on this machine. And
   where there is none, libcurl need not look for it at each request. */
static void settle_proxy(lua_State *L, struct engine_config *config)
{
	bool direct = !take_boolean(L, "allow_insecure_http") && url_is_loopback(config->server_url);
	if (config->proxy != NULL || (!direct && environment_has_proxy()))
		return;
	config->proxy = duplicate(L, "");
	if (config->no_proxy == NULL)
		config->no_proxy = duplicate(L, "");
}

/* Makes the user agent a header line. */
static void settle_user_agent(lua_State *L, struct engine_config *config)
{
	lua_pushfstring(L, "User-Agent: %s", config->user_agent);
	char *line = duplicate(L, lua_tostring(L, -1));
	free(config->user_agent);
	config->user_agent = line;
	lua_pop(L, 1);
}

static void take_config(lua_State *L, struct engine_config *config)
{
#define TAKE(name) take_string(L, #name, &config->name);
	ENGINE_STRINGS(TAKE)
#undef TAKE
	if (config->server_url == NULL || config->user_agent == NULL)
		luaL_error(L, "server_url and user_agent are missing");
	settle_proxy(L, config);
	settle_user_agent(L, config);
	config->connect_timeout_ms = client_milliseconds(take_number(L, "connect_timeout", 0, INT_MAX));
	config->max_connections = (long)take_number(L, "max_connections", 1, INT_MAX);
	config->max_response_bytes = (size_t)take_number(L, "max_response_bytes", 1, MOST_RESPONSE_BYTES);
	config->insecure = take_boolean(L, "insecure");
	config->measures = take_boolean(L, "observer");
	const int features = curl_version_info(CURLVERSION_NOW)->features;
	config->gzip = features & CURL_VERSION_LIBZ;
	bool plain = take_choice(L, "http_version", "1.1") || !(features & CURL_VERSION_HTTP2);
	config->http_version = plain ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS;
}

int client_new(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	struct client *client = lua_newuserdatauv(L, sizeof *client, 0);
	memset(client, 0, sizeof *client);
	type_push(L, CLIENT_TYPE);
	lua_setmetatable(L, -2);
	take_config(L, &client->config);
	client->open_parameters = take_choice(L, "parameters", "open");
	client->engine = engine_new(&client->config);
	if (client->engine == NULL)
		return luaL_error(L, "out of memory");
	return 1;
}

static int client__gc(lua_State *L)
{
	struct client *client = client_self(L);
	struct engine *engine = client->engine;
	client->engine = NULL;
	engine_free_config(&client->config);
	if (engine != NULL)
		engine_release(engine);
	return 0;
}

/* [-0, +0, -] client:close(): cancels what runs and closes all connections; may be called again. A descriptor that was
   asked for stays open and readable until client:give_back() */
static int client_close(lua_State *L)
{
	struct client *client = client_self(L);
	if (client->engine != NULL)
		engine_close(client->engine);
	return 0;
}

/* [-0, +0, -] client:give_back(): closes the descriptor of a client that is closed, when no loop holds it any more */
static int client_give_back(lua_State *L)
{
	struct client *client = client_self(L);
	if (client->engine != NULL)
		engine_give_back(client->engine);
	return 0;
}

static int client_closed(lua_State *L)
{
	struct client *client = client_self(L);
	lua_pushboolean(L, !client_is_open(client));
	return 1;
}

/* [-0, +0, v] client:drive(): does what is due, without waiting */
static int client_drive(lua_State *L)
{
	struct client *client = client_self(L);
	if (client->engine != NULL)
		engine_drive(client->engine, 0);
	return 0;
}

/* [-0, +1, v] client:wait(deadline): blocks until something was done or the monotonic time came; nil: without limit.
   Gives false, at once, where nothing is under way that could end. */
static int client_wait(lua_State *L)
{
	struct client *client = check_open(L);
	int timeout_ms = -1;
	if (!lua_isnoneornil(L, 2)) {
		double left = clock_bounded(luaL_checknumber(L, 2) - clock_now(), INT_MAX / 1000 - 1);
		timeout_ms = left > 0 ? (int)(left * 1000) + 1 : 0;
	}
	bool running = client->engine->running_count > 0;
	engine_drive(client->engine, timeout_ms);
	lua_pushboolean(L, running);
	return 1;
}

/* [-0, +0, v] the descriptor of the client at 1, or -1. Where too many files are open, what nobody uses any more is
   collected first. */
static int descriptor_of(lua_State *L)
{
	struct client *client = client_self(L);
	for (int turn = 0; client->engine != NULL; turn++) {
		errno = 0;
		int number = engine_descriptor(client->engine);
		if (number >= 0 || turn == 2 || (errno != EMFILE && errno != ENFILE))
			return number;
		lua_gc(L, LUA_GCCOLLECT, 0); /* may close the client */
	}
	return -1;
}

/* [-0, +1, v] client:pollfd(): a descriptor that is readable when drive has work, or nil where there is none */
static int client_pollfd(lua_State *L)
{
	int descriptor = descriptor_of(L);
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
	struct client *client = client_self(L);
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
	struct client *client = client_self(L);
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
	struct client *client = client_self(L);
	lua_pushinteger(L, client->engine == NULL ? 0 : (lua_Integer)client->engine->running_count);
	return 1;
}

/* [-0, +0, v] client:nudge(): makes the descriptor readable, for whoever waits on it, until the next drive */
static int client_nudge(lua_State *L)
{
	struct client *client = client_self(L);
	if (client->engine != NULL)
		engine_nudge(client->engine);
	return 0;
}

/* [-0, +1, v] client:duplicate(deadline): a descriptor that is readable when that of pollfd is, or at the monotonic
   time, if there is one, for loops that know one waiter a descriptor and have no timers; or nil */
static int client_duplicate(lua_State *L)
{
	double when = luaL_optnumber(L, 2, -1);
	struct waiter *waiter = lua_newuserdatauv(L, sizeof *waiter, 0);
	*waiter = (struct waiter){.descriptor = -1, .timer = -1};
	type_push(L, DESCRIPTOR_TYPE);
	lua_setmetatable(L, -2);
	check_open(L);
	if (!waiter_open(waiter, descriptor_of(L), when))
		lua_pushnil(L);
	return 1;
}

/* [-0, +1, v] descriptor:pollfd(): the number; nil once it is closed, and in a child process */
static int descriptor_pollfd(lua_State *L)
{
	int number = waiter_descriptor(type_self(L, DESCRIPTOR_TYPE));
	if (number < 0)
		lua_pushnil(L);
	else
		lua_pushinteger(L, number);
	return 1;
}

static int descriptor_close(lua_State *L)
{
	waiter_close(type_self(L, DESCRIPTOR_TYPE));
	return 0;
}

static const luaL_Reg descriptor_methods[] = {
	{"pollfd", descriptor_pollfd},
	{"close", descriptor_close},
	{NULL, NULL},
};

static const luaL_Reg client_methods[] = {
	{"close", client_close},
	{"give_back", client_give_back},
	{"closed", client_closed},
	{"drive", client_drive},
	{"wait", client_wait},
	{"pollfd", client_pollfd},
	{"events", client_events},
	{"timeout", client_timeout},
	{"ready", client_ready},
	{"running", client_running},
	{"nudge", client_nudge},
	{"duplicate", client_duplicate},
	{NULL, NULL},
};

void client_open(lua_State *L)
{
	type_register(L, CLIENT_TYPE, client_methods, client__gc);
	type_register(L, DESCRIPTOR_TYPE, descriptor_methods, descriptor_close);
}
