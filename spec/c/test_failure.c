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
	{CURLE_PEER_FAILED_VERIFICATION, UNSENT, 0, 0, "connect", NULL, "wrong host", NULL},
	{CURLE_PEER_FAILED_VERIFICATION, UNSENT, 23, 0, "connect", NULL, "not verified", NULL},
	{CURLE_SSL_CACERT_BADFILE, UNSENT, 0, 0, "connect", NULL, "trust store", "CURLE_SSL_CACERT_BADFILE"},
	{CURLE_SSL_CERTPROBLEM, UNSENT, 0, 0, "connect", NULL, "client certificate", "CURLE_SSL_CERTPROBLEM"},
	{CURLE_RECV_ERROR, UNSENT, 0, 407, "connect", NULL, "proxy credentials", "CURLE_RECV_ERROR"},
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
		assert_true(failure.unsent == !(example->pretransfer > 0));
		assert_string_equal(failure.message, curl_easy_strerror(example->code));
	}
}

static void test_what_libcurl_is_mistaken_about(void **state)
{
	struct transfer queued = {.code = CURLE_OPERATION_TIMEDOUT};
	struct transfer without_files = {.code = CURLE_OUT_OF_MEMORY, .no_descriptors = true};
	(void)state;
	snprintf(queued.error_text, sizeof queued.error_text, "Failed to resolve host '127.0.0.1' with timeout");
	assert_string_equal(failure_of(&queued).message, "no connection became free in time");
	assert_string_equal(failure_of(&queued).phase, "connect");
	queued.left_queue = true;
	assert_string_equal(failure_of(&queued).message, queued.error_text);
	assert_string_equal(failure_of(&without_files).kind, "connect");
	assert_string_equal(failure_of(&without_files).reason, "descriptors");
	assert_string_equal(failure_of(&without_files).message, "too many open files");
}

/* A request over a connection of its own that libcurl wants to send again: nothing came, so the server has refused it.
 */
static void test_what_a_server_refuses(void **state)
{
	struct transfer refused = {
		.code = CURLE_SEND_FAIL_REWIND, .alone = true, .timings = {.pretransfer = 1, .bytes_out = 1}};
	(void)state;
	assert_string_equal(failure_of(&refused).hint, "refused");
	assert_true(failure_of(&refused).unsent);
	refused.head.bytes = 1;
	assert_null(failure_of(&refused).hint);
	assert_false(failure_of(&refused).unsent);
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
		const char *kind, *reason;
	} ends[] = {
		{TRANSFER_BODY_TOO_LARGE, "too_large", "body"},
		{TRANSFER_EVENT_TOO_LARGE, "too_large", "event"},
		{TRANSFER_HEADER_TOO_LARGE, "too_large", "header"},
		{TRANSFER_OUT_OF_MEMORY, "network", NULL},
		{TRANSFER_BODY_CUT, "network", NULL},
		{TRANSFER_NOT_JSON, "decode", NULL},
		{TRANSFER_EXPIRED, "timeout", NULL},
		{TRANSFER_CANCELLED, "cancelled", NULL},
		{TRANSFER_FORKED, "cancelled", "fork"},
		{TRANSFER_ERROR_BODY_CUT, "http", NULL},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(ends); i++) {
		struct transfer transfer = {.end = ends[i].end,
			.code = CURLE_WRITE_ERROR,
			.timings = {.pretransfer = SENT, .bytes_out = 1}};
		struct failure failure = failure_of(&transfer);
		assert_string_equal(failure.kind, ends[i].kind);
		assert_text(ends[i].reason, failure.reason);
		assert_false(failure.unsent);
	}
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
		cmocka_unit_test(test_the_error_buffer_goes_before_the_general_text),
		cmocka_unit_test(test_ends_of_our_own),
		cmocka_unit_test(test_an_answer_that_is_no_success),
	};
	return cmocka_run_group_tests_name("failure", tests, NULL, NULL);
}
