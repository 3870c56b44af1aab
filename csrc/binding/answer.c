#include "binding/answer.h"

#include "binding/push.h"
#include "http/failure.h"
#include "json/decode.h"

#include <string.h>
#include <time.h>

#define KEPT_BODY ((size_t)64 * 1024)
#define LONGEST_STORE 1024

static void set_head(lua_State *L, const struct transfer *transfer)
{
	double retry_after = head_retry_after(&transfer->head, time(NULL));
	if (transfer->head.status > 0)
		push_set_integer(L, "status", transfer->head.status);
	push_set_string(L, "content_type", transfer->head.content_type);
	push_set_string(L, "content_encoding", transfer->head.content_encoding);
	push_set_string(L, "location", transfer->head.location);
	push_set_string(L, "request_id", transfer->head.request_id);
	if (retry_after >= 0)
		push_set_number(L, "retry_after", retry_after);
}

static void set_cause(lua_State *L, const struct failure *failure)
{
	lua_createtable(L, 0, 3);
	push_set_string(L, "name", failure->name);
	push_set_string(L, "message", failure->message);
	push_set_integer(L, "code", (lua_Integer)failure->code);
	lua_setfield(L, -2, "cause");
}

/* Where the certificates are that were trusted. The text is copied: the client may be collected meanwhile. */
static void set_trust_store(lua_State *L, const struct transfer *transfer)
{
	char text[LONGEST_STORE];
	const char *store = NULL;
	if (transfer->engine != NULL)
		store = transfer->engine->config.ca_file != NULL ? transfer->engine->config.ca_file
								 : transfer->engine->config.ca_path;
	if (store == NULL)
		store = curl_version_info(CURLVERSION_NOW)->cainfo;
	snprintf(text, sizeof text, "%s", store != NULL ? store : "");
	push_set_string(L, "trust_store", text);
}

/* [-0, +2, m] nil and the facts of a failure, with an excerpt of the body */
static int push_failure(lua_State *L, const struct transfer *transfer, const struct buffer *body)
{
	struct failure failure = failure_of(transfer);
	lua_pushnil(L);
	lua_createtable(L, 0, 12);
	push_set_string(L, "kind", failure.kind);
	push_set_string(L, "phase", failure.phase);
	push_set_string(L, "reason", failure.reason);
	push_set_string(L, "hint", failure.hint);
	push_set_boolean(L, "unsent", failure.unsent);
	set_head(L, transfer);
	if (body->length > 0) {
		push_bytes(L, body, 0, KEPT_BODY);
		lua_setfield(L, -2, "body");
	}
	if (failure.name != NULL)
		set_cause(L, &failure);
	if (failure.is_about_trust)
		set_trust_store(L, transfer);
	if (failure.limit > 0)
		push_set_number(L, "limit", (double)failure.limit);
	return 2;
}

/* [-1, +2, m] nil and the failure of a body that was not decoded, with the decoder's message that is at the top */
static int fail_decode(lua_State *L, struct transfer *transfer, const struct buffer *body, enum json_status status)
{
	if (status == JSON_NO_MEMORY)
		return luaL_error(L, "out of memory");
	transfer_refuse_body(transfer, status == JSON_TOO_LARGE    ? TRANSFER_VALUE_TOO_LARGE
				       : status == JSON_ENDS_EARLY ? TRANSFER_BODY_CUT
								   : TRANSFER_NOT_JSON);
	push_failure(L, transfer, body);
	if (status != JSON_TOO_LARGE) {
		lua_pushvalue(L, -3);
		lua_setfield(L, -2, "reason");
	}
	return 2;
}

/* Every answer whose members are known is an object. The text is one of JSON. */
static bool is_promised(const struct endpoint *row, const struct buffer *body)
{
	return row->answer == NULL || body->data[strspn(body->data, " \t\r\n")] == '{';
}

/* [-0, +0, -] Is the value at the top an object without the list that a page has? */
static bool is_no_page(lua_State *L, const struct json_field *wanted)
{
	bool is_page = false;
	if (!lua_istable(L, -1))
		return false;
	for (const struct json_field *member = wanted->members; member != NULL; member = member->next) {
		if (!member->is_list)
			continue;
		lua_pushlstring(L, member->name, member->length);
		lua_rawget(L, -2);
		bool is_there = lua_istable(L, -1);
		lua_pop(L, 1);
		if (is_there)
			return false;
		is_page = true;
	}
	return is_page;
}

/* [-0, +1, e] As json_decode; what is no page comes whole, since it says what it is. */
static enum json_status decode(
	lua_State *L, const struct buffer *body, size_t memory_limit, const struct json_field *wanted)
{
	enum json_status status = json_decode(L, body->data, body->length, memory_limit, wanted);
	if (status != JSON_OK || !is_no_page(L, wanted))
		return status;
	lua_pop(L, 1);
	return json_decode(L, body->data, body->length, memory_limit, &json_all);
}

int answer_push(lua_State *L, struct transfer *transfer, const struct json_field *wanted)
{
	if (!transfer_succeeded(transfer))
		return push_failure(L, transfer, &transfer->body);
	if (transfer->endpoint->response != RESPONSE_JSON || transfer->head.status == 204) {
		lua_pushboolean(L, 1);
		return 1;
	}
	struct buffer *body = push_buffer(L);
	if (!transfer_take_body(transfer, body))
		return luaL_error(L, "the result is no longer there");
	if (buffer_terminate(body) != BUFFER_OK)
		return luaL_error(L, "out of memory");
	enum json_status status = decode(L, body, json_memory_limit(transfer->body_limit), wanted);
	if (status == JSON_OK && !is_promised(transfer->endpoint, body)) {
		lua_pushliteral(L, "it is not an object");
		status = JSON_INVALID;
	}
	if (status != JSON_OK)
		return fail_decode(L, transfer, body, status);
	buffer_free(body);
	return 1;
}

int answer_push_event(lua_State *L, struct transfer *transfer)
{
	const struct sse *sse = &transfer->sse;
	int top = lua_gettop(L);
	while (engine_find_event(transfer)) {
		unsigned number = transfer->event_number;
		long retry_ms = sse->retry_ms;
		bool unfinished = sse->unfinished, skipped = sse->skipped;
		push_bytes(L, &sse->data, 0, sse->data.length);
		push_bytes(L, &sse->event, 0, sse->event.length);
		push_bytes(L, &sse->id, 0, sse->id.length);
		lua_pushinteger(L, retry_ms);
		lua_pushboolean(L, unfinished);
		lua_pushboolean(L, skipped);
		if (transfer_take_event(transfer, number))
			return 6;
		lua_settop(L, top); /* a finalizer took it, or ended the transfer */
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

int answer_push_info(lua_State *L, const struct transfer *transfer)
{
	const struct transfer_timings *timings = &transfer->timings;
	lua_createtable(L, 0, 12);
	if (transfer->head.status > 0)
		push_set_integer(L, "status", transfer->head.status);
	push_set_string(L, "request_id", transfer->head.request_id);
	push_set_string(L, "http_version", version_name(timings->http_version));
	push_set_number(L, "bytes_in", (double)timings->bytes_in);
	push_set_number(L, "bytes_out", (double)timings->bytes_out);
	push_set_number(L, "dns", timings->dns);
	push_set_number(L, "connect", timings->connect);
	push_set_number(L, "tls", timings->tls);
	push_set_number(L, "first_byte", timings->first_byte);
	push_set_number(L, "total", timings->total);
	/* libcurl 8.x has a time before the transfer where no connection was made, too. */
	push_set_boolean(
		L, "reused", timings->new_connections == 0 && timings->pretransfer > 0 && timings->bytes_out > 0);
	return 1;
}
