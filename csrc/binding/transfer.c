#include "binding/transfer.h"

#include "binding/answer.h"
#include "binding/client.h"
#include "binding/feed.h"
#include "binding/push.h"
#include "binding/request.h"
#include "binding/shape.h"
#include "http/url.h"
#include "lua/type.h"

#include <string.h>

#define LARGEST_EVENT_CAP 1e9

static const char TRANSFER_TYPE[] = "mistral.workflows.core.transfer";

/* Of core_operation; the first one is the type of clients. */
enum { UPVALUE_TRANSFER_TYPE = 2, UPVALUE_ROW };

static struct transfer *transfer_check(lua_State *L)
{
	return type_self(L, TRANSFER_TYPE);
}

/* [-0, +1|+2|+3, v] core.<operation>(client, path values..., parameters or body): a transfer that can be started;
   or nil and what is wrong with the arguments, and "invalid" where it is a value that cannot be sent */
static int core_operation(lua_State *L)
{
	const struct endpoint *row = lua_touserdata(L, lua_upvalueindex(UPVALUE_ROW));
	struct client *client = client_self(L);
	if (!client_is_open(client)) {
		lua_pushnil(L);
		lua_pushliteral(L, "the client is closed");
		return 2;
	}
	lua_settop(L, 2 + (int)url_path_values(row->path));
	struct transfer *transfer = lua_newuserdatauv(L, sizeof *transfer, 0);
	memset(transfer, 0, sizeof *transfer);
	lua_pushvalue(L, lua_upvalueindex(UPVALUE_TRANSFER_TYPE));
	lua_setmetatable(L, -2);
	transfer->endpoint = row;
	engine_adopt(client->engine, transfer);
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

/* [-0, +0, v] the transfer can be started */
static void check_idle(lua_State *L, const struct transfer *transfer)
{
	if (transfer->state == TRANSFER_FREED)
		luaL_error(L, "the transfer was finalized");
	if (transfer->state == TRANSFER_RUNNING)
		luaL_error(L, "the transfer is running");
}

static void add_header_line(lua_State *L, struct transfer *transfer, const char *line)
{
	struct curl_slist *lines = curl_slist_append(transfer->header_lines, line);
	if (lines == NULL)
		luaL_error(L, "out of memory");
	transfer->header_lines = lines;
}

/* [-0, +0, m] makes the strings of the list at `index` the header lines of the next attempt */
static void take_header_lines(lua_State *L, struct transfer *transfer, int index)
{
	luaL_checktype(L, index, LUA_TTABLE);
	curl_slist_free_all(transfer->header_lines);
	transfer->header_lines = NULL;
	for (size_t i = 1, count = compat_rawlen(L, index); i <= count; i++) {
		lua_rawgeti(L, index, (int)i);
		add_header_line(L, transfer, luaL_checkstring(L, -1));
		lua_pop(L, 1);
	}
}

/* [-0, +0, v] the size above which events are passed over, at `index`, or nil */
static void take_event_cap(lua_State *L, struct transfer *transfer, int index)
{
	double cap = luaL_optnumber(L, index, 0);
	transfer->event_cap = cap >= 1 && cap <= LARGEST_EVENT_CAP ? (size_t)cap : 0;
}

/* [-0, +1, -] when an attempt began, in monotonic seconds, or nil if it did not */
static int push_begun(lua_State *L, const struct transfer *transfer, bool begun)
{
	if (begun)
		lua_pushnumber(L, transfer->started);
	else
		lua_pushnil(L);
	return 1;
}

/* [-0, +1, v] transfer:start(timeout, lines, event_cap): begins an attempt of `timeout` seconds (0: no limit) with
   these header lines added. Events of more than `event_cap` bytes are passed over, without it they end the attempt. A
   transfer that ended may be started again. Gives when it began, nil where the client is closed. */
static int transfer_start(lua_State *L)
{
	struct transfer *transfer = transfer_check(L);
	double timeout = luaL_checknumber(L, 2);
	check_idle(L, transfer);
	take_header_lines(L, transfer, 3);
	check_idle(L, transfer); /* the collector may have run */
	take_event_cap(L, transfer, 4);
	transfer->timeout_ms = timeout > 0 ? client_milliseconds(timeout) : 0;
	return push_begun(L, transfer, engine_start(transfer));
}

/* [-0, +1, v] transfer:start_fed(event_cap): begins an attempt whose answer comes from transfer:feed_head, feed and
   feed_end. Gives the same. */
static int transfer_start_fed(lua_State *L)
{
	struct transfer *transfer = transfer_check(L);
	check_idle(L, transfer);
	take_event_cap(L, transfer, 2);
	return push_begun(L, transfer, engine_start_fed(transfer));
}

/* [-0, +1, v] transfer:request(lines): see feed.h; with these header lines added */
static int transfer_request(lua_State *L)
{
	struct transfer *transfer = transfer_check(L);
	feed_check(L, transfer);
	take_header_lines(L, transfer, 2);
	return feed_request(L, transfer);
}

static int transfer_feed_head(lua_State *L)
{
	return feed_head(L, transfer_check(L));
}

static int transfer_feed(lua_State *L)
{
	return feed_body(L, transfer_check(L));
}

static int transfer_feed_end(lua_State *L)
{
	return feed_end(L, transfer_check(L));
}

/* [-0, +1, v] transfer:done(): the attempt ended */
static int transfer_done(lua_State *L)
{
	enum transfer_state state = transfer_check(L)->state;
	lua_pushboolean(L, state == TRANSFER_DONE || state == TRANSFER_FREED);
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

/* [-0, +0, v] transfer:expire(): ends a running attempt whose time is over; its kind of failure is then "timeout" */
static int transfer_expire(lua_State *L)
{
	engine_expire(transfer_check(L));
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

/* [-0, +1, v] transfer:is_queued(): whether it waits for a connection */
static int transfer_queued(lua_State *L)
{
	lua_pushboolean(L, transfer_is_queued(transfer_check(L)));
	return 1;
}

/* [-0, +1, v] transfer:date(): the answer's Date, in seconds since 1970, or nil */
static int transfer_date(lua_State *L)
{
	time_t date = head_date(&transfer_check(L)->head);
	if (date == -1)
		lua_pushnil(L);
	else
		lua_pushnumber(L, (lua_Number)date);
	return 1;
}

/* [-0, +1, v] transfer:last_byte(): monotonic seconds of the last sign of life from the server */
static int transfer_last_byte(lua_State *L)
{
	lua_pushnumber(L, transfer_check(L)->last_byte);
	return 1;
}

/* [-0, +1|+2|+3, v] transfer:result([shape]): see answer.h, shape.h. Of an attempt that has not ended nil, nil, and
   whether it may have to wait for a connection, because more are under way than there may be of those. */
static int transfer_result(lua_State *L)
{
	struct transfer *transfer = transfer_check(L);
	if (transfer->state == TRANSFER_IDLE)
		return luaL_error(L, "the transfer was not started");
	if (transfer->state == TRANSFER_RUNNING) {
		lua_pushnil(L);
		lua_pushnil(L);
		lua_pushboolean(L, engine_is_crowded(transfer->engine));
		return 3;
	}
	return answer_push(L, transfer, shape_opt(L, 2));
}

/* [-0, +1|+6, v] transfer:next_event(): data, event, id, retry (milliseconds) of the next event that has arrived,
   whether the stream ended before the event did, and whether it was passed over, its data being ""; nil when there is
   none yet */
static int transfer_next_event(lua_State *L)
{
	return answer_push_event(L, transfer_check(L));
}

/* [-0, +1, v] transfer:info(): what was measured of the attempt */
static int transfer_info(lua_State *L)
{
	return answer_push_info(L, transfer_check(L));
}

/* [-0, +1, v] transfer:path(): path and query as sent; nil after the end of the transfer's life */
static int transfer_path(lua_State *L)
{
	const struct transfer *transfer = transfer_check(L);
	const struct buffer *url = &transfer->url;
	if (transfer->state == TRANSFER_FREED)
		lua_pushnil(L);
	else
		push_bytes(L, url, (size_t)(url_target(url->data) - url->data), url->length);
	return 1;
}

static const luaL_Reg transfer_methods[] = {
	{"start", transfer_start},
	{"start_fed", transfer_start_fed},
	{"request", transfer_request},
	{"feed_head", transfer_feed_head},
	{"feed", transfer_feed},
	{"feed_end", transfer_feed_end},
	{"done", transfer_done},
	{"cancel", transfer_cancel},
	{"expire", transfer_expire},
	{"retry", transfer_retry},
	{"key", transfer_key},
	{"status", transfer_status},
	{"is_queued", transfer_queued},
	{"date", transfer_date},
	{"last_byte", transfer_last_byte},
	{"result", transfer_result},
	{"next_event", transfer_next_event},
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
		client_push_type(L);
		type_push(L, TRANSFER_TYPE);
		lua_pushlightuserdata(L, (void *)(uintptr_t)&endpoint_table[i]);
		lua_pushcclosure(L, core_operation, 3);
		lua_setfield(L, -2, endpoint_table[i].name);
	}
}
