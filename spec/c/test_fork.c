/* What a child process does with an engine that it has inherited: the parent's is not touched. */
#include "exchange.h"

#include <sys/wait.h>

static struct server server;
static struct engine *engine;
static struct transfer transfer, fed;

static int start(void **state)
{
	(void)state;
	server_start(&server);
	engine = engine_for_tests(server.port);
	transfer_for_tests(&transfer, server.port, "get_workflow", "x", NULL);
	transfer_for_tests(&fed, server.port, "get_workflow", "x", NULL);
	engine_adopt(engine, &transfer);
	engine_adopt(engine, &fed);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	engine_free_transfer(&transfer);
	engine_free_transfer(&fed);
	engine_release(engine);
	server_stop(&server);
	return 0;
}

static void begin(void)
{
	assert_true(engine_start(&transfer));
	assert_true(engine_start_fed(&fed));
	while (server_read_counter(&server, &server.requests) == 0)
		engine_drive(engine, 10);
}

/* What `act` says in a child. */
static int in_a_child(int (*act)(void))
{
	int status = -1;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(act());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool both_have_ended(void)
{
	return transfer.end == TRANSFER_FORKED && fed.end == TRANSFER_FORKED && engine->running_count == 0;
}

static int cancel(void)
{
	engine_cancel(&transfer);
	return both_have_ended();
}

static int expire(void)
{
	engine_expire(&fed);
	return both_have_ended();
}

static int drive(void)
{
	engine_drive(engine, 0);
	return both_have_ended();
}

static int ask_for_time(void)
{
	return engine_timeout(engine) == -1 && both_have_ended();
}

static int ask_for_descriptor(void)
{
	engine_descriptor(engine);
	return both_have_ended();
}

static int nudge(void)
{
	engine_nudge(engine);
	return both_have_ended();
}

static int feed_head(void)
{
	return engine_feed_head(&fed, "HTTP/2 200\r\n", 12) == FEED_OVER && both_have_ended();
}

static int feed_body(void)
{
	return engine_feed_body(&fed, "x", 1) == FEED_OVER && both_have_ended();
}

static int feed_end(void)
{
	engine_feed_end(&fed, CURLE_OK, "");
	return both_have_ended();
}

static int close_it(void)
{
	engine_close(engine);
	return both_have_ended();
}

static int free_both(void)
{
	engine_free_transfer(&transfer);
	engine_free_transfer(&fed);
	return engine->references == 1 && engine->running_count == 0 && engine_next_ready(engine) == NULL;
}

static void test_each_call_finds_that_it_is_another_process(void **state)
{
	static int (*const acts[])(void) = {cancel, expire, drive, ask_for_time, ask_for_descriptor, nudge, feed_head,
		feed_body, feed_end, close_it, free_both};
	(void)state;
	begin();
	engine_descriptor(engine);
	for (size_t i = 0; i < COUNT(acts); i++) {
		print_message("# %zu\n", i);
		assert_int_equal(in_a_child(acts[i]), 1);
	}
	engine_drive(engine, 0);
	assert_int_equal(transfer.state, TRANSFER_RUNNING);
	assert_int_equal(fed.state, TRANSFER_RUNNING);
	assert_int_equal(engine_feed_head(&fed, "HTTP/2 200\r\n", 12), FEED_MORE);
	assert_int_equal(server_read_counter(&server, &server.closed), 0);
}

static int run(void)
{
	engine_drive(engine, 0);
	if (engine->spare_count != 0)
		return 2;
	engine_start(&transfer);
	engine_finish(engine, &transfer);
	return transfer_succeeded(&transfer) && transfer.timings.new_connections == 1;
}

static void test_kept_connections_are_the_parents(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		server_answer_text(&server, OK_ANSWER);
	for (int i = 0; i < 2; i++) {
		engine_start(&transfer);
		engine_finish(engine, &transfer);
	}
	assert_int_equal(engine->spare_count, 1);
	assert_int_equal(in_a_child(run), 1);
	engine_start(&transfer);
	engine_finish(engine, &transfer);
	assert_true(transfer_succeeded(&transfer));
	assert_int_equal(transfer.timings.new_connections, 0);
}

/* Nobody in the child was given a descriptor, so there is none to be left when it closes. */
static int close_unwatched(void)
{
	engine_drive(engine, 0);
	engine_start_fed(&fed);
	engine_close(engine);
	return engine->waiting == NULL;
}

static void test_who_was_given_a_descriptor_is_in_the_parent(void **state)
{
	(void)state;
	begin();
	int descriptor = engine_descriptor(engine);
	assert_int_equal(in_a_child(close_unwatched), 1);
	assert_int_equal(engine_descriptor(engine), descriptor);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_each_call_finds_that_it_is_another_process),
		TEST(test_kept_connections_are_the_parents),
		TEST(test_who_was_given_a_descriptor_is_in_the_parent),
	};
	return RUN_WITH_EACH_BACKEND("fork", tests);
}
