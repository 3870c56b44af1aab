/* Of what is gone no memory is left. */
#include "exchange.h"
#include "http/waker.h"

#ifdef __GLIBC__
#include <malloc.h>

static size_t memory_in_use(void)
{
	return mallinfo2().uordblks;
}
#else
static size_t memory_in_use(void)
{
	return 0;
}
#endif

static struct server server;

static void feed(struct transfer *transfer, const char *status, const char *type, const char *body)
{
	engine_feed_head(transfer, status, strlen(status));
	engine_feed_head(transfer, type, strlen(type));
	engine_feed_head(transfer, "\r\n", 2);
	engine_feed_body(transfer, body, strlen(body));
}

static struct transfer *fed(struct engine *engine, struct transfer *transfer, const char *operation, const char *body)
{
	transfer_for_tests(transfer, 1, operation, "x", body);
	engine_adopt(engine, transfer);
	engine_start_fed(transfer);
	transfer->header_lines = curl_slist_append(NULL, "X-A: b");
	return transfer;
}

static void fed_life(void)
{
	struct engine *engine = engine_for_tests(1);
	struct transfer answered, stream, running, unsent;
	engine->config.no_proxy = strdup("a");
	engine->config.ca_file = strdup("b");
	engine->config.ca_path = strdup("c");
	engine->config.client_cert = strdup("d");
	engine->config.client_key = strdup("e");
	feed(fed(engine, &answered, "update_workflow", "{}"), "HTTP/2 200\r\n", "X: y\r\n", "{\"a\":1}");
	engine_feed_end(&answered, CURLE_OK, "");
	fed(engine, &stream, "stream", NULL);
	feed(&stream, "HTTP/2 200\r\n", "Content-Type: text/event-stream\r\n",
		"id: 1\nevent: a\ndata: b\n\nid: 2\nevent: a\ndata: b\n\nda");
	assert_true(engine_find_event(&stream));
	assert_true(transfer_take_event(&stream, stream.event_number));
	assert_true(engine_find_event(&stream));
	fed(engine, &running, "get_workflow", NULL);
	transfer_for_tests(&unsent, 1, "update_workflow", "x", "{}");
	unsent.header_lines = curl_slist_append(NULL, "X-A: b");
	engine_free_transfer(&answered);
	engine_free_transfer(&stream);
	engine_free_transfer(&unsent);
	engine_release(engine);
	engine_free_transfer(&running);
}

static void url_life(void)
{
	assert_null(url_check_server("https://api.mistral.ai/v1", false));
	assert_non_null(url_check_server("https://user:password@api.mistral.ai", false));
}

static void buffer_life(void)
{
	struct buffer buffer = {.limit = 1000};
	assert_int_equal(buffer_append_text(&buffer, "a"), BUFFER_OK);
	buffer_reset(&buffer, 0);
	assert_int_equal(buffer_append_text(&buffer, "a"), BUFFER_OK);
	buffer_free(&buffer);
}

static void waker_life(void)
{
	waker_free(waker_new());
	setenv("TMPDIR", "/there/is/no/such", 1);
	assert_null(waker_new());
	unsetenv("TMPDIR");
}

static void test_what_needs_no_server(void **state)
{
	static void (*const lives[])(void) = {fed_life, url_life, buffer_life, waker_life};
	(void)state;
	for (size_t i = 0; i < COUNT(lives); i++) {
		for (int turn = 0; turn < 20; turn++) /* malloc keeps some of what was freed for itself */
			lives[i]();
		const struct descriptors before = open_descriptors();
		size_t memory = memory_in_use();
		for (int turn = 0; turn < 10; turn++)
			lives[i]();
		assert_int_equal(memory_in_use(), memory);
		assert_same_descriptors(&before);
	}
}

/* An exchange that succeeds, one that has a body, a stream that goes on, one that fails, one more that leaves a handle;
   and, of who is watched, some that wait. */
static void life(bool watched)
{
	static const char *const answers[] = {OK_ANSWER, OK_ANSWER,
		"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: a\n\n",
		"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\n{}", OK_ANSWER};
	static const char *const operations[] = {
		"get_workflow", "update_workflow", "stream", "get_workflow", "get_workflow"};
	struct transfer transfers[8];
	const size_t count = watched ? COUNT(transfers) : COUNT(answers);
	server_start(&server);
	struct engine *engine = engine_for_tests(server.port);
	engine->config.max_connections = 2;
	if (watched)
		engine_descriptor(engine);
	for (size_t i = 0; i < count; i++) {
		bool answered = i < COUNT(answers);
		if (answered)
			server_answer_text(&server, answers[i]);
		transfer_for_tests(&transfers[i], server.port, answered ? operations[i] : "get_workflow", "x",
			i == 1 ? "{}" : NULL);
		transfers[i].header_lines = curl_slist_append(NULL, "X-A: b");
		engine_adopt(engine, &transfers[i]);
		engine_start(&transfers[i]);
		while (answered &&
			(i == 2 ? !engine_find_event(&transfers[i]) : transfers[i].state == TRANSFER_RUNNING))
			engine_drive(engine, 1000);
	}
	engine_close(engine);
	engine_give_back(engine);
	for (size_t i = 0; i < count; i++)
		engine_free_transfer(&transfers[i]);
	engine_release(engine);
	server_stop(&server);
}

/* The threads of libcurl that look for addresses may still be there: of them some memory is. */
static void test_whole_lives(void **state)
{
	(void)state;
	for (int watched = 0; watched < 2; watched++) {
		life(watched);
		size_t memory = memory_in_use();
		for (int turn = 0; turn < 20; turn++)
			life(watched);
		assert_true(memory_in_use() < memory + 50000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_needs_no_server),
		cmocka_unit_test(test_whole_lives),
	};
	return RUN_WITH_EACH_BACKEND("lives", tests);
}
