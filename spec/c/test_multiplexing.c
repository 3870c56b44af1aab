/* Where a connection carries many requests at a time, and which request has one of its own. No handshake is needed. */
#include "exchange.h"

static struct server server;
static struct engine *engine;
static struct transfer transfers[2];

static int start(void **state)
{
	(void)state;
	server_start(&server);
	engine = engine_for_tests(server.port);
	snprintf(engine->config.server_url, strlen(engine->config.server_url) + 1, "https://127.0.0.1");
	engine->config.http_version = CURL_HTTP_VERSION_2TLS;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(transfers); i++)
		engine_free_transfer(&transfers[i]);
	engine_release(engine);
	server_stop(&server);
	return 0;
}

static void test_what_may_carry_many(void **state)
{
	static char plain[] = "http://h", upper[] = "HTTP://h", tls[] = "https://h", odd[] = "https://http:";
	static const struct {
		struct engine_config config;
		bool may;
	} cases[] = {
		{{.server_url = tls, .http_version = CURL_HTTP_VERSION_2TLS}, true},
		{{.server_url = odd, .http_version = CURL_HTTP_VERSION_2TLS}, true},
		{{.server_url = tls, .http_version = CURL_HTTP_VERSION_1_1}, false},
		{{.server_url = plain, .http_version = CURL_HTTP_VERSION_2TLS}, false},
		{{.server_url = upper, .http_version = CURL_HTTP_VERSION_2TLS}, false},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(handle_may_multiplex(&cases[i].config), cases[i].may);
}

/* More than libcurl could run it does not get. */
static void test_how_many_calls_libcurl_gets(void **state)
{
	static const struct {
		long connections, http_version;
		size_t calls;
	} cases[] = {{8, CURL_HTTP_VERSION_2TLS, 256}, {255, CURL_HTTP_VERSION_2TLS, 256},
		{256, CURL_HTTP_VERSION_2TLS, 256}, {257, CURL_HTTP_VERSION_2TLS, 257}, {8, CURL_HTTP_VERSION_1_1, 8},
		{257, CURL_HTTP_VERSION_1_1, 257}};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		engine->config.max_connections = cases[i].connections;
		engine->config.http_version = cases[i].http_version;
		transfer_for_tests(&transfers[0], server.port, "get_workflow", "x", NULL);
		engine_adopt(engine, &transfers[0]);
		assert_true(engine_start_fed(&transfers[0]));
		assert_int_equal(engine->most_calls, cases[i].calls);
		stop(NULL);
		start(NULL);
	}
}

static bool is_alone(const char *operation, bool was_lost)
{
	transfer_for_tests(&transfers[0], server.port, operation, "x", NULL);
	transfers[0].was_lost = was_lost;
	engine_adopt(engine, &transfers[0]);
	assert_true(engine_start(&transfers[0]));
	bool alone = transfers[0].alone;
	engine_free_transfer(&transfers[0]);
	return alone;
}

static void test_what_must_not_act_twice_has_a_connection_of_its_own(void **state)
{
	(void)state;
	assert_false(is_alone("get_workflow", false));
	assert_false(is_alone("execute_workflow", false));
	assert_true(is_alone("signal_workflow_execution", false));
	assert_true(is_alone("get_workflow", true)); /* what was lost, the second time */
}

static void test_where_a_connection_carries_one_at_a_time(void **state)
{
	static const struct {
		long last, wanted;
		bool alone;
	} cases[] = {{0, CURL_HTTP_VERSION_2TLS, true}, {CURL_HTTP_VERSION_2_0, CURL_HTTP_VERSION_2TLS, true},
		{CURL_HTTP_VERSION_1_1, CURL_HTTP_VERSION_2TLS, false},
		{CURL_HTTP_VERSION_1_0, CURL_HTTP_VERSION_2TLS, false}, {0, CURL_HTTP_VERSION_1_1, false}};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		engine->http_version = cases[i].last;
		engine->config.http_version = cases[i].wanted;
		assert_int_equal(is_alone("signal_workflow_execution", false), cases[i].alone);
	}
}

static void test_one_connection_has_to_do_for_all_that_run(void **state)
{
	static const struct {
		long connections;
		bool others, alone;
	} cases[] = {{1, false, true}, {1, true, false}, {2, true, true}};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		engine->config.max_connections = cases[i].connections;
		if (cases[i].others) {
			transfer_for_tests(&transfers[1], server.port, "get_workflow", "x", NULL);
			engine_adopt(engine, &transfers[1]);
			engine_start_fed(&transfers[1]);
		}
		assert_int_equal(is_alone("signal_workflow_execution", false), cases[i].alone);
		engine_free_transfer(&transfers[1]);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_may_carry_many),
		TEST(test_how_many_calls_libcurl_gets),
		TEST(test_what_must_not_act_twice_has_a_connection_of_its_own),
		TEST(test_where_a_connection_carries_one_at_a_time),
		TEST(test_one_connection_has_to_do_for_all_that_run),
	};
	return RUN_WITH_EACH_BACKEND("multiplexing", tests);
}
