/* Engines and transfers for tests against server.h. */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "http/engine.h"
#include "http/url.h"
#include "server.h"

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"ok\":true}"

static inline struct engine *engine_for_tests(int port)
{
	char server[64];
	snprintf(server, sizeof server, "http://127.0.0.1:%d", port);
	struct engine_config config = {.server_url = strdup(server),
		.user_agent = strdup("User-Agent: unit-test"),
		.proxy = strdup(""),
		.gzip = true,
		.measures = true,
		.connect_timeout_ms = 5000,
		.max_connections = 8,
		.http_version = CURL_HTTP_VERSION_1_1,
		.max_response_bytes = 1000000};
	struct engine *engine = engine_new(&config);
	assert_non_null(engine);
	assert_null(config.user_agent);
	return engine;
}

/* Makes the request of an operation: `value` is its path value, `body` its JSON text or NULL. */
static inline void transfer_for_tests(
	struct transfer *transfer, int port, const char *operation, const char *value, const char *body)
{
	char server[64];
	const struct url_value values[] = {{value, strlen(value)}};
	memset(transfer, 0, sizeof *transfer);
	transfer->endpoint = endpoint_find(operation);
	transfer->repeat = transfer->endpoint->repeat;
	transfer->timeout_ms = 10000;
	transfer->url.limit = transfer->request_body.limit = 1000;
	snprintf(server, sizeof server, "http://127.0.0.1:%d", port);
	buffer_append_text(&transfer->url, server);
	url_append_path(&transfer->url, transfer->endpoint->path, values);
	buffer_terminate(&transfer->url);
	if (body != NULL)
		buffer_append_text(&transfer->request_body, body);
}

static inline void engine_finish(struct engine *engine, struct transfer *transfer)
{
	while (transfer->state == TRANSFER_RUNNING)
		engine_drive(engine, 1000);
}

static inline bool is_readable(int fd, int timeout_ms)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	return poll(&poll_fd, 1, timeout_ms) == 1 && (poll_fd.revents & POLLIN) != 0;
}

static inline void assert_body(const struct transfer *transfer, const char *expected)
{
	assert_int_equal(transfer->body.length, strlen(expected));
	assert_memory_equal(transfer->body.data, expected, transfer->body.length);
}

/* Runs a group of tests with one backend. Gives how many failed. */
#define RUN_WITH_BACKEND(backend, name, tests)                                                                         \
	(setenv("MISTRAL_WORKFLOWS_BACKEND", backend, 1),                                                              \
		cmocka_run_group_tests_name(name ", " backend, tests, NULL, NULL))

/* The same with each backend of this platform, until one fails: the operands of "||" have an order. */
#define RUN_WITH_EACH_BACKEND(name, tests)                                                                             \
	(RUN_WITH_BACKEND("epoll", name, tests) || RUN_WITH_BACKEND("poll", name, tests))

#endif
