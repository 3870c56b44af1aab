#include "http/failure.h"

#include "unit.h"

#include <stdio.h>
#include <string.h>

#define SENT 0.01
#define UNSENT 0.0

static const struct example {
	CURLcode code;
	double pretransfer;
	long verify_result, proxy_status;
	const char *kind, *phase, *reason, *name;
} examples[] = {
	{CURLE_COULDNT_RESOLVE_HOST, UNSENT, 0, 0, "connect", NULL, NULL, "CURLE_COULDNT_RESOLVE_HOST"},
	{CURLE_COULDNT_CONNECT, UNSENT, 0, 0, "connect", NULL, NULL, "CURLE_COULDNT_CONNECT"},
	{CURLE_SSL_CONNECT_ERROR, UNSENT, 0, 0, "connect", NULL, NULL, "CURLE_SSL_CONNECT_ERROR"},
	{CURLE_OPERATION_TIMEDOUT, UNSENT, 0, 0, "timeout", "connect", NULL, "CURLE_OPERATION_TIMEDOUT"},
	{CURLE_OPERATION_TIMEDOUT, SENT, 0, 0, "timeout", "response", NULL, "CURLE_OPERATION_TIMEDOUT"},
	{CURLE_PEER_FAILED_VERIFICATION, UNSENT, 10, 0, "connect", NULL, "expired", "CURLE_PEER_FAILED_VERIFICATION"},
	{CURLE_PEER_FAILED_VERIFICATION, UNSENT, 9, 0, "connect", NULL, "not yet valid", NULL},
	{CURLE_PEER_FAILED_VERIFICATION, UNSENT, 2, 0, "connect", NULL, "unknown issuer", NULL},
	{CURLE_PEER_FAILED_VERIFICATION, UNSENT, 18, 0, "connect", NULL, "unknown issuer", NULL},
	{CURLE_PEER_FAILED_VERIFICATION, UNSENT, 19, 0, "connect", NULL, "unknown issuer", NULL},
	{CURLE_PEER_FAILED_VERIFICATION, UNSENT, 20, 0, "connect", NULL, "unknown issuer", NULL},
	{CURLE_PEER_FAILED_VERIFICATION, UNSENT, 21, 0, "connect", NULL, "unknown issuer", NULL},
	{CURLE_PEER_FAILED_VERIFICATION, UNSENT, 17, 0, "connect", NULL, "not verified", NULL},
	{CURLE_PEER_FAILED_VERIFICATION, UNSENT, 22, 0, "connect", NULL, "not verified", NULL},
	{CURLE_PEER_FAILED_VERIFICATION, UNSENT, 0, 0, "connect", NULL, "wrong host", NULL},
	{CURLE_PEER_FAILED_VERIFICATION, UNSENT, 1, 0, "connect", NULL, "wrong host", NULL},
	{CURLE_PEER_FAILED_VERIFICATION, UNSENT, 23, 0, "connect", NULL, "not verified", NULL},
	{CURLE_SSL_CACERT_BADFILE, UNSENT, 0, 0, "connect", NULL, "trust store", "CURLE_SSL_CACERT_BADFILE"},
	{CURLE_SSL_CERTPROBLEM, UNSENT, 0, 0, "connect", NULL, "client certificate", "CURLE_SSL_CERTPROBLEM"},
	{CURLE_RECV_ERROR, UNSENT, 0, 407, "connect", NULL, "proxy credentials", "CURLE_RECV_ERROR"},
	{CURLE_RECV_ERROR, UNSENT, 0, 403, "connect", NULL, NULL, "CURLE_RECV_ERROR"},
	{CURLE_UNSUPPORTED_PROTOCOL, SENT, 0, 0, "network", NULL, NULL, "CURLE_UNSUPPORTED_PROTOCOL"},
	{CURLE_SSL_CLIENTCERT, UNSENT, 0, 0, "connect", NULL, NULL, "CURLE_SSL_CLIENTCERT"},
	{CURLE_GOT_NOTHING, SENT, 0, 0, "network", NULL, NULL, "CURLE_GOT_NOTHING"},
	{CURLE_PARTIAL_FILE, SENT, 0, 0, "network", NULL, NULL, "CURLE_PARTIAL_FILE"},
	{CURLE_RECV_ERROR, SENT, 0, 0, "network", NULL, NULL, "CURLE_RECV_ERROR"},
	{CURLE_SEND_FAIL_REWIND, SENT, 0, 0, "network", NULL, NULL, "CURLE_SEND_FAIL_REWIND"},
	{CURLE_HTTP2_STREAM, SENT, 0, 0, "network", NULL, NULL, "CURLE_HTTP2_STREAM"},
	{CURLE_TELNET_OPTION_SYNTAX, SENT, 0, 0, "network", NULL, NULL, "CURLE_OTHER"},
};

static void assert_text(const char *expected, const char *actual)
{
	if (expected == NULL)
		assert_null(actual);
	else
		assert_string_equal(expected, actual);
}

static void test_codes_of_libcurl(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(examples); i++) {
		const struct example *example = &examples[i];
		struct transfer transfer = {.code = example->code,
			.verify_result = example->verify_result,
			.proxy_status = example->proxy_status,
			.left_queue = true,
			.timings = {.pretransfer = example->pretransfer, .bytes_out = example->pretransfer > 0}};
		struct failure failure = failure_of(&transfer);
		print_message("# %zu: %s\n", i, failure.name);
		assert_text(example->kind, failure.kind);
		assert_text(example->phase, failure.phase);
		assert_text(example->reason, failure.reason);
		if (example->name != NULL)
			assert_string_equal(example->name, failure.name);
		assert_int_equal(failure.code, example->code);
		assert_true(failure.unsent == !(example->pretransfer > 0));
		assert_int_equal(failure.is_about_trust,
			example->code == CURLE_PEER_FAILED_VERIFICATION || example->code == CURLE_SSL_CACERT_BADFILE);
		assert_string_equal(failure.message, curl_easy_strerror(example->code));
	}
}

static void test_what_libcurl_is_mistaken_about(void **state)
{
	struct transfer queued = {.code = CURLE_OPERATION_TIMEDOUT}, late;
	struct transfer without_files = {.code = CURLE_OUT_OF_MEMORY, .no_descriptors = true};
	(void)state;
	snprintf(queued.error_text, sizeof queued.error_text, "Failed to resolve host '127.0.0.1' with timeout");
	assert_string_equal(failure_of(&queued).message, "no connection became free in time");
	assert_string_equal(failure_of(&queued).phase, "connect");
	assert_true(failure_of(&queued).unsent);
	late = queued;
	late.left_queue = true;
	assert_string_equal(failure_of(&late).message, queued.error_text);
	late = queued;
	late.timings.dns = 0.5;
	assert_string_equal(failure_of(&late).message, queued.error_text);
	late = queued;
	late.head.bytes = 1;
	assert_string_equal(failure_of(&late).message, queued.error_text);
	assert_string_equal(failure_of(&without_files).kind, "connect");
	assert_string_equal(failure_of(&without_files).reason, "descriptors");
	assert_string_equal(failure_of(&without_files).message, "too many open files");
}

/* A request over a connection of its own that libcurl wants to send again: nothing came, so the server has refused it.
 */
static void test_what_a_server_refuses(void **state)
{
	const struct transfer refused = {
		.code = CURLE_SEND_FAIL_REWIND, .alone = true, .timings = {.pretransfer = 1, .bytes_out = 1}};
	struct transfer others[] = {refused, refused, refused};
	struct failure failure = failure_of(&refused);
	(void)state;
	assert_string_equal(failure.kind, "network");
	assert_string_equal(failure.hint, "refused");
	assert_string_equal(failure.name, "CURLE_SEND_FAIL_REWIND");
	assert_true(failure.unsent);
	others[0].head.bytes = 1;
	others[1].alone = false;
	others[2].code = CURLE_RECV_ERROR;
	for (size_t i = 0; i < COUNT(others); i++) {
		assert_string_equal(failure_of(&others[i]).kind, "network");
		assert_null(failure_of(&others[i]).hint);
		assert_false(failure_of(&others[i]).unsent);
	}
}

static void test_whose_certificate_it_is(void **state)
{
	struct transfer transfer = {.code = CURLE_PEER_FAILED_VERIFICATION, .verify_result = 10};
	(void)state;
	assert_null(failure_of(&transfer).hint);
	assert_string_equal(failure_of(&transfer).reason, "expired");
	transfer.proxy_verify_result = 18;
	assert_string_equal(failure_of(&transfer).hint, "proxy");
	assert_string_equal(failure_of(&transfer).reason, "unknown issuer");
}

static void test_what_a_port_may_speak(void **state)
{
	static const struct {
		CURLcode code;
		const char *hint;
	} codes[] = {
		{CURLE_SSL_CONNECT_ERROR, "plain http"},
		{CURLE_UNSUPPORTED_PROTOCOL, "tls"},
		{CURLE_WEIRD_SERVER_REPLY, "tls"},
		{CURLE_GOT_NOTHING, "nothing"},
		{CURLE_RECV_ERROR, "nothing"},
		{CURLE_SEND_ERROR, NULL},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++) {
		struct transfer transfer = {
			.code = codes[i].code, .timings = {.pretransfer = SENT, .bytes_out = 1, .new_connections = 1}};
		bool nothing = codes[i].hint != NULL && strcmp(codes[i].hint, "nothing") == 0;
		assert_text(codes[i].hint, failure_of(&transfer).hint);
		transfer.head.bytes = 1;
		assert_text(nothing ? NULL : codes[i].hint, failure_of(&transfer).hint);
		transfer.head.bytes = 0;
		transfer.timings.new_connections = 0; /* one that was kept has worked before */
		assert_text(nothing ? NULL : codes[i].hint, failure_of(&transfer).hint);
	}
}

static void test_a_packing_of_the_body(void **state)
{
	static const struct {
		const char *encoding;
		int status;
		const char *kind, *reason;
	} bodies[] = {
		{"gzip", 200, "network", NULL},
		{"GZip", 500, "network", NULL},
		{"x-gzip", 200, "network", NULL},
		{"X-GZIP", 500, "network", NULL},
		{"br", 200, "decode", "content encoding"},
		{"gzip, br", 299, "decode", "content encoding"},
		{"br", 300, "http", "content encoding"},
		{"br", 500, "http", "content encoding"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct transfer transfer = {
			.code = CURLE_BAD_CONTENT_ENCODING, .head = {.status = bodies[i].status, .bytes = 1}};
		snprintf(transfer.head.content_encoding, sizeof transfer.head.content_encoding, "%s",
			bodies[i].encoding);
		assert_string_equal(failure_of(&transfer).kind, bodies[i].kind);
		assert_text(bodies[i].reason, failure_of(&transfer).reason);
		assert_false(failure_of(&transfer).unsent);
		transfer.code = CURLE_PARTIAL_FILE;
		assert_string_equal(failure_of(&transfer).kind, "network");
	}
}

/* Of a transfer that libcurl does not see, only what the caller says of it is known. */
static void test_what_was_fed(void **state)
{
	struct transfer transfer = {.fed = true, .code = CURLE_COULDNT_CONNECT};
	(void)state;
	assert_string_equal(failure_of(&transfer).kind, "connect");
	assert_true(failure_of(&transfer).unsent);
	transfer.head.bytes = 1;
	assert_string_equal(failure_of(&transfer).kind, "network");
	assert_false(failure_of(&transfer).unsent);
	transfer.head.bytes = 0;
	transfer.code = CURLE_RECV_ERROR;
	assert_string_equal(failure_of(&transfer).kind, "network");
	assert_false(failure_of(&transfer).unsent);
}

static void test_the_error_buffer_goes_before_the_general_text(void **state)
{
	struct transfer transfer = {.code = CURLE_COULDNT_CONNECT};
	(void)state;
	snprintf(transfer.error_text, sizeof transfer.error_text, "Failed to connect to host port 1");
	assert_string_equal(failure_of(&transfer).message, "Failed to connect to host port 1");
}

static void test_ends_of_our_own(void **state)
{
	static const struct {
		enum transfer_end end;
		struct failure failure;
	} ends[] = {
		{TRANSFER_BODY_TOO_LARGE, {.kind = "too_large", .reason = "body", .limit = 1234}},
		{TRANSFER_EVENT_TOO_LARGE, {.kind = "too_large", .reason = "event", .limit = 1234}},
		{TRANSFER_VALUE_TOO_LARGE, {.kind = "too_large", .reason = "value", .limit = 1234}},
		{TRANSFER_HEADER_TOO_LARGE, {.kind = "too_large", .reason = "header", .limit = 262144}},
		{TRANSFER_OUT_OF_MEMORY, {.kind = "network",
						 .code = CURLE_OUT_OF_MEMORY,
						 .name = "CURLE_OUT_OF_MEMORY",
						 .message = "Out of memory"}},
		{TRANSFER_BODY_CUT, {.kind = "network",
					    .code = CURLE_PARTIAL_FILE,
					    .name = "CURLE_PARTIAL_FILE",
					    .message = "the connection closed in the middle of the body"}},
		{TRANSFER_NOT_JSON, {.kind = "decode"}},
		{TRANSFER_NOT_EVENTS, {.kind = "decode", .reason = "content type"}},
		{TRANSFER_EXPIRED, {.kind = "timeout",
					   .phase = "response",
					   .code = CURLE_OPERATION_TIMEDOUT,
					   .name = "CURLE_OPERATION_TIMEDOUT",
					   .message = "no answer in time"}},
		{TRANSFER_CANCELLED, {.kind = "cancelled"}},
		{TRANSFER_FORKED, {.kind = "cancelled", .reason = "fork"}},
		{TRANSFER_ERROR_BODY_CUT, {.kind = "http"}},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(ends); i++) {
		struct transfer transfer = {.end = ends[i].end,
			.code = CURLE_WRITE_ERROR,
			.body_limit = 1234,
			.timings = {.pretransfer = SENT, .bytes_out = 1}};
		const struct failure failure = failure_of(&transfer), *expected = &ends[i].failure;
		assert_string_equal(failure.kind, expected->kind);
		assert_text(expected->reason, failure.reason);
		assert_text(expected->phase, failure.phase);
		assert_text(expected->name, failure.name);
		assert_text(expected->message, failure.message);
		assert_int_equal(failure.code, expected->code);
		assert_int_equal(failure.limit, expected->limit);
		assert_null(failure.hint);
		assert_false(failure.unsent);
		assert_false(failure.is_about_trust);
	}
}

static void test_ends_of_our_own_before_anything_was_sent(void **state)
{
	struct transfer cancelled = {.end = TRANSFER_CANCELLED}, expired = {.end = TRANSFER_EXPIRED};
	struct transfer packed = {.end = TRANSFER_NOT_EVENTS, .head = {.bytes = 1, .content_encoding = "gzip"}};
	(void)state;
	assert_true(failure_of(&cancelled).unsent);
	assert_true(failure_of(&expired).unsent);
	assert_string_equal(failure_of(&expired).phase, "connect");
	assert_string_equal(failure_of(&expired).message, "no connection became free in time");
	assert_string_equal(failure_of(&packed).reason, "content encoding");
}

static void test_an_answer_that_is_no_success(void **state)
{
	struct transfer transfer = {.head.status = 404, .timings = {.pretransfer = SENT, .bytes_out = 1}};
	struct failure failure = failure_of(&transfer);
	(void)state;
	assert_string_equal(failure.kind, "http");
	assert_null(failure.name);
	assert_null(failure.message);
	assert_false(failure.unsent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes_of_libcurl),
		cmocka_unit_test(test_what_libcurl_is_mistaken_about),
		cmocka_unit_test(test_what_a_server_refuses),
		cmocka_unit_test(test_whose_certificate_it_is),
		cmocka_unit_test(test_what_a_port_may_speak),
		cmocka_unit_test(test_a_packing_of_the_body),
		cmocka_unit_test(test_what_was_fed),
		cmocka_unit_test(test_the_error_buffer_goes_before_the_general_text),
		cmocka_unit_test(test_ends_of_our_own),
		cmocka_unit_test(test_ends_of_our_own_before_anything_was_sent),
		cmocka_unit_test(test_an_answer_that_is_no_success),
	};
	return cmocka_run_group_tests_name("failure", tests, NULL, NULL);
}
