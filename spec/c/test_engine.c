#include "base/clock.h"
#include "exchange.h"

#include <fcntl.h>
#include <sys/wait.h>

#define MANY 8

static struct server server;
static struct engine *engine;
static struct transfer transfers[MANY];
static struct descriptors before;

static int start(void **state)
{
	(void)state;
	before = open_descriptors();
	memset(transfers, 0, sizeof transfers);
	server_start(&server);
	engine = engine_for_tests(server.port);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	for (size_t i = 0; i < MANY; i++)
		engine_free_transfer(&transfers[i]);
	if (engine != NULL)
		engine_release(engine);
	engine = NULL;
	server_stop(&server);
	assert_same_descriptors(&before);
	return 0;
}

static void start_transfer(size_t index)
{
	transfer_for_tests(&transfers[index], server.port, "get_workflow", "x", NULL);
	engine_adopt(engine, &transfers[index]);
	engine_start(&transfers[index]);
}

static void test_one_connection_for_many_transfers(void **state)
{
	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		server_answer_text(&server, OK_ANSWER);
		start_transfer(i);
		engine_finish(engine, &transfers[i]);
		assert_true(transfer_succeeded(&transfers[i]));
		assert_int_equal(transfers[i].timings.new_connections, i == 0 ? 1 : 0);
		assert_int_equal(engine->spare_count, i == 0 ? 0 : 1);
	}
	assert_int_equal(server.accepted, 1);
}

static void test_transfers_at_the_same_time(void **state)
{
	(void)state;
	for (size_t i = 0; i < MANY; i++)
		server_answer_text(&server, OK_ANSWER);
	for (size_t i = 0; i < MANY; i++)
		start_transfer(i);
	while (engine->running_count > 0)
		engine_drive(engine, 1000);
	for (size_t i = 0; i < MANY; i++)
		assert_true(transfer_succeeded(&transfers[i]));
}

static void test_no_more_connections_than_allowed(void **state)
{
	(void)state;
	engine->config.max_connections = 2;
	for (size_t i = 0; i < MANY; i++)
		server_answer_text(&server, OK_ANSWER);
	for (size_t i = 0; i < MANY; i++)
		start_transfer(i);
	while (engine->running_count > 0)
		engine_drive(engine, 1000);
	assert_true(server.accepted <= 2);
}

static void test_what_ended_is_ready_once(void **state)
{
	(void)state;
	server_answer_text(&server, OK_ANSWER);
	assert_null(engine_next_ready(engine));
	start_transfer(0);
	start_transfer(1);
	engine_finish(engine, &transfers[0]);
	assert_ptr_equal(engine_next_ready(engine), &transfers[0]);
	assert_null(engine_next_ready(engine));
	engine_cancel(&transfers[1]);
	assert_ptr_equal(engine_next_ready(engine), &transfers[1]);
	assert_null(engine_next_ready(engine));
	assert_true(engine_start(&transfers[1]));
	engine_cancel(&transfers[1]);
	assert_ptr_equal(engine_next_ready(engine), &transfers[1]);
}

static void test_the_version_of_the_last_answer_is_remembered(void **state)
{
	(void)state;
	assert_int_equal(engine->http_version, 0);
	server_answer_text(&server, OK_ANSWER);
	start_transfer(0);
	engine_finish(engine, &transfers[0]);
	assert_int_equal(engine->http_version, CURL_HTTP_VERSION_1_1);
	start_transfer(1);
	engine_cancel(&transfers[1]);
	assert_int_equal(engine->http_version, CURL_HTTP_VERSION_1_1);
}

#ifdef __linux__
static void test_the_environment_may_ask_for_the_portable_way_to_wait(void **state)
{
	static const char *const wanted[] = {NULL, "poll", "", "epoll", "polls"};
	(void)state;
	for (size_t i = 0; i < COUNT(wanted); i++) {
		const char *was = engine->backend->name;
		if (wanted[i] == NULL)
			unsetenv("MISTRAL_WORKFLOWS_BACKEND");
		else
			setenv("MISTRAL_WORKFLOWS_BACKEND", wanted[i], 1);
		struct engine *other = engine_for_tests(server.port);
		setenv("MISTRAL_WORKFLOWS_BACKEND", was, 1);
		assert_string_equal(other->backend->name, i == 1 ? "poll" : "epoll");
		engine_release(other);
	}
}

/* The client's descriptors have any number. */
static void test_many_other_files_are_open(void **state)
{
	int files[150];
	(void)state;
	for (size_t i = 0; i < COUNT(files); i++)
		files[i] = fcntl(0, F_DUPFD_CLOEXEC, 0);
	for (size_t i = 0; i < MANY; i++)
		server_answer_text(&server, OK_ANSWER);
	for (size_t i = 0; i < MANY; i++)
		start_transfer(i);
	for (size_t i = 0; i < MANY; i++) {
		engine_finish(engine, &transfers[i]);
		assert_true(transfer_succeeded(&transfers[i]));
	}
	for (size_t i = 0; i < COUNT(files); i++)
		close(files[i]);
}
#endif

static void test_an_idle_connection_that_closes_wakes_once(void **state)
{
	(void)state;
	int fd = engine_descriptor(engine);
	if (fd < 0)
		return;
	server_answer(&server, (struct answer){OK_ANSWER, strlen(OK_ANSWER), true});
	start_transfer(0);
	engine_finish(engine, &transfers[0]);
	server_wait(&server, &server.closed, 1);
	for (int turn = 0; turn < 5 && is_readable(fd, 20); turn++)
		engine_drive(engine, 0);
	assert_false(is_readable(fd, 20));
}

/* Whoever looks at the engine only when its descriptor is readable sees that a paused stream goes on. */
static void test_a_paused_stream_that_was_read_wakes(void **state)
{
	const size_t size = 1000000;
	char *text = malloc(size);
	(void)state;
	int fd = engine_descriptor(engine);
	memset(text, '\n', size);
	int head = sprintf(text, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
	text[head] = '\n';
	server_answer(&server, (struct answer){text, size, true});
	transfer_for_tests(&transfers[0], server.port, "stream", "x", NULL);
	engine_adopt(engine, &transfers[0]);
	engine_start(&transfers[0]);
	while (!transfers[0].paused)
		engine_drive(engine, 1000);
	for (int turn = 0; fd >= 0 && turn < 20 && is_readable(fd, 20); turn++)
		engine_drive(engine, 0);
	assert_true(transfers[0].paused);
	assert_false(engine_find_event(&transfers[0]));
	assert_false(transfers[0].paused && transfers[0].body.length == 0);
	for (int turn = 0; turn < 1000 && transfers[0].state == TRANSFER_RUNNING; turn++) {
		assert_true(fd < 0 || is_readable(fd, 5000));
		engine_drive(engine, 0);
		engine_find_event(&transfers[0]);
		usleep(fd < 0 ? 1000 : 0);
	}
	assert_int_equal(transfers[0].state, TRANSFER_DONE);
	server_wait(&server, &server.closed, 1);
	free(text);
}

static void test_nothing_of_the_client_is_for_other_programs(void **state)
{
	(void)state;
	int descriptor = engine_descriptor(engine), connections = 0;
	for (size_t i = 0; i < MANY; i++)
		start_transfer(i);
	while (server_read_counter(&server, &server.requests) < MANY)
		engine_drive(engine, 10);
	if (descriptor < 0)
		return;
	assert_int_equal(fcntl(descriptor, F_GETFD), FD_CLOEXEC);
	for (int fd = 0; fd < DESCRIPTORS; fd++) {
		struct sockaddr_in peer = {0};
		if (getpeername(fd, (struct sockaddr *)&peer, &(socklen_t){sizeof peer}) != 0 ||
			ntohs(peer.sin_port) != server.port)
			continue;
		connections++;
		assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	}
	assert_int_equal(connections, MANY);
}

/* Nobody waits on a descriptor that nobody was given. */
static void test_closing_gives_back_what_nobody_watches(void **state)
{
	(void)state;
	const struct descriptors open = open_descriptors();
	struct engine *other = engine_for_tests(server.port);
	transfer_for_tests(&transfers[0], server.port, "get_workflow", "x", NULL);
	engine_adopt(other, &transfers[0]);
	assert_true(engine_start_fed(&transfers[0]));
	engine_close(other);
	assert_same_descriptors(&open);
	assert_false(engine_start(&transfers[0]));
	assert_false(engine_start_fed(&transfers[0]));
	engine_release(other);
}

static void test_cancel(void **state)
{
	(void)state;
	start_transfer(0);
	start_transfer(1);
	engine_cancel(&transfers[0]);
	assert_int_equal(transfers[0].state, TRANSFER_DONE);
	assert_int_equal(transfers[0].end, TRANSFER_CANCELLED);
	assert_false(transfer_succeeded(&transfers[0]));
	assert_int_equal(transfers[1].state, TRANSFER_RUNNING);
	assert_int_equal(engine->running_count, 1);
	engine_cancel(&transfers[0]);
	engine_cancel(&transfers[1]);
	assert_int_equal(engine->running_count, 0);
	assert_int_equal(engine_timeout(engine), -1);
	struct transfer idle = {0};
	engine_cancel(&idle);
}

static void test_a_cancelled_transfer_can_run_again(void **state)
{
	(void)state;
	start_transfer(0);
	while (server_read_counter(&server, &server.requests) == 0)
		engine_drive(engine, 10);
	engine_cancel(&transfers[0]);
	server_answer(&server, (struct answer){0}); /* the one that the cancelled request did not get */
	server_answer_text(&server, OK_ANSWER);
	engine_start(&transfers[0]);
	engine_finish(engine, &transfers[0]);
	assert_true(transfer_succeeded(&transfers[0]));
}

static void test_close_ends_everything(void **state)
{
	(void)state;
	for (size_t i = 0; i < MANY; i++)
		start_transfer(i);
	engine_close(engine);
	engine_close(engine);
	assert_int_equal(engine->running_count, 0);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(transfers[i].end, TRANSFER_CANCELLED);
	assert_int_equal(engine_descriptor(engine), -1);
	assert_int_equal(engine_timeout(engine), 0);
	engine_drive(engine, -1);
	engine_start(&transfers[0]);
	assert_int_equal(transfers[0].state, TRANSFER_DONE);
	assert_int_equal(transfers[0].end, TRANSFER_CANCELLED);
}

static void test_the_client_may_go_before_its_transfers(void **state)
{
	(void)state;
	for (size_t i = 0; i < MANY; i++)
		start_transfer(i);
	engine_release(engine);
	engine = NULL;
	for (size_t i = 0; i < MANY; i++)
		engine_free_transfer(&transfers[i]);
}

static void test_a_running_transfer_may_go_before_the_client(void **state)
{
	(void)state;
	start_transfer(0);
	engine_free_transfer(&transfers[0]);
	assert_int_equal(engine->running_count, 0);
	assert_null(engine_next_ready(engine));
	assert_int_equal(engine->references, 1);
	engine_free_transfer(&transfers[0]);
}

static void test_a_transfer_may_change_its_engine(void **state)
{
	(void)state;
	struct engine *other = engine_for_tests(server.port);
	server_answer_text(&server, OK_ANSWER);
	server_answer_text(&server, OK_ANSWER);
	start_transfer(0);
	engine_finish(engine, &transfers[0]);
	engine_adopt(other, &transfers[0]);
	engine_start(&transfers[0]);
	engine_finish(other, &transfers[0]);
	assert_true(transfer_succeeded(&transfers[0]));
	assert_int_equal(engine->references, 1);
	assert_null(engine_next_ready(engine));
	assert_int_equal(other->references, 2);
	engine_release(other); /* the transfer keeps it until teardown */
}

static void test_nothing_to_do_does_not_wait(void **state)
{
	(void)state;
	engine_drive(engine, -1);
	assert_int_equal(engine_timeout(engine), -1);
	server_answer_text(&server, OK_ANSWER);
	start_transfer(0);
	engine_finish(engine, &transfers[0]);
	engine_drive(engine, -1);
}

static void test_more_transfers_than_spare_handles(void **state)
{
	struct transfer many[ENGINE_SPARE_HANDLES + 4];
	(void)state;
	for (size_t i = 0; i < COUNT(many); i++) {
		transfer_for_tests(&many[i], server.port, "get_workflow", "x", NULL);
		engine_adopt(engine, &many[i]);
		engine_start(&many[i]);
	}
	engine_close(engine);
	for (size_t i = 0; i < COUNT(many); i++) {
		assert_int_equal(many[i].state, TRANSFER_DONE);
		engine_free_transfer(&many[i]);
	}
}

static void test_no_more_handles_are_kept_than_there_is_room_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		server_answer_text(&server, OK_ANSWER);
		start_transfer(i);
		while (i > 0 && engine->spare_count < ENGINE_SPARE_HANDLES)
			engine->spare[engine->spare_count++] = handle_new(&engine->config);
		engine_finish(engine, &transfers[i]);
	}
	assert_int_equal(transfers[1].timings.new_connections, 0);
	assert_int_equal(engine->spare_count, ENGINE_SPARE_HANDLES);
}

/* An outside loop that waits only on the descriptor sees a transfer through. */
static void test_the_descriptor_is_enough(void **state)
{
	(void)state;
	int fd = engine_descriptor(engine);
	if (fd < 0) {
		assert_string_equal(engine->backend->name, "poll");
		return;
	}
	assert_false(is_readable(fd, 0));
	server_answer_text(&server, OK_ANSWER);
	start_transfer(0);
	while (transfers[0].state == TRANSFER_RUNNING) {
		assert_true(is_readable(fd, 5000));
		engine_drive(engine, 0);
	}
	assert_true(transfer_succeeded(&transfers[0]));
	assert_int_equal(engine_descriptor(engine), fd);
}

static void test_the_descriptor_tells_of_time_that_runs_out(void **state)
{
	(void)state;
	int fd = engine_descriptor(engine);
	if (fd < 0)
		return;
	transfer_for_tests(&transfers[0], server.port, "get_workflow", "x", NULL);
	transfers[0].timeout_ms = 50;
	engine_adopt(engine, &transfers[0]);
	engine_start(&transfers[0]);
	while (transfers[0].state == TRANSFER_RUNNING) {
		assert_true(is_readable(fd, 5000));
		engine_drive(engine, 0);
	}
	assert_int_equal(transfers[0].code, CURLE_OPERATION_TIMEDOUT);
}

static void test_closing_wakes_who_waits_on_the_descriptor(void **state)
{
	(void)state;
	int fd = engine_descriptor(engine);
	if (fd < 0)
		return;
	start_transfer(0);
	while (server_read_counter(&server, &server.requests) == 0)
		engine_drive(engine, 10);
	while (is_readable(fd, 0))
		engine_drive(engine, 0);
	engine_close(engine);
	assert_true(is_readable(fd, 5000));
}

/* In the child: the parent's transfer has ended, and a new one works over a connection of its own. */
static int in_the_child(void)
{
	engine_drive(engine, 0);
	if (transfers[0].state != TRANSFER_DONE || transfers[0].end != TRANSFER_FORKED)
		return 1;
	start_transfer(1);
	engine_finish(engine, &transfers[1]);
	if (!transfer_succeeded(&transfers[1]) || transfers[1].timings.new_connections != 1)
		return 2;
	engine_free_transfer(&transfers[0]);
	engine_free_transfer(&transfers[1]);
	engine_release(engine);
	return 0;
}

static void test_fork(void **state)
{
	(void)state;
	server_answer(&server, (struct answer){0}); /* silence for the parent's first request */
	server_answer_text(&server, OK_ANSWER);
	server_answer_text(&server, OK_ANSWER);
	start_transfer(0);
	while (server_read_counter(&server, &server.requests) == 0)
		engine_drive(engine, 10);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(in_the_child());
	int status = -1;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	/* The parent's connection is untouched: its transfer still runs, and the engine makes others. */
	assert_int_equal(transfers[0].state, TRANSFER_RUNNING);
	engine_drive(engine, 0);
	assert_int_equal(transfers[0].state, TRANSFER_RUNNING);
	start_transfer(1);
	engine_finish(engine, &transfers[1]);
	assert_true(transfer_succeeded(&transfers[1]));
}

static void test_a_child_does_not_move_the_parents_timer(void **state)
{
	(void)state;
	start_transfer(0);
	while (server_read_counter(&server, &server.requests) == 0)
		engine_drive(engine, 10);
	int descriptor = engine_descriptor(engine);
	if (descriptor < 0)
		return;
	for (int turn = 0; turn < 200 && is_readable(descriptor, 20); turn++) /* timers of libcurl */
		engine_drive(engine, 0);
	assert_false(is_readable(descriptor, 20));
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		engine_nudge(engine);
		engine_cancel(&transfers[0]);
		int own = engine_descriptor(engine);
		engine_nudge(engine);
		_exit(is_readable(own, 20) ? 0 : 1);
	}
	int status = -1;
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	assert_false(is_readable(descriptor, 20));
	engine_nudge(engine);
	assert_true(is_readable(descriptor, 20));
}

static void test_a_closed_engine_gives_back_its_descriptor(void **state)
{
	(void)state;
	start_transfer(0);
	int descriptor = engine_descriptor(engine);
	engine_give_back(engine);
	assert_int_equal(engine_descriptor(engine), descriptor);
	engine_close(engine);
	if (descriptor < 0)
		return;
	assert_true(is_readable(descriptor, 20));
	engine_give_back(engine);
	assert_int_equal(fcntl(descriptor, F_GETFD), -1);
	assert_int_equal(engine_descriptor(engine), -1);
	engine_give_back(engine);
	engine_nudge(engine);
	engine_drive(engine, 0);
}

/* A connection that was idle at the fork serves the parent afterwards, whatever the child does. */
static void test_a_child_that_closes_leaves_the_parents_connection(void **state)
{
	(void)state;
	server_answer_text(&server, OK_ANSWER);
	server_answer_text(&server, OK_ANSWER);
	start_transfer(0);
	engine_finish(engine, &transfers[0]);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		engine_close(engine);
		_exit(0);
	}
	waitpid(child, &(int){0}, 0);
	start_transfer(1);
	engine_finish(engine, &transfers[1]);
	assert_true(transfer_succeeded(&transfers[1]));
	assert_int_equal(transfers[1].timings.new_connections, 0);
	assert_int_equal(server.accepted, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_one_connection_for_many_transfers),
		TEST(test_transfers_at_the_same_time),
		TEST(test_no_more_connections_than_allowed),
		TEST(test_what_ended_is_ready_once),
		TEST(test_the_version_of_the_last_answer_is_remembered),
#ifdef __linux__
		TEST(test_the_environment_may_ask_for_the_portable_way_to_wait),
		TEST(test_many_other_files_are_open),
#endif
		TEST(test_an_idle_connection_that_closes_wakes_once),
		TEST(test_a_paused_stream_that_was_read_wakes),
		TEST(test_nothing_of_the_client_is_for_other_programs),
		TEST(test_closing_gives_back_what_nobody_watches),
		TEST(test_cancel),
		TEST(test_a_cancelled_transfer_can_run_again),
		TEST(test_close_ends_everything),
		TEST(test_the_client_may_go_before_its_transfers),
		TEST(test_a_running_transfer_may_go_before_the_client),
		TEST(test_a_transfer_may_change_its_engine),
		TEST(test_nothing_to_do_does_not_wait),
		TEST(test_more_transfers_than_spare_handles),
		TEST(test_no_more_handles_are_kept_than_there_is_room_for),
		TEST(test_the_descriptor_is_enough),
		TEST(test_the_descriptor_tells_of_time_that_runs_out),
		TEST(test_closing_wakes_who_waits_on_the_descriptor),
		TEST(test_fork),
		TEST(test_a_child_does_not_move_the_parents_timer),
		TEST(test_a_closed_engine_gives_back_its_descriptor),
		TEST(test_a_child_that_closes_leaves_the_parents_connection),
	};
	return RUN_WITH_EACH_BACKEND("engine", tests);
}
