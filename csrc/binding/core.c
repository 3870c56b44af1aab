/*
** mistral.workflows.core: assembles the C module.
** May be opened any number of times, in any number of states; the only process
** state is libcurl's, initialised once and never undone.
*/
#include "api/endpoint.h"
#include "base/clock.h"
#include "binding/client.h"
#include "binding/endpoint.h"
#include "binding/json.h"
#include "binding/time.h"
#include "binding/tool.h"
#include "binding/transfer.h"
#include "binding/waker.h"
#include "http/url.h"
#include "lua/compat.h"

#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define OLDEST_CURL 0x075700 /* 7.87.0: CURLOPT_QUICK_EXIT */
#define OLDEST_CURL_NAME "7.87.0"

int luaopen_mistral_workflows_core(lua_State *L);

static CURLcode curl_started = CURLE_FAILED_INIT;

/* A resolver thread of libcurl may outlive every client: the code it runs in must never be unloaded. */
static void stay_loaded(void)
{
	Dl_info self;
	if (dladdr((const void *)&curl_started, &self) != 0 && self.dli_fname != NULL)
		dlopen(self.dli_fname, RTLD_NOW | RTLD_NODELETE);
}

static void start_curl(void)
{
	curl_started = curl_global_init(CURL_GLOBAL_DEFAULT);
	stay_loaded();
}

/* [-0, +1, -] core.now(): monotonic seconds */
static int core_now(lua_State *L)
{
	lua_pushnumber(L, clock_now());
	return 1;
}

/* [-0, +0, v] core.skip(seconds): sets the clock of this process forward, in place of waiting */
static int core_skip(lua_State *L)
{
	clock_skip(clock_bounded(luaL_checknumber(L, 1), CLOCK_FOREVER));
	return 0;
}

/* [-0, +1, -] core.yieldable(): the caller may yield here: it is in a coroutine, with no C function in between */
static int core_yieldable(lua_State *L)
{
	lua_pushboolean(L, compat_isyieldable(L));
	return 1;
}

/* [-0, +0, v] core.sleep(seconds): blocks; a signal ends it early, so that an interrupt is seen */
static int core_sleep(lua_State *L)
{
	double seconds = clock_bounded(luaL_checknumber(L, 1), CLOCK_FOREVER);
	double whole = floor(seconds);
	struct timespec time = {.tv_sec = (time_t)whole, .tv_nsec = (long)((seconds - whole) * 1e9)};
	if (seconds > 0)
		nanosleep(&time, NULL);
	return 0;
}

/* [-0, +1, v] core.random(count): that many random bytes (1 to 32) in hexadecimal */
static int core_random(lua_State *L)
{
	unsigned char bytes[32];
	char text[2 * sizeof bytes + 1];
	size_t count = (size_t)luaL_checkinteger(L, 1);
	if (count < 1 || count > sizeof bytes)
		return luaL_argerror(L, 1, "1 to 32 bytes");
	if (getentropy(bytes, count) != 0)
		return luaL_error(L, "the system gave no random bytes");
	for (size_t i = 0; i < count; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	lua_pushlstring(L, text, 2 * count);
	return 1;
}

/* [-0, +1|+0, v] core.check_server(url, allow_insecure): what is wrong with a server URL, or nothing */
static int core_check_server(lua_State *L)
{
	size_t length;
	const char *url = luaL_checklstring(L, 1, &length);
	if (strlen(url) != length)
		lua_pushliteral(L, "must not hold NUL bytes");
	else
		lua_pushstring(L, url_check_server(url, lua_toboolean(L, 2)));
	return 1;
}

/* [-0, +1, v] core.is_readable(path): a file or directory is there */
static int core_is_readable(lua_State *L)
{
	struct stat status;
	lua_pushboolean(L, stat(luaL_checkstring(L, 1), &status) == 0);
	return 1;
}

static const luaL_Reg core_functions[] = {
	{"client", client_new},
	{"waker", waker_push},
	{"tool", tool_new},
	{"now", core_now},
	{"skip", core_skip},
	{"sleep", core_sleep},
	{"yieldable", core_yieldable},
	{"random", core_random},
	{"check_server", core_check_server},
	{"is_readable", core_is_readable},
	{NULL, NULL},
};

COMPAT_EXPORT int luaopen_mistral_workflows_core(lua_State *L)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, start_curl);
	const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
	if (curl_started != CURLE_OK)
		return luaL_error(L, "libcurl could not be started: %s", curl_easy_strerror(curl_started));
	if (curl->version_num < OLDEST_CURL)
		return luaL_error(L, "libcurl %s is too old: install " OLDEST_CURL_NAME " or newer", curl->version);
	client_open(L);
	transfer_open(L);
	waker_open(L);
	lua_createtable(L, 0, (int)endpoint_count + 12);
	luaL_setfuncs(L, core_functions, 0);
	transfer_register(L);
	endpoint_register(L);
	json_open(L);
	lua_setfield(L, -2, "json");
	time_open(L);
	lua_setfield(L, -2, "time");
	lua_pushstring(L, curl->version);
	lua_setfield(L, -2, "curl_version");
	return 1;
}
