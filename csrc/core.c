/*
** mistral.workflows.core: assembles the C module.
** May be opened any number of times, in any number of states; the only process
** state is libcurl's, initialised once and never undone.
*/
#include "endpoint.h"
#include "json_lua.h"
#include "lua_client.h"
#include "lua_compat.h"
#include "lua_transfer.h"
#include "lua_waker.h"
#include "url.h"

#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define OLDEST_CURL 0x075700 /* 7.87.0: CURLOPT_QUICK_EXIT */
#define OLDEST_CURL_NAME "7.87.0"
#if defined(LIBCURL_VERSION_NUM) && LIBCURL_VERSION_NUM < OLDEST_CURL
#error "libcurl is too old: 7.87.0 or newer is needed"
#endif

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
	lua_pushnumber(L, transfer_now());
	return 1;
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
	double seconds = luaL_checknumber(L, 1);
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
	const char *problem = url_check_server(luaL_checkstring(L, 1), lua_toboolean(L, 2));
	lua_pushstring(L, problem);
	return 1;
}

/* [-0, +1, v] core.distance(a, b): edit distance of two names, at most 4 */
static int core_distance(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)endpoint_distance(luaL_checkstring(L, 1), luaL_checkstring(L, 2), 3));
	return 1;
}

/* [-0, +1, v] core.is_readable(path): a file or directory is there */
static int core_is_readable(lua_State *L)
{
	struct stat status;
	lua_pushboolean(L, stat(luaL_checkstring(L, 1), &status) == 0);
	return 1;
}

static void set_field(lua_State *L, const char *name, const char *value)
{
	if (value != NULL) {
		lua_pushstring(L, value);
		lua_setfield(L, -2, name);
	}
}

static void push_fields(lua_State *L, const struct field *fields)
{
	static const char *const types[] = {
		[FIELD_STRING] = "string",
		[FIELD_INTEGER] = "integer",
		[FIELD_NUMBER] = "number",
		[FIELD_BOOLEAN] = "boolean",
		[FIELD_STRINGS] = "string[]",
		[FIELD_OBJECT] = "table",
	};
	lua_newtable(L);
	for (int i = 0; fields[i].name != NULL; i++) {
		lua_createtable(L, 0, 3);
		set_field(L, "name", fields[i].name);
		set_field(L, "type", types[fields[i].type]);
		set_field(L, "note", fields[i].note);
		lua_rawseti(L, -2, i + 1);
	}
}

static void push_paging(lua_State *L, const struct paging *paging)
{
	lua_createtable(L, 0, 6);
	set_field(L, "cursor", paging->cursor);
	set_field(L, "size", paging->size);
	set_field(L, "items", paging->items);
	set_field(L, "next", paging->next);
	if (paging->default_size > 0) {
		lua_pushinteger(L, paging->default_size);
		lua_setfield(L, -2, "default_size");
	}
	lua_pushboolean(L, paging->cursor_holds_filters);
	lua_setfield(L, -2, "cursor_holds_filters");
}

/* [-0, +0, m] */
static void push_batch_answer(lua_State *L, const struct endpoint *row)
{
	lua_newtable(L);
	for (int i = 0; i < ENDPOINT_BATCH_MEMBERS && row->batch_answer[i] != NULL; i++) {
		lua_pushstring(L, row->batch_answer[i]);
		lua_rawseti(L, -2, i + 1);
	}
	lua_setfield(L, -2, "batch_answer");
}

/* [-0, +1, m] one row as a table; the lists of its fields only where asked for */
static void push_row(lua_State *L, const struct endpoint *row, bool detailed)
{
	static const char *const responses[] = {
		[RESPONSE_JSON] = "json", [RESPONSE_NONE] = "none", [RESPONSE_EVENTS] = "events"};
	static const char *const rules[] = {
		[REPEAT_SAFE] = "safe", [REPEAT_NEVER] = "never", [REPEAT_ASK_FIRST] = "ask_first"};
	lua_createtable(L, 0, 14);
	set_field(L, "name", row->name);
	set_field(L, "resource", row->resource);
	set_field(L, "verb", row->verb);
	set_field(L, "method", row->method);
	set_field(L, "path", row->path);
	set_field(L, "summary", row->summary);
	set_field(L, "batch", row->batch);
	if (row->batch != NULL)
		push_batch_answer(L, row);
	set_field(L, "resume", row->resume);
	set_field(L, "response", responses[row->response]);
	set_field(L, "repeat_rule", rules[row->repeat]);
	lua_pushinteger(L, (lua_Integer)url_path_values(row->path));
	lua_setfield(L, -2, "path_values");
	lua_pushboolean(L, row->has_body);
	lua_setfield(L, -2, "has_body");
	lua_pushboolean(L, row->has_body || row->query[0].name != NULL);
	lua_setfield(L, -2, "takes_table");
	if (row->paging.cursor != NULL) {
		push_paging(L, &row->paging);
		lua_setfield(L, -2, "paging");
	}
	if (detailed) {
		push_fields(L, row->query);
		lua_setfield(L, -2, "query");
		push_fields(L, row->body);
		lua_setfield(L, -2, "body");
	}
}

/* [-0, +1, m] core.endpoints(detailed): the rows of the endpoint table, in its order */
static int core_endpoints(lua_State *L)
{
	bool detailed = lua_toboolean(L, 1);
	lua_createtable(L, (int)endpoint_count, 0);
	for (size_t i = 0; i < endpoint_count; i++) {
		push_row(L, &endpoint_table[i], detailed);
		lua_rawseti(L, -2, (int)i + 1);
	}
	return 1;
}

static const luaL_Reg core_functions[] = {
	{"client", client_new},
	{"waker", waker_push},
	{"now", core_now},
	{"sleep", core_sleep},
	{"yieldable", core_yieldable},
	{"random", core_random},
	{"check_server", core_check_server},
	{"distance", core_distance},
	{"is_readable", core_is_readable},
	{"endpoints", core_endpoints},
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
	lua_createtable(L, 0, (int)endpoint_count + 10);
	luaL_setfuncs(L, core_functions, 0);
	transfer_register(L);
	json_open(L);
	lua_setfield(L, -2, "json");
	set_field(L, "curl_version", curl->version);
	return 1;
}
