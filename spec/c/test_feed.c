#include "base/clock.h"
#include "exchange.h"
#include "http/failure.h"

static struct engine *engine;
static struct transfer transfer;

static int start(void **state)
{
	(void)state;
	engine = engine_for_tests(1);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	engine_free_transfer(&transfer);
	engine_release(engine);
	return 0;
}

static void begin(const char *operation)
{
	transfer_for_tests(&transfer, 1, operation, "x", NULL);
	engine_adopt(engine, &transfer);
	engine_start_fed(&transfer);
	assert_int_equal(transfer.state, TRANSFER_RUNNING);
}

static enum feed_result head(const char *line)
{
	return engine_feed_head(&transfer, line, strlen(line));
}

static enum feed_result body(const char *bytes)
{
	return engine_feed_body(&transfer, bytes, strlen(bytes));
}

static void test_an_answer(void **state)
{
	(void)state;
	begin("get_workflow");
	assert_int_equal(engine->running_count, 1);
	assert_int_equal(head("HTTP/2 200 \r\n"), FEED_MORE);
	assert_int_equal(head("Content-Type: text/x\r\n"), FEED_MORE);
	assert_int_equal(head("\r\n"), FEED_MORE);
	assert_int_equal(body("{\"a\""), FEED_MORE);
	assert_int_equal(body(":1}"), FEED_MORE);
	engine_drive(engine, 0);
	assert_int_equal(transfer.state, TRANSFER_RUNNING);
	engine_feed_end(&transfer, CURLE_OK, "");
	assert_int_equal(engine->running_count, 0);
	assert_true(transfer_succeeded(&transfer));
	assert_true(transfer.head.framed);
	assert_body(&transfer, "{\"a\":1}");
	assert_ptr_equal(engine_next_ready(engine), &transfer);
	assert_int_equal(body("x"), FEED_OVER);
	assert_int_equal(transfer.timings.bytes_in, 13 + 22 + 2 + 7);
}

static void test_the_first_byte_is_that_of_the_first_line(void **state)
{
	(void)state;
	begin("get_workflow");
	clock_skip(100);
	head("HTTP/2 200 \r\n");
	double first_byte = transfer.timings.first_byte;
	assert_true(first_byte >= 100 && first_byte < 200);
	clock_skip(100);
	head("Content-Type: text/x\r\n");
	body("x");
	assert_true(transfer.timings.first_byte <= first_byte);
}

static void test_failures(void **state)
{
	(void)state;
	begin("get_workflow");
	head("HTTP/2 200 \r\n");
	engine_feed_end(&transfer, CURLE_RECV_ERROR, "cut at 5%n");
	assert_string_equal(failure_of(&transfer).kind, "network");
	assert_string_equal(failure_of(&transfer).message, "cut at 5%n");
	engine_start_fed(&transfer);
	engine_feed_end(&transfer, CURLE_COULDNT_CONNECT, "no way");
	assert_string_equal(failure_of(&transfer).kind, "connect");
	assert_true(failure_of(&transfer).unsent);
	transfer.verify_result = transfer.proxy_verify_result = transfer.proxy_status = 1;
	engine_start_fed(&transfer);
	assert_int_equal(transfer.verify_result, 0);
	assert_int_equal(transfer.proxy_verify_result, 0);
	assert_int_equal(transfer.proxy_status, 0);
	engine_expire(&transfer);
	assert_string_equal(failure_of(&transfer).phase, "response");
	assert_false(failure_of(&transfer).unsent);
}

static void test_events_that_are_not_taken(void **state)
{
	static char event[100002] = "data: ";
	(void)state;
	memset(event + 6, 'x', 99994);
	memcpy(event + 100000, "\n\n", 2);
	begin("stream");
	head("HTTP/2 200 \r\n");
	head("Content-Type: text/event-stream\r\n");
	head("\r\n");
	size_t count = 0;
	while (engine_feed_body(&transfer, event, sizeof event) == FEED_MORE)
		count++;
	assert_true(count > 1);
	assert_true(transfer.body.length < 1000000);
	for (size_t i = 0; i < count; i++) {
		assert_true(engine_find_event(&transfer));
		assert_true(transfer_take_event(&transfer, transfer.event_number));
	}
	assert_false(engine_find_event(&transfer));
	assert_int_equal(engine_feed_body(&transfer, event, sizeof event), FEED_MORE);
	assert_true(engine_find_event(&transfer));
}

static void test_a_closed_engine(void **state)
{
	(void)state;
	begin("get_workflow");
	engine_close(engine);
	assert_int_equal(body("x"), FEED_OVER);
	assert_string_equal(failure_of(&transfer).kind, "cancelled");
	engine_start_fed(&transfer);
	assert_int_equal(transfer.state, TRANSFER_DONE);
	assert_string_equal(failure_of(&transfer).kind, "cancelled");
}

static void test_whoever_waits_on_the_descriptor_is_told(void **state)
{
	(void)state;
	int fd = engine_descriptor(engine);
	if (fd < 0)
		return;
	begin("stream");
	assert_false(is_readable(fd, 0));
	head("HTTP/2 200 \r\n");
	head("Content-Type: text/event-stream\r\n");
	assert_false(is_readable(fd, 0));
	head("\r\n");
	assert_true(is_readable(fd, 0));
	engine_drive(engine, 0);
	assert_false(is_readable(fd, 0));
	assert_ptr_equal(engine_next_ready(engine), &transfer);
	body("data: 1\n\n");
	assert_true(is_readable(fd, 0));
	engine_drive(engine, 0);
	engine_cancel(&transfer);
	assert_true(is_readable(fd, 0));
	engine_drive(engine, 0);
	engine_start_fed(&transfer);
	assert_false(is_readable(fd, 0));
	engine_feed_end(&transfer, CURLE_OK, "");
	assert_true(is_readable(fd, 0));
	engine_drive(engine, 0);
	engine_close(engine);
	assert_true(is_readable(fd, 0));
}

static void test_the_header_that_would_be_sent(void **state)
{
	static const char expected[] = "Accept: application/json\0User-Agent: unit-test\0X-A: b\0X-Empty:";
	struct buffer text = {.limit = 1000};
	(void)state;
	begin("get_workflow");
	transfer.header_lines = curl_slist_append(NULL, "X-A: b");
	curl_slist_append(transfer.header_lines, "X-Empty;");
	curl_slist_append(transfer.header_lines, "X-None:");
	assert_int_equal(transfer_append_header(&transfer, &engine->config, &text), BUFFER_OK);
	assert_int_equal(text.length, sizeof expected);
	assert_memory_equal(text.data, expected, sizeof expected);
	buffer_free(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_answer),
		TEST(test_the_first_byte_is_that_of_the_first_line),
		TEST(test_failures),
		TEST(test_events_that_are_not_taken),
		TEST(test_a_closed_engine),
		TEST(test_whoever_waits_on_the_descriptor_is_told),
		TEST(test_the_header_that_would_be_sent),
	};
	return RUN_WITH_EACH_BACKEND("feed", tests);
}
