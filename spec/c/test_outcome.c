/* What is noted when an attempt has ended, and the header that it would send; no engine is needed for that. */
#include "base/clock.h"
#include "exchange.h"

#include <fcntl.h>
#include <sys/resource.h>

#define CUT "the connection closed before the header was complete"
#define CODE_TOO_LARGE ((CURLcode)100)

static struct transfer ended(struct transfer transfer, const char *operation, CURLcode code, enum transfer_end end)
{
	transfer.endpoint = endpoint_find(operation);
	transfer_finish(&transfer, code, end);
	assert_int_equal(transfer.state, TRANSFER_DONE);
	return transfer;
}

static void test_heads_that_libcurl_lets_pass(void **state)
{
	static const struct {
		const char *operation;
		struct head head;
		CURLcode code, becomes;
		enum transfer_end end;
		const char *text;
	} cases[] = {
		{"get_workflow", {.status = 200, .ended = true}, CURLE_OK, CURLE_OK, TRANSFER_AS_CURL_SAYS, ""},
		{"get_workflow", {.ended = true}, CURLE_OK, CURLE_WEIRD_SERVER_REPLY, TRANSFER_AS_CURL_SAYS,
			"the status line is malformed"},
		{"get_workflow", {.status = 1, .ended = true}, CURLE_OK, CURLE_PARTIAL_FILE, TRANSFER_AS_CURL_SAYS,
			CUT},
		{"get_workflow", {.status = 199, .ended = true}, CURLE_OK, CURLE_PARTIAL_FILE, TRANSFER_AS_CURL_SAYS,
			CUT},
		{"get_workflow", {.status = 200}, CURLE_OK, CURLE_PARTIAL_FILE, TRANSFER_AS_CURL_SAYS, CUT},
		{"get_workflow", {.status = 0}, CURLE_OK, CURLE_PARTIAL_FILE, TRANSFER_AS_CURL_SAYS, CUT},
		{"get_workflow", {.ended = true}, CURLE_RECV_ERROR, CURLE_RECV_ERROR, TRANSFER_AS_CURL_SAYS, ""},
		{"get_workflow", {.status = 200}, CURLE_RECV_ERROR, CURLE_RECV_ERROR, TRANSFER_AS_CURL_SAYS, ""},
		{"get_workflow", {.status = 200}, CURLE_OUT_OF_MEMORY, CURLE_OUT_OF_MEMORY, TRANSFER_HEADER_TOO_LARGE,
			""},
		{"get_workflow", {.status = 1}, CODE_TOO_LARGE, CODE_TOO_LARGE, TRANSFER_HEADER_TOO_LARGE, ""},
		{"get_workflow", {.status = 0}, CURLE_OUT_OF_MEMORY, CURLE_OUT_OF_MEMORY, TRANSFER_AS_CURL_SAYS, ""},
		{"get_workflow", {.status = 200, .ended = true}, CURLE_OUT_OF_MEMORY, CURLE_OUT_OF_MEMORY,
			TRANSFER_AS_CURL_SAYS, ""},
		{"stream", {.status = 200, .ended = true}, CURLE_OK, CURLE_OK, TRANSFER_NOT_EVENTS, ""},
		{"stream", {.status = 404, .ended = true}, CURLE_OK, CURLE_OK, TRANSFER_AS_CURL_SAYS, ""},
		{"stream", {.status = 200, .ended = true}, CURLE_RECV_ERROR, CURLE_RECV_ERROR, TRANSFER_AS_CURL_SAYS,
			""},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("# %zu\n", i);
		struct transfer transfer = ended((struct transfer){.head = cases[i].head}, cases[i].operation,
			cases[i].code, TRANSFER_AS_CURL_SAYS);
		assert_int_equal(transfer.code, cases[i].becomes);
		assert_int_equal(transfer.end, cases[i].end);
		assert_string_equal(transfer.error_text, cases[i].text);
	}
}

static void test_an_end_that_is_known_is_not_looked_for(void **state)
{
	const struct transfer cut = {.end = TRANSFER_BODY_TOO_LARGE, .head = {.status = 200}};
	(void)state;
	struct transfer transfer = ended(cut, "get_workflow", CURLE_OK, TRANSFER_AS_CURL_SAYS);
	assert_int_equal(transfer.end, TRANSFER_BODY_TOO_LARGE);
	assert_int_equal(transfer.code, CURLE_OK);
	transfer = ended(cut, "get_workflow", CURLE_ABORTED_BY_CALLBACK, TRANSFER_CANCELLED);
	assert_int_equal(transfer.end, TRANSFER_CANCELLED);
	assert_int_equal(transfer.code, CURLE_ABORTED_BY_CALLBACK);
}

/* What was lost without an answer is sent over a connection of its own the next time. */
static void test_what_was_lost(void **state)
{
	const struct transfer none = {0},
			      answered = {.head = {.status = 200, .bytes = 1, .ended = true}, .was_lost = true};
	(void)state;
	assert_true(ended(none, "get_workflow", CURLE_RECV_ERROR, TRANSFER_AS_CURL_SAYS).was_lost);
	assert_false(ended(answered, "get_workflow", CURLE_RECV_ERROR, TRANSFER_AS_CURL_SAYS).was_lost);
	assert_false(ended(answered, "get_workflow", CURLE_OK, TRANSFER_AS_CURL_SAYS).was_lost);
}

static void test_a_body_is_taken_once(void **state)
{
	struct transfer transfer = {.head = {.status = 200, .ended = true}, .body.limit = 10};
	struct buffer body = {0}, other = {0};
	(void)state;
	buffer_append_text(&transfer.body, "{}");
	assert_false(transfer_take_body(&transfer, &body)); /* it has not ended */
	transfer = ended(transfer, "get_workflow", CURLE_OK, TRANSFER_AS_CURL_SAYS);
	assert_true(transfer_take_body(&transfer, &body));
	assert_int_equal(body.length, 2);
	assert_int_equal(transfer.body.length, 0);
	assert_false(transfer_take_body(&transfer, &other));
	assert_int_equal(other.length, 0);
	buffer_free(&body);
}

/* What looks cut was cut only where nothing had marked the end. */
static void test_a_body_that_cannot_be_decoded(void **state)
{
	static const struct {
		enum transfer_end end;
		bool framed;
		enum transfer_end becomes;
	} cases[] = {{TRANSFER_BODY_CUT, false, TRANSFER_BODY_CUT}, {TRANSFER_BODY_CUT, true, TRANSFER_NOT_JSON},
		{TRANSFER_NOT_JSON, false, TRANSFER_NOT_JSON},
		{TRANSFER_VALUE_TOO_LARGE, true, TRANSFER_VALUE_TOO_LARGE}};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct transfer transfer = {.head.framed = cases[i].framed};
		transfer_refuse_body(&transfer, cases[i].end);
		assert_int_equal(transfer.end, cases[i].becomes);
	}
}

static void test_nothing_is_left_of_the_attempt_before(void **state)
{
	const struct engine_config config = {.max_response_bytes = 5};
	struct transfer transfer = {.waited = 3, .event_number = 7, .error_text = "old", .fed = true};
	(void)state;
	transfer.has_event = transfer.body_taken = transfer.left_queue = transfer.no_descriptors = true;
	transfer_reset(&transfer, &config);
	assert_true(transfer.waited <= 0);
	assert_int_equal(transfer.event_number, 8); /* who has found the last event may not take another */
	assert_string_equal(transfer.error_text, "");
	assert_int_equal(transfer.body_limit, 5);
	assert_false(transfer.fed || transfer.has_event || transfer.body_taken || transfer.left_queue ||
		     transfer.no_descriptors);
	transfer_free(&transfer);
}

static void test_what_was_sent(void **state)
{
	static const struct {
		struct transfer transfer;
		bool sent;
	} cases[] = {
		{{.head.bytes = 1}, true},
		{{.timings = {.pretransfer = 0.1, .bytes_out = 1}}, true},
		{{.timings = {.pretransfer = 0.1}}, false},
		{{.timings = {.bytes_out = 1}}, false},
		{{.timings = {.pretransfer = 0}}, false},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(transfer_was_sent(&cases[i].transfer), cases[i].sent);
}

static void test_the_time_that_libcurl_does_not_measure(void **state)
{
	struct transfer begun = {.started = clock_now(), .head = {.status = 200, .ended = true}};
	(void)state;
	clock_skip(100);
	assert_true(ended(begun, "get_workflow", CURLE_OK, TRANSFER_AS_CURL_SAYS).timings.total <= 0);
	begun.fed = true;
	double total = ended(begun, "get_workflow", CURLE_OK, TRANSFER_AS_CURL_SAYS).timings.total;
	assert_true(total >= 100 && total < 200);
	begun.fed = false;
	begun.queued = true;
	struct transfer waited = ended(begun, "get_workflow", CURLE_ABORTED_BY_CALLBACK, TRANSFER_EXPIRED);
	assert_true(waited.timings.total >= 100 && waited.timings.total < 200);
	assert_false(waited.queued);
	transfer_leave_queue(&begun);
	assert_true(begun.waited >= 100 && begun.waited < 200);
	assert_false(begun.queued);
}

/* Opens files until none can be opened. */
static int open_all(int *files, int count)
{
	while ((files[count] = open("/dev/null", O_RDONLY)) >= 0)
		count++;
	return count;
}

/* A connection takes three descriptors at most: where there are as many it is not for the lack of them that it fails.
 */
static void test_descriptors_that_are_left(void **state)
{
	const struct transfer unsent = {0}, sent = {.head = {.status = 200, .bytes = 1, .ended = true}};
	struct rlimit before;
	int files[256];
	bool with[4], others[3];
	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	const struct rlimit few = {COUNT(files), before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	int most = open_all(files, 0), count = most;
	others[0] = ended(sent, "get_workflow", CURLE_RECV_ERROR, TRANSFER_AS_CURL_SAYS).no_descriptors;
	others[1] = ended(sent, "get_workflow", CURLE_OK, TRANSFER_AS_CURL_SAYS).no_descriptors;
	others[2] = ended(unsent, "get_workflow", CURLE_ABORTED_BY_CALLBACK, TRANSFER_CANCELLED).no_descriptors;
	for (int left = 0; left < 4; left++) {
		while (count > most - left)
			close(files[--count]);
		with[left] = ended(unsent, "get_workflow", CURLE_COULDNT_CONNECT, TRANSFER_AS_CURL_SAYS).no_descriptors;
	}
	int again = open_all(files, count);
	for (count = again; count > 0;)
		close(files[--count]);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_true(with[0] && with[1] && with[2]);
	assert_false(with[3]);
	assert_false(others[0] || others[1] || others[2]);
	assert_int_equal(again, most); /* it leaves none open */
}

static char agent[] = "User-Agent: unit-test";

static enum buffer_status header_of(struct transfer *transfer, bool gzip, struct buffer *out)
{
	const struct engine_config config = {.user_agent = agent, .gzip = gzip};
	return transfer_append_header(transfer, &config, out);
}

static void test_headers(void **state)
{
	static const struct {
		const char *operation, *body;
		bool gzip, fed;
		const char *lines; /* with LF in place of NUL */
	} cases[] = {
		{"get_workflow", NULL, true, false,
			"Accept: application/json\nUser-Agent: unit-test\nAccept-Encoding: gzip\n"},
		{"get_workflow", NULL, false, false, "Accept: application/json\nUser-Agent: unit-test\n"},
		{"get_workflow", NULL, true, true, "Accept: application/json\nUser-Agent: unit-test\n"},
		{"stream", NULL, true, false, "Accept: text/event-stream\nUser-Agent: unit-test\n"},
		{"execute_workflow", "1", false, false,
			"Accept: application/json\nUser-Agent: unit-test\nContent-Type: application/json\n"},
		{"cancel_workflow_execution", NULL, false, false, "Accept: application/json\nUser-Agent: unit-test\n"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct transfer transfer;
		struct buffer text = {.limit = 1000};
		transfer_for_tests(&transfer, 1, cases[i].operation, "x", cases[i].body);
		transfer.fed = cases[i].fed;
		assert_int_equal(header_of(&transfer, cases[i].gzip, &text), BUFFER_OK);
		for (size_t at = 0; at < text.length; at++)
			if (text.data[at] == '\0')
				text.data[at] = '\n';
		assert_int_equal(buffer_terminate(&text), BUFFER_OK);
		assert_string_equal(text.data, cases[i].lines);
		buffer_free(&text);
		transfer_free(&transfer);
	}
}

static void test_a_header_for_which_there_is_no_room(void **state)
{
	static const size_t needed = sizeof "Accept: application/json" + sizeof "User-Agent: unit-test" + sizeof "X: y";
	(void)state;
	for (size_t limit = 0; limit <= needed; limit++) {
		struct transfer transfer;
		struct buffer text = {.limit = limit};
		transfer_for_tests(&transfer, 1, "get_workflow", "x", NULL);
		transfer.header_lines = curl_slist_append(NULL, "X: y");
		assert_int_equal(header_of(&transfer, false, &text), limit == needed ? BUFFER_OK : BUFFER_FULL);
		buffer_free(&text);
		transfer_free(&transfer);
	}
}

static void test_the_callers_lines_go_before_ours(void **state)
{
	static const char *const replacing[] = {"User-Agent: mine", "user-agent;", "USER-AGENT:"};
	static const char *const others[] = {"User-Agen: mine", "User-Agents: mine", "X: User-Agent: mine"};
	(void)state;
	for (size_t i = 0; i < COUNT(replacing) + COUNT(others); i++) {
		struct transfer transfer;
		const struct engine_config config = {.user_agent = agent};
		bool replaces = i < COUNT(replacing), found = false;
		transfer_for_tests(&transfer, 1, "get_workflow", "x", NULL);
		transfer.header_lines = curl_slist_append(NULL, replaces ? replacing[i] : others[i - COUNT(replacing)]);
		for (const struct curl_slist *line = transfer_header(&transfer, &config); line != NULL;
			line = line->next)
			found = found || line->data == agent;
		assert_int_equal(found, !replaces);
		transfer_free(&transfer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heads_that_libcurl_lets_pass),
		cmocka_unit_test(test_an_end_that_is_known_is_not_looked_for),
		cmocka_unit_test(test_what_was_lost),
		cmocka_unit_test(test_a_body_is_taken_once),
		cmocka_unit_test(test_a_body_that_cannot_be_decoded),
		cmocka_unit_test(test_nothing_is_left_of_the_attempt_before),
		cmocka_unit_test(test_what_was_sent),
		cmocka_unit_test(test_the_time_that_libcurl_does_not_measure),
		cmocka_unit_test(test_descriptors_that_are_left),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_a_header_for_which_there_is_no_room),
		cmocka_unit_test(test_the_callers_lines_go_before_ours),
	};
	return cmocka_run_group_tests_name("outcome", tests, NULL, NULL);
}
