#include "binding/feed.h"

#include "binding/push.h"
#include "http/url.h"

#include <string.h>

#define HEADER_LIMIT ((size_t)1024 * 1024)
#define LONGEST_STATUS_LINE 64

static int push_result(lua_State *L, enum feed_result result)
{
	static const char *const names[] = {[FEED_MORE] = "more", [FEED_FULL] = "full", [FEED_OVER] = "over"};
	lua_pushstring(L, names[result]);
	return 1;
}

/* [-0, +0, m] sets the field of the table at the top; a name that was there before gets one list of values */
static void set_header(lua_State *L, const char *name, size_t name_length, const char *value)
{
	lua_pushlstring(L, name, name_length);
	lua_pushvalue(L, -1);
	lua_rawget(L, -3);
	if (lua_isnil(L, -1)) {
		lua_pushstring(L, value);
	} else {
		lua_pushvalue(L, -1);
		lua_pushliteral(L, ", ");
		lua_pushstring(L, value);
		lua_concat(L, 3);
	}
	lua_remove(L, -2);
	lua_rawset(L, -3);
}

/* [-0, +1, m] the header as a table. It is written down first: no finalizer can reach that. */
static void push_header(lua_State *L, struct transfer *transfer)
{
	struct buffer *text = push_buffer(L);
	text->limit = HEADER_LIMIT;
	if (transfer->engine == NULL || transfer_append_header(transfer, &transfer->engine->config, text) != BUFFER_OK)
		luaL_error(L, "out of memory");
	lua_newtable(L);
	for (size_t at = 0; at < text->length; at += strlen(text->data + at) + 1) {
		const char *line = text->data + at;
		size_t name = strcspn(line, ":");
		set_header(L, line, name, line + name + 1 + strspn(line + name + 1, " "));
	}
	lua_remove(L, -2);
}

void feed_check(lua_State *L, const struct transfer *transfer)
{
	if (transfer->state != TRANSFER_RUNNING || !transfer->fed)
		luaL_error(L, "the transfer is not being fed");
}

int feed_request(lua_State *L, struct transfer *transfer)
{
	const struct buffer *url = &transfer->url;
	feed_check(L, transfer);
	size_t path = (size_t)(url_target(url->data) - url->data);
	size_t query = path + strcspn(url->data + path, "?");
	lua_createtable(L, 0, 7);
	push_set_string(L, "operation", transfer->endpoint->name);
	push_set_string(L, "method", transfer->endpoint->method);
	push_bytes(L, url, 0, url->length);
	lua_setfield(L, -2, "url");
	push_bytes(L, url, path, query - path);
	lua_setfield(L, -2, "path");
	if (query < url->length) {
		push_bytes(L, url, query + 1, url->length);
		lua_setfield(L, -2, "query");
	}
	if (transfer->request_body.length > 0) {
		push_bytes(L, &transfer->request_body, 0, transfer->request_body.length);
		lua_setfield(L, -2, "body");
	}
	push_header(L, transfer);
	lua_setfield(L, -2, "headers");
	return 1;
}

static enum feed_result feed_line(struct transfer *transfer, const char *line)
{
	return engine_feed_head(transfer, line, strlen(line));
}

/* [-0, +1, v] the line of the pair at -2 and -1: a number and the whole line, or a name and its value */
static const char *push_line(lua_State *L)
{
	if (lua_type(L, -2) == LUA_TNUMBER && lua_type(L, -1) == LUA_TSTRING) {
		lua_pushvalue(L, -1);
	} else {
		if (lua_type(L, -2) != LUA_TSTRING || !lua_isstring(L, -1))
			luaL_error(L, "headers must be lines, or texts by name");
		lua_pushvalue(L, -2);
		lua_pushliteral(L, ": ");
		lua_pushvalue(L, -3);
		lua_concat(L, 3);
	}
	return lua_tostring(L, -1);
}

int feed_head(lua_State *L, struct transfer *transfer)
{
	char line[LONGEST_STATUS_LINE];
	snprintf(line, sizeof line, "HTTP/2 %d \r\n", (int)luaL_checkinteger(L, 2));
	lua_settop(L, 3);
	enum feed_result result = feed_line(transfer, line);
	if (!lua_isnil(L, 3)) {
		luaL_checktype(L, 3, LUA_TTABLE);
		lua_pushnil(L);
		while (result == FEED_MORE && lua_next(L, 3) != 0) {
			result = feed_line(transfer, push_line(L));
			lua_settop(L, 4);
		}
	}
	if (result == FEED_MORE && transfer->head.content_type[0] == '\0')
		result = feed_line(transfer, transfer_is_stream(transfer) ? "Content-Type: text/event-stream"
									  : "Content-Type: application/json");
	return push_result(L, result == FEED_MORE ? feed_line(transfer, "\r\n") : result);
}

int feed_body(lua_State *L, struct transfer *transfer)
{
	size_t length;
	const char *bytes = luaL_checklstring(L, 2, &length);
	return push_result(L, engine_feed_body(transfer, bytes, length));
}

int feed_end(lua_State *L, struct transfer *transfer)
{
	static const char *const kinds[] = {"", "connect", "network", "timeout", NULL};
	static const CURLcode codes[] = {CURLE_OK, CURLE_COULDNT_CONNECT, CURLE_RECV_ERROR, CURLE_OPERATION_TIMEDOUT};
	CURLcode code = codes[luaL_checkoption(L, 2, "", kinds)];
	engine_feed_end(transfer, code, luaL_optstring(L, 3, ""));
	return 0;
}
