#include "fixture.h"
#include "http/failure.h"

#define EVENTS "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"

static void run(const char *operation, const char *value, const char *body)
{
	transfer_for_tests(&transfer, server.port, operation, value, body);
	engine_adopt(engine, &transfer);
	engine_start(&transfer);
	engine_finish(engine, &transfer);
}

/* Takes the next event that has arrived. */
static bool next_event(void)
{
	return engine_find_event(&transfer) && transfer_take_event(&transfer, transfer.event_number);
}

static void assert_failure(const char *kind, const char *reason_or_name)
{
	struct failure failure = failure_of(&transfer);
	assert_false(transfer_succeeded(&transfer));
	assert_string_equal(failure.kind, kind);
	if (reason_or_name != NULL)
		assert_string_equal(failure.reason != NULL ? failure.reason : failure.name, reason_or_name);
}

static void test_get(void **state)
{
	(void)state;
	server_answer_text(&server, OK_ANSWER);
	transfer_for_tests(&transfer, server.port, "get_workflow", "a b", NULL);
	transfer.header_lines = curl_slist_append(NULL, "X-Test: yes");
	engine_adopt(engine, &transfer);
	engine_start(&transfer);
	engine_finish(engine, &transfer);
	assert_int_equal(transfer.state, TRANSFER_DONE);
	assert_true(transfer_succeeded(&transfer));
	assert_int_equal(engine->spare_count, 0); /* it had to connect */
	assert_body(&transfer, "{\"ok\":true}");
	assert_string_equal(transfer.head.content_type, "application/json");
	assert_null(transfer.easy);
	assert_null(transfer.header_lines);
	assert_int_equal(strncmp(server.last_request, "GET /v1/workflows/a%20b HTTP/1.1\r\n", 34), 0);
	assert_non_null(strstr(server.last_request, "\r\nAccept: application/json\r\n"));
	assert_non_null(strstr(server.last_request, "\r\nUser-Agent: unit-test\r\n"));
	assert_non_null(strstr(server.last_request, "\r\nAccept-Encoding: gzip\r\n"));
	assert_non_null(strstr(server.last_request, "\r\nX-Test: yes\r\n"));
	assert_null(strstr(server.last_request, "Content-"));
	assert_true(transfer.timings.total >= transfer.timings.first_byte);
	assert_true(transfer.timings.first_byte > 0);
	assert_true(transfer.timings.bytes_in > 11);
	assert_int_equal(transfer.timings.new_connections, 1);
}

static void test_a_line_of_the_caller_replaces_ours(void **state)
{
	(void)state;
	server_answer_text(&server, OK_ANSWER);
	transfer_for_tests(&transfer, server.port, "get_workflow", "x", NULL);
	transfer.header_lines = curl_slist_append(NULL, "user-agent: mine");
	curl_slist_append(transfer.header_lines, "Accept-Encoding;");
	engine_adopt(engine, &transfer);
	engine_start(&transfer);
	engine_finish(engine, &transfer);
	assert_non_null(strstr(server.last_request, "\r\nuser-agent: mine\r\n"));
	assert_non_null(strstr(server.last_request, "\r\nAccept-Encoding:\r\n"));
	assert_null(strstr(server.last_request, "unit-test"));
	assert_null(strstr(server.last_request, "gzip"));
}

static void test_bodies(void **state)
{
	static const char *const operations[] = {"update_workflow", "execute_workflow", "signal_workflow_execution"};
	(void)state;
	for (size_t i = 0; i < COUNT(operations); i++) {
		server_answer_text(&server, OK_ANSWER);
		run(operations[i], "x", "{\"a\":1}");
		assert_true(transfer_succeeded(&transfer));
		assert_non_null(strstr(server.last_request, "\r\nContent-Type: application/json\r\n"));
		assert_non_null(strstr(server.last_request, "\r\nContent-Length: 7\r\n"));
		assert_null(strstr(server.last_request, "Expect"));
		assert_string_equal(strstr(server.last_request, "\r\n\r\n") + 4, "{\"a\":1}");
		engine_free_transfer(&transfer);
	}
	assert_int_equal(server.accepted, 1);
}

static void test_no_body(void **state)
{
	(void)state;
	server_answer_text(&server, "HTTP/1.1 204 No Content\r\n\r\n");
	run("cancel_workflow_execution", "x", NULL);
	assert_true(transfer_succeeded(&transfer));
	assert_int_equal(transfer.head.status, 204);
	assert_int_equal(strncmp(server.last_request, "POST /v1/workflows/executions/x/cancel ", 39), 0);
	assert_non_null(strstr(server.last_request, "\r\nContent-Length: 0\r\n"));
	assert_null(strstr(server.last_request, "Content-Type"));
}

static void test_a_transfer_can_run_again(void **state)
{
	(void)state;
	server_answer_text(&server, "HTTP/1.1 503 No\r\nRetry-After: 5\r\nContent-Length: 4\r\n\r\nbusy");
	server_answer_text(&server, OK_ANSWER);
	run("execute_workflow", "x", "{}");
	assert_failure("http", NULL);
	assert_string_equal(transfer.head.retry_after, "5");
	assert_body(&transfer, "busy");
	engine_start(&transfer);
	engine_finish(engine, &transfer);
	assert_true(transfer_succeeded(&transfer));
	assert_string_equal(transfer.head.retry_after, "");
	assert_body(&transfer, "{\"ok\":true}");
	assert_string_equal(strstr(server.last_request, "\r\n\r\n") + 4, "{}");
}

static void test_a_redirect_is_not_followed(void **state)
{
	(void)state;
	server_answer_text(&server, "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
	run("get_workflow", "x", NULL);
	assert_failure("http", NULL);
	assert_int_equal(transfer.head.status, 302);
	assert_int_equal(server.requests, 1);
}

static void test_a_body_that_is_cut(void **state)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"ok\":";
	(void)state;
	server_answer(&server, (struct answer){answer, sizeof answer - 1, true});
	run("get_workflow", "x", NULL);
	assert_failure("network", "CURLE_PARTIAL_FILE");
}

static void test_a_header_that_is_cut(void **state)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Le";
	(void)state;
	server_answer(&server, (struct answer){answer, sizeof answer - 1, true});
	run("get_workflow", "x", NULL);
	assert_failure("network", NULL);
}

static void test_no_answer_at_all(void **state)
{
	(void)state;
	server_answer(&server, (struct answer){"", 0, true});
	run("signal_workflow_execution", "x", "{}");
	assert_failure("network", "CURLE_GOT_NOTHING");
	assert_false(failure_of(&transfer).unsent);
}

/* A request that must not act twice is not sent again by libcurl when a kept connection turns out to be closed. */
static void test_a_dead_connection_is_not_retried_behind_our_back(void **state)
{
	(void)state;
	server_answer_text(&server, OK_ANSWER);
	server_answer(&server, (struct answer){"", 0, true});
	run("signal_workflow_execution", "x", "{}");
	assert_true(transfer_succeeded(&transfer));
	engine_start(&transfer);
	engine_finish(engine, &transfer);
	assert_failure("network", NULL);
	assert_int_equal(server.requests, 2);
}

static void test_nobody_listens(void **state)
{
	(void)state;
	struct server gone;
	server_start(&gone);
	server_stop(&gone);
	engine_release(engine);
	engine = engine_for_tests(gone.port);
	transfer_for_tests(&transfer, gone.port, "get_workflow", "x", NULL);
	engine_adopt(engine, &transfer);
	engine_start(&transfer);
	engine_finish(engine, &transfer);
	assert_failure("connect", "CURLE_COULDNT_CONNECT");
	assert_true(failure_of(&transfer).unsent);
	assert_int_equal(engine->spare_count, 0); /* libcurl may have left something of the failure in the handle */
}

static void test_time_runs_out(void **state)
{
	(void)state;
	transfer_for_tests(&transfer, server.port, "get_workflow", "x", NULL);
	transfer.timeout_ms = 50;
	engine_adopt(engine, &transfer);
	engine_start(&transfer);
	engine_finish(engine, &transfer);
	assert_failure("timeout", "CURLE_OPERATION_TIMEDOUT");
	assert_string_equal(failure_of(&transfer).phase, "response");
}

/* Answers with `size` bytes of body, their number announced or not, in front of the close. */
static char *large_answer(const char *status, size_t size, bool announced, size_t *length)
{
	char *text = malloc(size + 200);
	int head = announced ? snprintf(text, 200, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n", status, size)
			     : snprintf(text, 200, "HTTP/1.1 %s\r\nConnection: close\r\n\r\n", status);
	memset(text + head, 'a', size);
	*length = (size_t)head + size;
	return text;
}

static void test_a_body_too_large(void **state)
{
	(void)state;
	for (int announced = 0; announced < 2; announced++) {
		size_t length;
		char *text = large_answer("200 OK", 3000000, announced, &length);
		server_answer(&server, (struct answer){text, length, true});
		run("get_workflow", "x", NULL);
		assert_failure("too_large", "body");
		assert_true(transfer.body.length <= 1000000);
		assert_true(transfer.body.capacity <= 2000002);
		engine_free_transfer(&transfer);
		server_wait(&server, &server.closed, (size_t)announced + 1);
		free(text);
	}
}

static void test_an_error_body_is_kept_in_part(void **state)
{
	(void)state;
	for (int announced = 0; announced < 2; announced++) {
		size_t length;
		char *text = large_answer("500 Oops", 3000000, announced, &length);
		server_answer(&server, (struct answer){text, length, true});
		run("get_workflow", "x", NULL);
		assert_failure("http", NULL);
		assert_int_equal(transfer.head.status, 500);
		assert_int_equal(transfer.body.length, TRANSFER_ERROR_BODY);
		engine_free_transfer(&transfer);
		server_wait(&server, &server.closed, (size_t)announced + 1);
		free(text);
	}
}

static void test_a_header_too_large(void **state)
{
	const size_t fields = 3000, size = 100;
	char *text = malloc(fields * size + 100), *at = text;
	(void)state;
	at += sprintf(at, "HTTP/1.1 200 OK\r\n");
	for (size_t i = 0; i < fields; i++)
		at += sprintf(at, "X-%04zu: %090d\r\n", i, 0);
	at += sprintf(at, "Content-Length: 0\r\n\r\n");
	server_answer(&server, (struct answer){text, (size_t)(at - text), true});
	run("get_workflow", "x", NULL);
	assert_failure("too_large", "header");
	server_wait(&server, &server.closed, 1);
	free(text);
}

static void test_events(void **state)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
				     ": hello\n\nid: 1\ndata: one\n\nid: 2\ndata: two\n\ndata: cut";
	(void)state;
	server_answer(&server, (struct answer){answer, sizeof answer - 1, true});
	run("stream", "x", NULL);
	assert_non_null(strstr(server.last_request, "\r\nAccept: text/event-stream\r\n"));
	assert_null(strstr(server.last_request, "Accept-Encoding"));
	static const char *const expected[] = {"one", "two", "cut"};
	for (size_t i = 0; i < COUNT(expected); i++) {
		assert_true(next_event());
		assert_int_equal(transfer.sse.data.length, 3);
		assert_memory_equal(transfer.sse.data.data, expected[i], 3);
		assert_int_equal(transfer.sse.unfinished, i == 2);
	}
	assert_false(next_event());
}

/* A stream that is not read is paused, and goes on without losing anything. */
static void test_a_long_stream_that_is_read_slowly(void **state)
{
	static const char event[] = "data: 0123456789012345678901234567890123456789012345678901234567890123\n\n";
	const size_t count = 50000;
	size_t seen = 0;
	char *text = malloc(count * (sizeof event - 1) + 100), *at = text;
	(void)state;
	at += sprintf(at, EVENTS);
	for (size_t i = 0; i < count; i++)
		at += sprintf(at, "%s", event);
	server_answer(&server, (struct answer){text, (size_t)(at - text), true});
	transfer_for_tests(&transfer, server.port, "stream", "x", NULL);
	engine_adopt(engine, &transfer);
	engine_start(&transfer);
	for (int turn = 0; turn < 50 && !transfer.paused; turn++)
		engine_drive(engine, 1000);
	assert_true(transfer.paused);
	assert_true(transfer.body.length < 1000000);
	for (bool done = false; !done;) {
		while (next_event())
			seen++;
		done = transfer.state == TRANSFER_DONE;
		engine_drive(engine, done ? 0 : 1000);
	}
	while (next_event())
		seen++;
	assert_int_equal(seen, count);
	server_wait(&server, &server.closed, 1);
	free(text);
}

static void test_an_event_too_large_ends_the_attempt(void **state)
{
	static const char *const answers[] = {
		EVENTS "data: one\n\ndata: 2%02000000d\n\ndata: three\n\n",
		EVENTS "data: one\n\ndata: %02000000d",
	};
	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		char *text = malloc(2000200);
		int length = snprintf(text, 2000200, answers[i], 0);
		server_answer(&server, (struct answer){text, (size_t)length, false});
		transfer_for_tests(&transfer, server.port, "stream", "x", NULL);
		engine_adopt(engine, &transfer);
		engine_start(&transfer);
		while (!next_event())
			engine_drive(engine, 1000);
		while (transfer.state == TRANSFER_RUNNING) {
			assert_false(next_event());
			engine_drive(engine, 1000);
		}
		assert_false(next_event());
		assert_failure("too_large", "event");
		assert_int_equal(failure_of(&transfer).limit, 1000000);
		assert_int_equal(engine->running_count, 0);
		engine_free_transfer(&transfer);
		server_wait(&server, &server.closed, i + 1);
		free(text);
	}
}

static void test_an_event_too_large_at_the_end_of_a_stream(void **state)
{
	char text[300] = EVENTS "data: one\n\ndata: ";
	(void)state;
	size_t head = strlen(text);
	memset(text + head, 'x', 200);
	engine->config.max_response_bytes = 100;
	server_answer(&server, (struct answer){text, head + 200, true});
	run("stream", "x", NULL);
	assert_true(next_event());
	assert_false(next_event());
	assert_failure("too_large", "event");
}

static void test_an_event_is_found_until_it_is_taken(void **state)
{
	static const char answer[] = EVENTS "data: one\n\ndata: two\n\n";
	(void)state;
	server_answer(&server, (struct answer){answer, sizeof answer - 1, true});
	run("stream", "x", NULL);
	assert_true(engine_find_event(&transfer));
	unsigned number = transfer.event_number;
	assert_true(engine_find_event(&transfer));
	assert_memory_equal(transfer.sse.data.data, "one", 3);
	assert_true(transfer_take_event(&transfer, number));
	assert_false(transfer_take_event(&transfer, number));
	assert_true(engine_find_event(&transfer));
	assert_memory_equal(transfer.sse.data.data, "two", 3);
	assert_false(transfer_take_event(&transfer, number));
	engine_free_transfer(&transfer);
	assert_false(transfer_take_event(&transfer, number + 1));
	assert_false(engine_find_event(&transfer));
}

/* What a finalizer may find when memory was given back. */
static void test_a_transfer_that_was_freed(void **state)
{
	(void)state;
	server_answer_text(&server, OK_ANSWER);
	run("get_workflow", "x", NULL);
	engine_free_transfer(&transfer);
	assert_int_equal(transfer.state, TRANSFER_FREED);
	assert_int_equal(transfer.head.status, 0);
	assert_failure("cancelled", NULL);
	engine_cancel(&transfer);
	engine_expire(&transfer);
	assert_false(engine_find_event(&transfer));
	engine_free_transfer(&transfer);
}

static void test_time_that_the_caller_measures(void **state)
{
	(void)state;
	engine->config.max_connections = 1;
	transfer_for_tests(&transfer, server.port, "get_workflow", "x", NULL);
	engine_adopt(engine, &transfer);
	engine_start(&transfer);
	struct transfer queued;
	transfer_for_tests(&queued, server.port, "get_workflow", "x", NULL);
	engine_adopt(engine, &queued);
	engine_start(&queued);
	while (server_read_counter(&server, &server.requests) == 0)
		engine_drive(engine, 10);
	engine_expire(&queued);
	engine_expire(&transfer);
	assert_failure("timeout", "CURLE_OPERATION_TIMEDOUT");
	assert_string_equal(failure_of(&transfer).phase, "response");
	assert_string_equal(failure_of(&transfer).message, "no answer in time");
	struct failure failure = failure_of(&queued);
	assert_string_equal(failure.kind, "timeout");
	assert_string_equal(failure.phase, "connect");
	assert_string_equal(failure.message, "no connection became free in time");
	assert_int_equal(failure.code, CURLE_OPERATION_TIMEDOUT);
	assert_true(failure.unsent);
	engine_free_transfer(&queued);
}

/* Whatever else a success is instead of a stream, it ends at once, and what came shows what it is. */
static void test_no_events(void **state)
{
	static const struct {
		const char *head, *body, *reason;
	} answers[] = {
		{"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", "<p>data: no\n\n", "content type"},
		{"HTTP/1.1 200 OK\r\nContent-Type: text/event-streams\r\n\r\n", "data: no\n\n", "content type"},
		{"HTTP/1.1 200 OK\r\n\r\n", "data: no\n\n", "content type"},
		{"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n", "{}",
			"content type"},
		{"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n", "", "content type"},
		{"HTTP/1.1 204 No Content\r\nContent-Type: text/event-stream\r\n\r\n", "", "content type"},
		{"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\n", "data: no\n\n",
			"content encoding"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		char text[300];
		int length = snprintf(text, sizeof text, "%s%s", answers[i].head, answers[i].body);
		server_answer(&server, (struct answer){text, (size_t)length, false});
		run("stream", "x", NULL); /* the server does not close */
		assert_failure("decode", answers[i].reason);
		assert_body(&transfer, answers[i].body);
		assert_false(next_event());
		engine_free_transfer(&transfer);
	}
}

static void test_types_of_event_streams(void **state)
{
	static const char *const types[] = {"text/event-stream", "TEXT/Event-Stream;charset=utf-8",
		"text/event-stream ; x=y\r\nContent-Encoding: identity"};
	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		char text[300];
		int length =
			snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\n\r\ndata: a\n\n", types[i]);
		server_answer(&server, (struct answer){text, (size_t)length, true});
		run("stream", "x", NULL);
		assert_true(next_event());
		assert_true(transfer_succeeded(&transfer));
		engine_free_transfer(&transfer);
	}
}

static void test_large_events_can_be_passed_over(void **state)
{
	static const char answer[] = EVENTS "data: 1\n\nid: 2\ndata: 0123456789\n\ndata: 3\n\n";
	(void)state;
	server_answer(&server, (struct answer){answer, sizeof answer - 1, true});
	transfer_for_tests(&transfer, server.port, "stream", "x", NULL);
	transfer.event_cap = 5;
	engine_adopt(engine, &transfer);
	engine_start(&transfer);
	engine_finish(engine, &transfer);
	for (int i = 0; i < 3; i++) {
		assert_true(next_event());
		assert_int_equal(transfer.sse.skipped, i == 1);
		assert_int_equal(transfer.sse.data.length, i == 1 ? 0 : 1);
	}
	assert_false(next_event());
	assert_true(transfer_succeeded(&transfer));
}

static void test_a_packing_that_was_not_asked_for(void **state)
{
	static const struct {
		const char *answer, *kind, *reason_or_name;
	} answers[] = {
		{"HTTP/1.1 200 OK\r\nContent-Encoding: zstd2\r\nContent-Length: 4\r\n\r\nabcd", "decode",
			"content encoding"},
		{"HTTP/1.1 500 No\r\nContent-Encoding: zstd2\r\nContent-Length: 4\r\n\r\nabcd", "http",
			"content encoding"},
		{"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd", "network",
			"CURLE_BAD_CONTENT_ENCODING"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		server_answer_text(&server, answers[i].answer);
		run("get_workflow", "x", NULL);
		assert_failure(answers[i].kind, answers[i].reason_or_name);
		assert_string_equal(transfer.head.content_encoding, i == 2 ? "gzip" : "zstd2");
		engine_free_transfer(&transfer);
	}
}

static void test_a_port_that_speaks_something_else(void **state)
{
	static const char alert[] = "\x15\x03\x01\0\x02\x02\x46";
	(void)state;
	server_answer(&server, (struct answer){alert, sizeof alert - 1, true});
	run("get_workflow", "x", NULL);
	assert_failure("network", NULL);
	assert_string_equal(failure_of(&transfer).hint, "tls");
}

static void test_an_error_instead_of_events(void **state)
{
	(void)state;
	server_answer_text(&server, "HTTP/1.1 404 No\r\nContent-Length: 13\r\n\r\ndata: none\n\n\n");
	run("stream", "x", NULL);
	assert_failure("http", NULL);
	assert_false(next_event());
	assert_body(&transfer, "data: none\n\n\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_get),
		TEST(test_a_line_of_the_caller_replaces_ours),
		TEST(test_bodies),
		TEST(test_no_body),
		TEST(test_a_transfer_can_run_again),
		TEST(test_a_redirect_is_not_followed),
		TEST(test_a_body_that_is_cut),
		TEST(test_a_header_that_is_cut),
		TEST(test_no_answer_at_all),
		TEST(test_a_dead_connection_is_not_retried_behind_our_back),
		TEST(test_nobody_listens),
		TEST(test_time_runs_out),
		TEST(test_a_body_too_large),
		TEST(test_an_error_body_is_kept_in_part),
		TEST(test_a_header_too_large),
		TEST(test_events),
		TEST(test_a_long_stream_that_is_read_slowly),
		TEST(test_no_events),
		TEST(test_types_of_event_streams),
		TEST(test_large_events_can_be_passed_over),
		TEST(test_a_packing_that_was_not_asked_for),
		TEST(test_a_port_that_speaks_something_else),
		TEST(test_an_event_too_large_ends_the_attempt),
		TEST(test_an_event_too_large_at_the_end_of_a_stream),
		TEST(test_an_event_is_found_until_it_is_taken),
		TEST(test_a_transfer_that_was_freed),
		TEST(test_time_that_the_caller_measures),
		TEST(test_an_error_instead_of_events),
	};
	return RUN_WITH_EACH_BACKEND("transfer", tests);
}
