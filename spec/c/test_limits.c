/* How much of an answer is kept, to the byte, and what is reserved for what a server announces. */
#include "base/clock.h"
#include "fixture.h"
#include "http/failure.h"

#define MIB ((size_t)1024 * 1024)

static void begin(const char *operation)
{
	transfer_for_tests(&transfer, server.port, operation, "x", NULL);
	engine_adopt(engine, &transfer);
	engine_start(&transfer);
}

static void run(const char *operation)
{
	begin(operation);
	engine_finish(engine, &transfer);
}

/* A body of this size, announced or not, in one piece. */
static void answer_with(const char *status, size_t size, bool announced, char *text, size_t room)
{
	int head = announced ? snprintf(text, room, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n", status, size)
			     : snprintf(text, room, "HTTP/1.1 %s\r\n\r\n", status);
	assert_true((size_t)head + size < room);
	memset(text + head, 'a', size);
	server_answer(&server, (struct answer){text, (size_t)head + size, true});
}

static void test_a_body_as_large_as_may_be(void **state)
{
	static char text[500];
	(void)state;
	engine->config.max_response_bytes = 100;
	for (int announced = 0; announced < 2; announced++)
		for (size_t size = 100; size <= 101; size++) {
			answer_with("200 OK", size, announced, text, sizeof text);
			run("get_workflow");
			assert_int_equal(transfer_succeeded(&transfer), size == 100);
			assert_int_equal(transfer.body.length, size == 100 ? 100 : 0);
			if (size > 100) {
				assert_string_equal(failure_of(&transfer).reason, "body");
				assert_int_equal(failure_of(&transfer).limit, 100);
			}
			engine_free_transfer(&transfer);
		}
}

static void test_an_error_body_as_large_as_is_kept(void **state)
{
	static char text[70000];
	(void)state;
	engine->config.max_response_bytes = 10; /* that of a success */
	for (size_t size = 65535; size <= 65537; size++) {
		answer_with("500 Oops", size, true, text, sizeof text);
		run("get_workflow");
		assert_string_equal(failure_of(&transfer).kind, "http");
		assert_int_equal(transfer.head.status, 500);
		assert_int_equal(transfer.body.length, size < 65536 ? size : 65536);
		engine_free_transfer(&transfer);
		server_wait(&server, &server.closed, size - 65534);
	}
}

static void test_what_is_announced_is_reserved_at_once(void **state)
{
	static char text[50200];
	(void)state;
	answer_with("200 OK", 50000, true, text, sizeof text);
	run("get_workflow");
	assert_int_equal(transfer.body.length, 50000);
	assert_int_equal(transfer.body.capacity, 65536);
}

/* A server that announces much and sends little gets no memory for it. */
static void test_what_is_announced_is_believed_up_to_16_mib(void **state)
{
	static const char *const answers[] = {"HTTP/1.1 200 OK\r\nContent-Length: 16777216\r\n\r\n{",
		"HTTP/1.1 200 OK\r\nContent-Length: 16777217\r\n\r\n{"};
	static const size_t capacities[] = {32 * MIB, 256};
	(void)state;
	engine->config.max_response_bytes = 64 * MIB;
	for (size_t i = 0; i < COUNT(answers); i++) {
		server_answer_text(&server, answers[i]);
		begin("get_workflow");
		while (transfer.body.length == 0)
			engine_drive(engine, 1000);
		assert_int_equal(transfer.body.capacity, capacities[i]);
		engine_free_transfer(&transfer);
	}
}

static void feed_head(const char *operation, const char *status, const char *type)
{
	transfer_for_tests(&transfer, 1, operation, "x", NULL);
	engine_adopt(engine, &transfer);
	engine_start_fed(&transfer);
	engine_feed_head(&transfer, status, strlen(status));
	engine_feed_head(&transfer, type, strlen(type));
	engine_feed_head(&transfer, "\r\n", 2);
}

/* What is not taken of a stream waits in 256 KiB, and goes on when half of it is free. */
static void test_how_much_of_a_stream_waits(void **state)
{
	static char comments[256 * 1024];
	(void)state;
	memset(comments, '\n', sizeof comments);
	feed_head("stream", "HTTP/2 200\r\n", "Content-Type: text/event-stream\r\n");
	assert_int_equal(engine_feed_body(&transfer, comments, sizeof comments), FEED_MORE);
	assert_int_equal(engine_feed_body(&transfer, "\n", 1), FEED_MORE);
	assert_int_equal(engine_feed_body(&transfer, "\n", 1), FEED_FULL);
	assert_true(transfer.paused);
	assert_false(engine_find_event(&transfer));
	assert_false(transfer.paused);
	assert_int_equal(engine_feed_body(&transfer, "\n", 1), FEED_MORE);
}

static void test_what_is_fed_has_the_same_limit(void **state)
{
	(void)state;
	engine->config.max_response_bytes = 3;
	feed_head("get_workflow", "HTTP/2 200\r\n", "Content-Type: application/json\r\n");
	assert_int_equal(engine_feed_body(&transfer, "123", 3), FEED_MORE);
	assert_false(transfer_succeeded(&transfer));
	assert_int_equal(engine_feed_body(&transfer, "4", 1), FEED_OVER);
	assert_int_equal(transfer.state, TRANSFER_DONE);
	assert_int_equal(transfer.code, CURLE_WRITE_ERROR);
	assert_int_equal(engine->running_count, 0);
	assert_string_equal(failure_of(&transfer).kind, "too_large");
	assert_int_equal(failure_of(&transfer).limit, 3);
}

static void test_what_is_a_success(void **state)
{
	static const struct {
		const char *answer;
		bool success;
	} answers[] = {
		{"HTTP/1.1 299 Ok\r\nContent-Length: 0\r\n\r\n", true},
		{"HTTP/1.1 300 No\r\nContent-Length: 0\r\n\r\n", false},
		{"HTTP/1.1 200 Ok\r\nContent-Type: text/event-stream\r\nContent-Length: 9\r\n\r\ndata: a\n\n", true},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		server_answer_text(&server, answers[i].answer);
		run("get_workflow");
		assert_int_equal(transfer_succeeded(&transfer), answers[i].success);
		assert_false(engine_find_event(&transfer)); /* nobody has asked for events */
		engine_free_transfer(&transfer);
	}
}

static void test_a_stream_is_alive_with_each_byte(void **state)
{
	(void)state;
	feed_head("stream", "HTTP/2 200\r\n", "Content-Type: text/event-stream\r\n");
	double begun = transfer.started;
	assert_true(transfer.last_byte - begun < 50);
	clock_skip(100);
	engine_feed_body(&transfer, "\n", 1);
	assert_true(transfer.last_byte - begun >= 100);
	engine_cancel(&transfer);
	engine_start_fed(&transfer);
	clock_skip(100);
	begun = transfer.started;
	engine_feed_head(&transfer, "HTTP/2 200\r\n", 12);
	assert_true(transfer.last_byte - begun >= 100);
}

static void test_events_of_more_than_a_byte_passed_over(void **state)
{
	static const char events[] = "data: 12\n\ndata: 3\n\n";
	(void)state;
	transfer_for_tests(&transfer, 1, "stream", "x", NULL);
	transfer.event_cap = 1;
	engine_adopt(engine, &transfer);
	engine_start_fed(&transfer);
	engine_feed_head(&transfer, "HTTP/2 200\r\n", 12);
	engine_feed_head(&transfer, "Content-Type: text/event-stream\r\n", 33);
	engine_feed_head(&transfer, "\r\n", 2);
	assert_int_equal(engine_feed_body(&transfer, events, sizeof events - 1), FEED_MORE);
	assert_true(engine_find_event(&transfer));
	assert_true(transfer.sse.skipped);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_body_as_large_as_may_be),
		TEST(test_an_error_body_as_large_as_is_kept),
		TEST(test_what_is_announced_is_reserved_at_once),
		TEST(test_what_is_announced_is_believed_up_to_16_mib),
		TEST(test_how_much_of_a_stream_waits),
		TEST(test_what_is_fed_has_the_same_limit),
		TEST(test_what_is_a_success),
		TEST(test_a_stream_is_alive_with_each_byte),
		TEST(test_events_of_more_than_a_byte_passed_over),
	};
	return RUN_WITH_EACH_BACKEND("limits", tests);
}
