/* The calls that libcurl does not get yet, because it has as many as can run. */
#include "base/clock.h"
#include "exchange.h"
#include "http/failure.h"

#include <sys/wait.h>

#define MANY 8
#define MOST 2

static struct server server;
static struct engine *engine;
static struct transfer transfers[MANY];

static int start(void **state)
{
	(void)state;
	memset(transfers, 0, sizeof transfers);
	server_start(&server);
	engine = engine_for_tests(server.port);
	engine->config.max_connections = MOST;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	for (size_t i = 0; i < MANY; i++)
		engine_free_transfer(&transfers[i]);
	engine_release(engine);
	server_stop(&server);
	return 0;
}

static void begin(size_t index, const char *operation)
{
	transfer_for_tests(&transfers[index], server.port, operation, "x", NULL);
	engine_adopt(engine, &transfers[index]);
	engine_start(&transfers[index]);
}

/* The server leaves MOST of them without an answer; the others wait. */
static void begin_many(void)
{
	for (size_t i = 0; i < MOST; i++)
		server_answer(&server, (struct answer){0});
	for (size_t i = 0; i < MANY; i++)
		begin(i, "get_workflow");
	while (server_read_counter(&server, &server.requests) < MOST)
		engine_drive(engine, 10);
}

static void test_more_than_can_run_wait(void **state)
{
	(void)state;
	begin_many();
	assert_int_equal(engine->running_count, MANY);
	assert_int_equal(engine->call_count, MOST);
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(transfers[i].queued, i >= MOST);
		assert_int_equal(transfer_is_queued(&transfers[i]), i >= MOST);
	}
	assert_true(engine_is_crowded(engine));
	for (size_t i = MOST + 1; i < MANY; i++)
		engine_cancel(&transfers[i]);
	assert_true(engine_is_crowded(engine));
	engine_cancel(&transfers[MOST]);
	assert_false(engine_is_crowded(engine));
}

static void test_they_begin_in_order(void **state)
{
	(void)state;
	engine->config.max_connections = 1;
	for (size_t i = 0; i < MANY; i++)
		server_answer_text(&server, OK_ANSWER);
	bool waited[MANY];
	for (size_t i = 0; i < MANY; i++) {
		begin(i, "get_workflow");
		waited[i] = transfers[i].queued;
	}
	while (engine->running_count > 0)
		engine_drive(engine, 1000);
	for (size_t i = 0; i < MANY; i++) {
		assert_ptr_equal(engine_next_ready(engine), &transfers[i]);
		assert_true(transfer_succeeded(&transfers[i]));
		assert_int_equal(transfers[i].waited > 0, waited[i]);
		assert_true(transfers[i].timings.total > transfers[i].waited);
		assert_true(transfers[i].timings.pretransfer > transfers[i].waited);
	}
	assert_int_equal(engine->call_count, 0);
	assert_int_equal(server.accepted, 1);
}

/* What was cancelled with others must not have begun meanwhile. */
static void test_a_cancelled_one_makes_room_at_the_next_drive(void **state)
{
	(void)state;
	begin_many();
	int descriptor = engine_descriptor(engine);
	for (size_t i = 0; i < MANY - 1; i++)
		engine_cancel(&transfers[i]);
	assert_true(transfers[MANY - 1].queued);
	assert_int_equal(engine_timeout(engine), 0);
	assert_true(descriptor < 0 || poll(&(struct pollfd){.fd = descriptor, .events = POLLIN}, 1, 1000) == 1);
	server_answer_text(&server, OK_ANSWER);
	engine_finish(engine, &transfers[MANY - 1]);
	assert_true(transfer_succeeded(&transfers[MANY - 1]));
	assert_int_equal(server.requests, MOST + 1);
}

static void test_the_descriptor_tells_that_there_is_room(void **state)
{
	(void)state;
	begin_many();
	for (size_t i = 0; i < MANY - 1; i++)
		engine_cancel(&transfers[i]);
	int descriptor = engine_descriptor(engine);
	assert_true(descriptor < 0 || poll(&(struct pollfd){.fd = descriptor, .events = POLLIN}, 1, 1000) == 1);
}

static void test_the_descriptor_is_enough(void **state)
{
	(void)state;
	int descriptor = engine_descriptor(engine);
	for (size_t i = 0; i < MANY; i++)
		server_answer_text(&server, OK_ANSWER);
	for (size_t i = 0; i < MANY; i++)
		begin(i, "get_workflow");
	while (descriptor >= 0 && engine->running_count > 0) {
		assert_int_equal(poll(&(struct pollfd){.fd = descriptor, .events = POLLIN}, 1, 5000), 1);
		engine_drive(engine, 0);
		assert_true(engine->queued.first == NULL || engine->call_count == MOST);
	}
}

static void test_nobody_passes_those_that_wait(void **state)
{
	(void)state;
	begin_many();
	engine_cancel(&transfers[0]);
	engine_start(&transfers[0]);
	assert_true(transfers[0].queued);
	engine_drive(engine, 0);
	assert_true(transfers[0].queued);
	assert_false(transfers[MOST].queued);
}

static void test_one_that_expires_was_not_sent(void **state)
{
	(void)state;
	begin_many();
	engine_expire(&transfers[MANY - 1]);
	struct failure failure = failure_of(&transfers[MANY - 1]);
	assert_string_equal(failure.kind, "timeout");
	assert_string_equal(failure.phase, "connect");
	assert_string_equal(failure.message, "no connection became free in time");
	assert_true(failure.unsent);
	assert_true(transfers[MANY - 1].timings.total > 0);
	assert_false(transfer_is_queued(&transfers[MANY - 1]));
	assert_ptr_equal(engine_next_ready(engine), &transfers[MANY - 1]);
	assert_int_equal(engine->running_count, MANY - 1);
}

static void test_waiting_is_a_part_of_its_time(void **state)
{
	(void)state;
	begin_many();
	double begun = clock_now();
	transfers[MOST].timeout_ms = 60000;
	transfers[MOST].started -= 59.9;
	transfers[MOST + 1].timeout_ms = 60000;
	transfers[MOST + 1].started -= 61; /* nobody has looked at it in time */
	engine_cancel(&transfers[0]);
	engine_finish(engine, &transfers[MOST]);
	assert_true(clock_now() - begun < 30);
	assert_int_equal(transfers[MOST].code, CURLE_OPERATION_TIMEDOUT);
	assert_string_equal(transfers[MOST].error_text, "");
	engine_finish(engine, &transfers[MOST + 1]);
	assert_int_equal(transfers[MOST + 1].code, CURLE_OPERATION_TIMEDOUT);
}

/* Whoever drives looks at what has ended, and does not wait for more. */
static void test_one_that_cannot_begin_ends_at_once(void **state)
{
	(void)state;
	begin_many();
	for (size_t i = 0; i < MANY - 1; i++)
		engine_cancel(&transfers[i]);
	engine_start_fed(&transfers[0]);
	engine->config.http_version = -1; /* no handle can be made */
	double begun = clock_now();
	while (transfers[MANY - 1].state == TRANSFER_RUNNING)
		engine_drive(engine, 60000);
	assert_int_equal(transfers[MANY - 1].code, CURLE_OUT_OF_MEMORY);
	assert_true(clock_now() - begun < 30);
}

static void test_any_may_go(void **state)
{
	(void)state;
	begin_many();
	engine_free_transfer(&transfers[3]);
	engine_free_transfer(&transfers[MANY - 1]);
	engine_free_transfer(&transfers[0]);
	assert_int_equal(engine->running_count, MANY - 3);
	begin(MANY - 1, "get_workflow");
	for (size_t i = 0; i < MANY; i++)
		server_answer_text(&server, OK_ANSWER);
	engine_cancel(&transfers[1]);
	for (size_t i = 2; i < MANY; i++)
		engine_finish(engine, &transfers[i]);
	assert_true(transfer_succeeded(&transfers[4]));
	assert_true(transfer_succeeded(&transfers[MANY - 1]));
	assert_int_equal(engine->running_count, 0);
	assert_int_equal(engine->call_count, 0);
}

static void test_closing_ends_them(void **state)
{
	(void)state;
	begin_many();
	engine_close(engine);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(transfers[i].end, TRANSFER_CANCELLED);
	assert_int_equal(engine->running_count, 0);
	assert_int_equal(engine->call_count, 0);
	assert_int_equal(server.requests, MOST);
}

static void test_event_streams_do_not_wait_here(void **state)
{
	(void)state;
	begin_many();
	engine_free_transfer(&transfers[MANY - 1]);
	begin(MANY - 1, "stream");
	assert_true(transfer_is_stream(&transfers[MANY - 1]));
	assert_false(transfers[MANY - 1].queued);
	assert_int_equal(engine->call_count, MOST);
	engine_cancel(&transfers[MANY - 1]);
	assert_int_equal(engine->call_count, MOST);
}

static void test_an_event_stream_waits_in_libcurl(void **state)
{
	(void)state;
	begin_many();
	for (size_t i = MOST; i < MANY; i++)
		engine_free_transfer(&transfers[i]);
	begin(MOST, "stream");
	for (int turn = 0; turn < 5; turn++)
		engine_drive(engine, 1);
	assert_true(transfer_is_queued(&transfers[MOST]));
	assert_false(transfer_is_queued(&transfers[0]));
	engine_cancel(&transfers[0]);
	for (int turn = 0; turn < 1000 && server_read_counter(&server, &server.requests) <= MOST; turn++)
		engine_drive(engine, 10);
	assert_false(transfer_is_queued(&transfers[MOST]));
	engine_cancel(&transfers[MOST]);
	assert_false(transfer_is_queued(&transfers[MOST]));
}

static int in_the_child(void)
{
	engine_drive(engine, 0);
	for (size_t i = 0; i < MANY; i++)
		if (transfers[i].end != TRANSFER_FORKED)
			return 1;
	if (engine->running_count > 0 || engine->call_count > 0)
		return 2;
	engine_start(&transfers[0]);
	engine_finish(engine, &transfers[0]);
	if (!transfer_succeeded(&transfers[0]))
		return 3;
	for (size_t i = 0; i < MANY; i++)
		engine_free_transfer(&transfers[i]);
	engine_release(engine);
	return 0;
}

static void test_fork(void **state)
{
	(void)state;
	begin_many();
	server_answer_text(&server, OK_ANSWER);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(in_the_child());
	int status = -1;
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	assert_int_equal(engine->running_count, MANY);
	assert_true(transfers[MANY - 1].queued);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_more_than_can_run_wait),
		TEST(test_they_begin_in_order),
		TEST(test_a_cancelled_one_makes_room_at_the_next_drive),
		TEST(test_the_descriptor_tells_that_there_is_room),
		TEST(test_the_descriptor_is_enough),
		TEST(test_nobody_passes_those_that_wait),
		TEST(test_one_that_expires_was_not_sent),
		TEST(test_waiting_is_a_part_of_its_time),
		TEST(test_one_that_cannot_begin_ends_at_once),
		TEST(test_any_may_go),
		TEST(test_closing_ends_them),
		TEST(test_event_streams_do_not_wait_here),
		TEST(test_an_event_stream_waits_in_libcurl),
		TEST(test_fork),
	};
	return RUN_WITH_EACH_BACKEND("queue", tests);
}
