#include "binding/transfer.h"

#include "binding/client.h"
#include "binding/request.h"
#include "http/failure.h"
#include "http/url.h"
#include "lua/type.h"
#include "json/decode.h"

#include <string.h>
#include <time.h>

static const char TRANSFER_TYPE[] = "mistral.workflows.core.transfer";
#define KEPT_BODY ((size_t)64 * 1024)

static struct transfer *transfer_check(lua_State *L)
{
	return type_check(L, 1, TRANSFER_TYPE);
}

static void set_string(lua_State *L, const char *name, const char *value)
{
	if (value != NULL && *value != '\0') {
		lua_pushstring(L, value);
		lua_setfield(L, -2, name);
	}
}

static void set_number(lua_State *L, const char *name, double value)
{
	lua_pushnumber(L, value);
	lua_setfield(L, -2, name);
}

static void set_integer(lua_State *L, const char *name, lua_Integer value)
{
	lua_pushinteger(L, value);
	lua_setfield(L, -2, name);
}

static void set_boolean(lua_State *L, const char *name, bool value)
{
	lua_pushboolean(L, value);
	lua_setfield(L, -2, name);
}

/* [-0, +1|+2|+3, v] core.<operation>(client, path values..., parameters or body): a transfer that can be started;
   or nil and what is wrong with the arguments, and "invalid" where it is a value that cannot be sent */
static int core_operation(lua_State *L)
{
	const struct endpoint *row = lua_touserdata(L, lua_upvalueindex(1));
	lua_settop(L, 2 + (int)url_path_values(row->path));
	struct transfer *transfer = lua_newuserdatauv(L, sizeof *transfer, 0);
	memset(transfer, 0, sizeof *transfer);
	type_push(L, TRANSFER_TYPE);
	lua_setmetatable(L, -2);
	transfer->endpoint = row;
	struct client *client = client_check(L, 1);
	enum request_status status =
		request_build(L, 2, transfer, client->engine->config.server_url, client->open_parameters);
	if (status == REQUEST_BUILT)
		return 1;
	lua_pushnil(L);
	lua_insert(L, -2);
	if (status == REQUEST_MISUSE)
		return 2;
	lua_pushliteral(L, "invalid");
	return 3;
}

static int transfer__gc(lua_State *L)
{
	engine_free_transfer(transfer_check(L));
	return 0;
}

static void add_header_line(lua_State *L, struct transfer *transfer, const char *line)
{
	struct curl_slist *lines = curl_slist_append(transfer->header_lines, line);
	if (lines == NULL)
		luaL_error(L, "out of memory");
	transfer->header_lines = lines;
}

/* [-0, +0, v] transfer:start(client, timeout, lines): begins an attempt of `timeout` seconds (0: no limit) with these
   header lines added. A transfer that ended may be started again. */
static int transfer_start(lua_State *L)
{
	struct transfer *transfer = transfer_check(L);
	struct client *client = client_check(L, 2);
	double timeout = luaL_checknumber(L, 3);
	luaL_checktype(L, 4, LUA_TTABLE);
	if (transfer->state == TRANSFER_RUNNING)
		return luaL_error(L, "the transfer is running");
	transfer->timeout_ms = timeout > 0 ? client_milliseconds(timeout) : 0;
	curl_slist_free_all(transfer->header_lines);
	transfer->header_lines = NULL;
	for (size_t i = 1, count = lua_rawlen(L, 4); i <= count; i++) {
		lua_rawgeti(L, 4, (int)i);
		add_header_line(L, transfer, luaL_checkstring(L, -1));
		lua_pop(L, 1);
	}
	engine_start(client->engine, transfer);
	return 0;
}

/* [-0, +1, v] transfer:done(): the attempt ended */
static int transfer_done(lua_State *L)
{
	lua_pushboolean(L, transfer_check(L)->state == TRANSFER_DONE);
	return 1;
}

/* [-0, +1, v] transfer:retry(): the milliseconds that the stream last asked for before a reconnect, or -1 */
static int transfer_retry(lua_State *L)
{
	lua_pushinteger(L, transfer_check(L)->sse.retry_ms);
	return 1;
}

/* [-0, +0, v] transfer:cancel(): ends a running attempt; its kind of failure is then "cancelled" */
static int transfer_cancel(lua_State *L)
{
	engine_cancel(transfer_check(L));
	return 0;
}

/* [-0, +1, v] transfer:key(): what client:ready() calls this transfer */
static int transfer_key(lua_State *L)
{
	lua_pushlightuserdata(L, transfer_check(L));
	return 1;
}

/* [-0, +1, v] transfer:status(): the HTTP status that has arrived so far, or 0 */
static int transfer_status(lua_State *L)
{
	lua_pushinteger(L, transfer_check(L)->head.status);
	return 1;
}

/* [-0, +1, v] transfer:last_byte(): monotonic seconds of the last sign of life from the server */
static int transfer_last_byte(lua_State *L)
{
	lua_pushnumber(L, transfer_check(L)->last_byte);
	return 1;
}

/* [-0, +0, m] adds the body, up to `limit` bytes, to the table at the top */
static void set_body_text(lua_State *L, const struct transfer *transfer, size_t limit)
{
	size_t length = transfer->body.length < limit ? transfer->body.length : limit;
	if (length > 0) {
		lua_pushlstring(L, transfer->body.data, length);
		lua_setfield(L, -2, "body");
	}
}

static const char *trust_store(const struct transfer *transfer)
{
	const struct engine_config *config = &transfer->engine->config;
	if (config->ca_file != NULL)
		return config->ca_file;
	if (config->ca_path != NULL)
		return config->ca_path;
	return curl_version_info(CURLVERSION_NOW)->cainfo;
}

static void set_head(lua_State *L, const struct transfer *transfer)
{
	double retry_after = head_retry_after(&transfer->head, time(NULL));
	if (transfer->head.status > 0)
		set_integer(L, "status", transfer->head.status);
	set_string(L, "content_type", transfer->head.content_type);
	set_string(L, "request_id", transfer->head.request_id);
	if (retry_after >= 0)
		set_number(L, "retry_after", retry_after);
}

static void set_cause(lua_State *L, const char *name, const char *message, CURLcode code)
{
	lua_createtable(L, 0, 3);
	set_string(L, "name", name);
	set_string(L, "message", message);
	set_integer(L, "code", (lua_Integer)code);
	lua_setfield(L, -2, "cause");
}

/* [-0, +1, m] the facts of a failure as a table; lua/mistral/workflows/errors.lua makes the error of it */
static void push_failure(lua_State *L, const struct transfer *transfer)
{
	struct failure failure = failure_of(transfer);
	lua_createtable(L, 0, 12);
	set_string(L, "kind", failure.kind);
	set_string(L, "phase", failure.phase);
	set_string(L, "reason", failure.reason);
	set_boolean(L, "unsent", failure.unsent);
	set_head(L, transfer);
	set_body_text(L, transfer, KEPT_BODY);
	if (failure.name != NULL)
		set_cause(L, failure.name, failure.message, transfer->code);
	if (transfer->code == CURLE_PEER_FAILED_VERIFICATION || transfer->code == CURLE_SSL_CACERT_BADFILE)
		set_string(L, "trust_store", trust_store(transfer));
	if (strcmp(failure.kind, "too_large") == 0)
		set_number(L, "limit",
			(double)(transfer->end == TRANSFER_HEADER_TOO_LARGE ? HEAD_MAX_BYTES : transfer->body_limit));
}

/* [-1, +2, m] nil and a failure, with the decoder's message that is at the top. A text that stops early in a body whose
   end was only the end of the connection was cut off: libcurl cannot tell, nor over TLS. */
static int fail_decode(lua_State *L, const struct transfer *transfer, enum json_status status)
{
	bool cut = status == JSON_ENDS_EARLY && !transfer->head.framed;
	lua_pushnil(L);
	lua_createtable(L, 0, 6);
	set_string(L, "kind", cut ? "network" : status == JSON_TOO_LARGE ? "too_large" : "decode");
	if (cut)
		set_cause(
			L, "CURLE_PARTIAL_FILE", "the connection closed in the middle of the body", CURLE_PARTIAL_FILE);
	lua_pushvalue(L, -3);
	lua_setfield(L, -2, "reason");
	set_head(L, transfer);
	set_body_text(L, transfer, KEPT_BODY);
	if (status == JSON_TOO_LARGE)
		set_number(L, "limit", (double)transfer->body_limit);
	return 2;
}

/* [-0, +1|+2, v] transfer:result(): the decoded answer (true where none is promised or it came as events), or nil and a
   failure. The body is let go. */
static int transfer_result(lua_State *L)
{
	struct transfer *transfer = transfer_check(L);
	if (transfer->state != TRANSFER_DONE)
		return luaL_error(L, "the transfer has not ended");
	if (!transfer_succeeded(transfer)) {
		lua_pushnil(L);
		push_failure(L, transfer);
		return 2;
	}
	if (transfer->endpoint->response != RESPONSE_JSON || transfer->head.status == 204) {
		lua_pushboolean(L, 1);
		return 1;
	}
	if (buffer_terminate(&transfer->body) != BUFFER_OK)
		return luaL_error(L, "out of memory");
	enum json_status status = json_decode(L, transfer->body.data, transfer->body.length);
	if (status != JSON_OK)
		return fail_decode(L, transfer, status);
	buffer_reset(&transfer->body, KEPT_BODY);
	return 1;
}

/* [-0, +1|+5, v] transfer:next_event(): data, event, id, retry (milliseconds) of the next event that has arrived, and
   whether the stream ended before the event did; nil when there is none yet; false and what is wrong ("too_large") when
   the stream cannot be read on */
static int transfer_next(lua_State *L)
{
	struct transfer *transfer = transfer_check(L);
	const struct sse *sse = &transfer->sse;
	switch (transfer_next_event(transfer)) {
	case SSE_EVENT:
		lua_pushlstring(L, sse->data.data, sse->data.length);
		lua_pushlstring(L, sse->event.length > 0 ? sse->event.data : "", sse->event.length);
		lua_pushlstring(L, sse->id.length > 0 ? sse->id.data : "", sse->id.length);
		lua_pushinteger(L, sse->retry_ms);
		lua_pushboolean(L, sse->unfinished);
		return 5;
	case SSE_TOO_LARGE:
		lua_pushboolean(L, 0);
		lua_pushliteral(L, "too_large");
		return 2;
	case SSE_NO_MEMORY:
		return luaL_error(L, "out of memory");
	case SSE_MORE:
		break;
	}
	lua_pushnil(L);
	return 1;
}

static const char *version_name(long version)
{
	switch (version) {
	case CURL_HTTP_VERSION_1_0:
		return "1.0";
	case CURL_HTTP_VERSION_1_1:
		return "1.1";
	case CURL_HTTP_VERSION_2_0:
		return "2";
	default:
		return NULL;
	}
}

/* [-0, +1, v] transfer:info(): what libcurl measured of the attempt */
static int transfer_info(lua_State *L)
{
	const struct transfer *transfer = transfer_check(L);
	const struct transfer_timings *timings = &transfer->timings;
	lua_createtable(L, 0, 12);
	if (transfer->head.status > 0)
		set_integer(L, "status", transfer->head.status);
	set_string(L, "request_id", transfer->head.request_id);
	set_string(L, "http_version", version_name(timings->http_version));
	set_number(L, "bytes_in", (double)timings->bytes_in);
	set_number(L, "bytes_out", (double)timings->bytes_out);
	set_number(L, "dns", timings->dns);
	set_number(L, "connect", timings->connect);
	set_number(L, "tls", timings->tls);
	set_number(L, "first_byte", timings->first_byte);
	set_number(L, "total", timings->total);
	set_boolean(L, "reused", timings->new_connections == 0 && timings->pretransfer > 0);
	return 1;
}

/* [-0, +1, v] transfer:path(): path and query as sent */
static int transfer_path(lua_State *L)
{
	const struct transfer *transfer = transfer_check(L);
	lua_pushstring(L, url_target(transfer->url.data));
	return 1;
}

static const luaL_Reg transfer_methods[] = {
	{"start", transfer_start},
	{"done", transfer_done},
	{"cancel", transfer_cancel},
	{"retry", transfer_retry},
	{"key", transfer_key},
	{"status", transfer_status},
	{"last_byte", transfer_last_byte},
	{"result", transfer_result},
	{"next_event", transfer_next},
	{"info", transfer_info},
	{"path", transfer_path},
	{NULL, NULL},
};

void transfer_open(lua_State *L)
{
	type_register(L, TRANSFER_TYPE, transfer_methods, transfer__gc);
}

void transfer_register(lua_State *L)
{
	for (size_t i = 0; i < endpoint_count; i++) {
		lua_pushlightuserdata(L, (void *)(uintptr_t)&endpoint_table[i]);
		lua_pushcclosure(L, core_operation, 1);
		lua_setfield(L, -2, endpoint_table[i].name);
	}
}
