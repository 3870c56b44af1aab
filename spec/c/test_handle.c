/* What libcurl is told of a request, and of its connections. */
#include "fixture.h"

#include <signal.h>
#include <sys/syscall.h>
#include <time.h>

#define EVENTS "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"

/* The clock of this program, libcurl's too, goes so many seconds ahead. */
static int ahead;

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *now)
{
	long result = syscall(SYS_clock_gettime, clock, now);
	now->tv_sec += ahead;
	return (int)result;
}

static void begin(const char *operation, const char *body, long timeout_ms)
{
	engine_free_transfer(&transfer);
	transfer_for_tests(&transfer, server.port, operation, "x", body);
	transfer.timeout_ms = timeout_ms;
	engine_adopt(engine, &transfer);
	engine_start(&transfer);
}

/* Takes part in an exchange that succeeds. */
static void run(const char *operation, const char *body, long timeout_ms)
{
	server_answer_text(&server, OK_ANSWER);
	begin(operation, body, timeout_ms);
	engine_finish(engine, &transfer);
	assert_true(transfer_succeeded(&transfer));
}

/* Nothing of one request is left in the handle for the next. */
static void test_requests_of_every_kind_by_one_handle(void **state)
{
	static const struct {
		const char *operation, *body, *request;
	} cases[] = {
		{"get_workflow", NULL, "GET /v1/workflows/x HTTP/1.1\r\n"},
		{"update_workflow", "{\"a\":1}", "PUT /v1/workflows/x HTTP/1.1\r\n"},
		{"get_workflow", NULL, "GET /v1/workflows/x HTTP/1.1\r\n"},
		{"get_workflow", NULL, "GET /v1/workflows/x HTTP/1.1\r\n"},
		{"signal_workflow_execution", "{}", "POST /v1/workflows/executions/x/signals HTTP/1.1\r\n"},
		{"get_workflow", NULL, "GET /v1/workflows/x HTTP/1.1\r\n"},
		{"unschedule_workflow", NULL, "DELETE /v1/workflows/schedules/x HTTP/1.1\r\n"},
		{"update_workflow", "{\"a\":1}", "PUT /v1/workflows/x HTTP/1.1\r\n"},
		{"unschedule_workflow", NULL, "DELETE /v1/workflows/schedules/x HTTP/1.1\r\n"},
		{"get_workflow", NULL, "GET /v1/workflows/x HTTP/1.1\r\n"},
	};
	(void)state;
	run("get_workflow", NULL, 10000);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *body = cases[i].body != NULL ? cases[i].body : "";
		print_message("# %zu: %s\n", i, cases[i].operation);
		run(cases[i].operation, cases[i].body, 10000);
		assert_int_equal(strncmp(server.last_request, cases[i].request, strlen(cases[i].request)), 0);
		assert_string_equal(strstr(server.last_request, "\r\n\r\n") + 4, body);
		bool is_get = strncmp(server.last_request, "GET", 3) == 0;
		assert_int_equal(strstr(server.last_request, "\r\nContent-Length:") != NULL, !is_get);
		assert_int_equal(strstr(server.last_request, "\r\nContent-Type:") != NULL, cases[i].body != NULL);
	}
}

/* What may be sent twice libcurl sends again where a connection that was kept turns out to be closed. */
static void test_a_dead_connection_does_not_matter_to_what_may_be_repeated(void **state)
{
	static const char *const operations[] = {"get_workflow", "update_workflow"};
	(void)state;
	for (size_t i = 0; i < COUNT(operations); i++) {
		run("get_workflow", NULL, 10000);
		size_t before = server.requests;
		server_answer(&server, (struct answer){"", 0, true});
		run(operations[i], i > 0 ? "{\"a\":1}" : NULL, 10000);
		assert_int_equal(server.requests, before + 2);
		assert_string_equal(strstr(server.last_request, "\r\n\r\n") + 4, i > 0 ? "{\"a\":1}" : "");
	}
}

static void test_measures(void **state)
{
	static const char *const operations[] = {"get_workflow", "update_workflow", "signal_workflow_execution"};
	const struct transfer_timings *timings = &transfer.timings;
	(void)state;
	for (size_t i = 0; i < COUNT(operations); i++) {
		run(operations[i], i > 0 ? "{\"a\":1}" : NULL, 10000);
		assert_int_equal(timings->bytes_out, strlen(server.last_request));
		assert_int_equal(timings->bytes_in, strlen(OK_ANSWER));
		assert_true(timings->tls <= 0);
		assert_true(timings->pretransfer > 0 && timings->first_byte >= timings->pretransfer);
		assert_true(timings->total >= timings->first_byte && timings->total < 100);
		assert_int_equal(timings->http_version, CURL_HTTP_VERSION_1_1);
		if (i == 0) {
			assert_true(timings->dns > 0 && timings->connect >= timings->dns);
			assert_true(timings->pretransfer >= timings->connect);
		}
	}
	engine->config.measures = false;
	run("get_workflow", NULL, 10000);
	assert_int_equal(timings->bytes_in + timings->bytes_out, 0);
	assert_true(timings->total <= 0);
	assert_int_equal(timings->new_connections, 0);
}

/* Proxies and firewalls forget a connection that is idle for a minute. */
static void test_connections_are_kept_for_55_seconds(void **state)
{
	(void)state;
	run("get_workflow", NULL, 10000);
	ahead += 55;
	run("get_workflow", NULL, 10000);
	assert_int_equal(transfer.timings.new_connections, 0);
	ahead += 56;
	run("get_workflow", NULL, 10000);
	assert_int_equal(transfer.timings.new_connections, 1);
}

/* This program's end of its connection to the server. */
static int find_connection(void)
{
	for (int descriptor = 0; descriptor < 256; descriptor++) {
		struct sockaddr_in peer = {0};
		if (getpeername(descriptor, (struct sockaddr *)&peer, &(socklen_t){sizeof peer}) == 0 &&
			ntohs(peer.sin_port) == server.port)
			return descriptor;
	}
	return -1;
}

static void test_a_peer_that_is_gone_is_noticed(void **state)
{
	int keeps = 0;
	(void)state;
	begin("get_workflow", NULL, 10000);
	while (server_read_counter(&server, &server.requests) == 0)
		engine_drive(engine, 10);
	int found = getsockopt(find_connection(), SOL_SOCKET, SO_KEEPALIVE, &keeps, &(socklen_t){sizeof keeps});
	assert_int_equal(found, 0);
	assert_int_equal(keeps, 1);
}

static void drive_some(void)
{
	for (int turn = 0; turn < 10; turn++)
		engine_drive(engine, 1);
}

/* Of the handle's last request no time is left over. */
static void test_each_attempt_has_its_own_time(void **state)
{
	static const struct {
		long before_ms, timeout_ms;
		int running, over;
	} cases[] = {
		{10000, 5000, 4, 6}, {5000, 10000, 9, 11}, {0, 3000, 2, 4}, {3000, 0, 1000, 0}, {3000, 3000, 2, 4}};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		run("get_workflow", NULL, 10000);
		run("get_workflow", NULL, cases[i].before_ms);
		server_answer(&server, (struct answer){0});
		begin("get_workflow", NULL, cases[i].timeout_ms);
		assert_int_equal(engine->spare_count, 0); /* it has the one of before */
		drive_some();
		ahead += cases[i].running;
		drive_some();
		assert_int_equal(transfer.state, TRANSFER_RUNNING);
		ahead += cases[i].over - cases[i].running;
		if (cases[i].over > 0) {
			drive_some();
			assert_int_equal(transfer.state, TRANSFER_DONE);
			assert_int_equal(transfer.code, CURLE_OPERATION_TIMEDOUT);
		}
	}
}

static bool is_ours;

static void handle_signal(int number)
{
	(void)number;
}

static void look(struct transfer *stream)
{
	struct sigaction action;
	(void)stream;
	sigaction(SIGPIPE, NULL, &action);
	is_ours = action.sa_handler == handle_signal;
}

static void test_the_programs_signal_handlers_are_left_alone_while_libcurl_works(void **state)
{
	(void)state;
	signal(SIGPIPE, handle_signal);
	server_answer_text(&server, EVENTS);
	begin("stream", NULL, 0);
	transfer.on_news = look;
	while (!transfer.has_events)
		engine_drive(engine, 1000);
	signal(SIGPIPE, SIG_DFL);
	assert_true(is_ours);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_requests_of_every_kind_by_one_handle),
		TEST(test_a_dead_connection_does_not_matter_to_what_may_be_repeated),
		TEST(test_measures),
		TEST(test_connections_are_kept_for_55_seconds),
		TEST(test_a_peer_that_is_gone_is_noticed),
		TEST(test_each_attempt_has_its_own_time),
		TEST(test_the_programs_signal_handlers_are_left_alone_while_libcurl_works),
	};
	return RUN_WITH_EACH_BACKEND("handle", tests);
}
