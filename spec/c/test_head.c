#include "http/head.h"

#include "unit.h"

#include <stdio.h>
#include <string.h>

/* Sat, 24 Oct 2026 12:00:00 GMT */
#define NOW ((time_t)1792843200)

static void line(struct head *head, const char *text)
{
	assert_true(head_line(head, text, strlen(text)));
}

static void test_status_of_every_version(void **state)
{
	static const char *const lines[] = {"HTTP/1.1 404 Not Found\r\n", "HTTP/1.0 404\r\n", "HTTP/2 404 \r\n",
		"http/1.1 404 x\r\n", "HTTP/1.1 404"};
	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct head head = {0};
		line(&head, lines[i]);
		assert_int_equal(head.status, 404);
	}
}

static void test_status_lines_that_are_none(void **state)
{
	static const char *const lines[] = {"HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 abc", "HTTP 200\r\n", "X: HTTP/1.1 200",
		"HTTP/1.1 20", "HTTP/1.1 20\r\n", "HTTP/1.1 20000 OK\r\n", "HTTP/1.1 200OK\r\n"};
	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct head head = {0};
		line(&head, lines[i]);
		assert_int_equal(head.status, 0);
	}
}

static void test_fields_in_any_case(void **state)
{
	struct head head = {0};
	(void)state;
	line(&head, "HTTP/1.1 200 OK\r\n");
	line(&head, "x-ReQuEsT-iD:\t abc-123 \t\r\n");
	line(&head, "CONTENT-TYPE: application/json\r\n");
	line(&head, "content-encoding: gzip\r\n");
	line(&head, "date: today at noon\r\n");
	line(&head, "LOCATION: /here\r\n");
	line(&head, "retry-after:7\n");
	line(&head, "Content-Type-Options: nosniff\r\n");
	line(&head, "X-Content-Type: no\r\n");
	line(&head, "\r\n");
	assert_string_equal(head.content_type, "application/json");
	assert_string_equal(head.content_encoding, "gzip");
	assert_string_equal(head.request_id, "abc-123");
	assert_string_equal(head.retry_after, "7");
	assert_string_equal(head.date, "today at noon");
	assert_string_equal(head.location, "/here");
	assert_int_equal(head.status, 200);
	assert_true(head.ended);
}

static void test_the_empty_line_may_be_of_lf_alone(void **state)
{
	struct head head = {0};
	(void)state;
	line(&head, "HTTP/1.1 200 OK\n");
	assert_false(head.ended);
	line(&head, "\n");
	assert_true(head.ended);
}

/* Where nothing marks the end of the body it is that of the connection, which may have broken. */
static void test_whether_the_end_of_the_body_is_marked(void **state)
{
	static const struct {
		const char *status, *field;
		bool framed;
	} heads[] = {
		{"HTTP/1.1 200 OK\r\n", "X: y\r\n", false},
		{"HTTP/1.0 200 OK\r\n", "Content-Length-: 1\r\n", false},
		{"HTTP/1.0 200 OK\r\n", "content-length: 1\r\n", true},
		{"HTTP/1.1 200 OK\r\n", "Transfer-Encoding: chunked\r\n", true},
		{"HTTP/2 200\r\n", "X: y\r\n", true},
		{"HTTP/3", "X: y\r\n", true},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(heads); i++) {
		struct head head = {0};
		line(&head, heads[i].status);
		line(&head, heads[i].field);
		assert_int_equal(head.framed, heads[i].framed);
	}
}

static void test_a_final_response_replaces_an_interim_one(void **state)
{
	struct head head = {0};
	(void)state;
	line(&head, "HTTP/1.1 103 Early Hints\r\n");
	line(&head, "X-Request-Id: interim\r\n");
	line(&head, "\r\n");
	line(&head, "HTTP/1.1 200 OK\r\n");
	assert_int_equal(head.status, 200);
	assert_string_equal(head.request_id, "");
	assert_false(head.ended);
}

static void test_the_last_status_that_is_not_final(void **state)
{
	struct head head = {0};
	(void)state;
	line(&head, "HTTP/1.1 199 Wait\r\n");
	line(&head, "HTTP/1.1 200 OK\r\n");
	assert_int_equal(head.status, 200);
	line(&head, "HTTP/1.1 500 No\r\n");
	assert_int_equal(head.status, 200);
}

/* What is there behind the length of a line is none of it. */
static void test_a_line_ends_where_its_length_says(void **state)
{
	struct head head = {0};
	(void)state;
	line(&head, "Content-Length: 1\r\n");
	assert_true(head_line(&head, "HTTP/1.1 200", 5));
	assert_true(head.framed);
	assert_true(head_line(&head, "X-Request-Id: abcd", 17));
	assert_string_equal(head.request_id, "abc");
	assert_true(head_line(&head, "X-Request-Id:  abcd", 15));
	assert_string_equal(head.request_id, "");
	assert_true(head_line(&head, "HTTP/1.1 200", 11));
	assert_int_equal(head.status, 0);
}

static void test_a_trailer_cannot_replace_the_response(void **state)
{
	struct head head = {0};
	(void)state;
	line(&head, "HTTP/1.1 200 OK\r\n");
	line(&head, "X-Request-Id: first\r\n");
	line(&head, "\r\n");
	line(&head, "HTTP/1.1 500 Oops\r\n");
	assert_int_equal(head.status, 200);
	assert_string_equal(head.request_id, "first");
}

static void test_values_are_cut_and_printable(void **state)
{
	struct head head = {0};
	char text[2 * HEAD_VALUE_SIZE + 20];
	(void)state;
	int length = snprintf(text, sizeof text, "X-Request-Id: %0*d\r\n", 2 * HEAD_VALUE_SIZE, 0);
	assert_true(head_line(&head, text, (size_t)length));
	assert_int_equal(strlen(head.request_id), HEAD_VALUE_SIZE - 1);
	assert_true(head_line(&head, "X-Request-Id: a\0b\x01\x7f\xc3\xa9\r\n", 24));
	assert_string_equal(head.request_id, "a?b??\xc3\xa9");
	assert_true(head_line(&head, "X-Request-Id: c", sizeof "X-Request-Id" - 1)); /* a name, cut off */
	assert_string_equal(head.request_id, "a?b??\xc3\xa9");
	line(&head, "X-Request-Id: \r\n");
	assert_string_equal(head.request_id, "");
	line(&head, "X-Request-Id: a b\r\n");
	assert_string_equal(head.request_id, "a b");
	line(&head, "X-Request-Id:\r\n");
	assert_string_equal(head.request_id, "");
}

/* A value that fits exactly is kept whole. */
static void test_how_much_of_a_value_is_kept(void **state)
{
	static const struct {
		const char *name;
		size_t offset, kept;
	} fields[] = {
		{"Content-Type", offsetof(struct head, content_type), 199},
		{"Content-Encoding", offsetof(struct head, content_encoding), 63},
		{"X-Request-Id", offsetof(struct head, request_id), 199},
		{"Retry-After", offsetof(struct head, retry_after), 199},
		{"Date", offsetof(struct head, date), 63},
		{"Location", offsetof(struct head, location), 511},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(fields); i++)
		for (size_t more = 0; more < 2; more++) {
			struct head head = {0};
			char text[600];
			int length = (int)(fields[i].kept + more);
			snprintf(text, sizeof text, "%s: %0*d\r\n", fields[i].name, length, 0);
			line(&head, text);
			assert_int_equal(strlen((char *)&head + fields[i].offset), fields[i].kept);
		}
}

static void test_a_header_too_large_is_refused(void **state)
{
	struct head head = {0};
	char text[1024];
	(void)state;
	memset(text, 'a', sizeof text);
	for (size_t i = 0; i < HEAD_MAX_BYTES / sizeof text; i++)
		assert_true(head_line(&head, text, sizeof text));
	assert_false(head_line(&head, "a", 1));
	assert_int_equal(head.bytes, HEAD_MAX_BYTES);
}

static void test_a_new_response_does_not_reset_the_count(void **state)
{
	struct head head = {0};
	(void)state;
	bool taken = true;
	for (size_t i = 0; taken && i < HEAD_MAX_BYTES; i++)
		taken = head_line(&head, "HTTP/1.1 100 Continue\r\n", 23);
	assert_false(taken);
}

static double retry_after(const char *value)
{
	struct head head = {0};
	char text[HEAD_VALUE_SIZE];
	snprintf(text, sizeof text, "Retry-After: %s\r\n", value);
	line(&head, text);
	return head_retry_after(&head, NOW);
}

static void test_fields_that_name_the_request(void **state)
{
	static const char *const lines[] = {
		"X-Kong-Request-Id: kong\r\n", "Mistral-Correlation-Id: mistral\r\n", "X-Request-Id: x\r\n"};
	static const struct {
		int order[3];
		const char *id;
	} orders[] = {{{0, 1, 2}, "x"}, {{2, 1, 0}, "x"}, {{1, 2, 0}, "x"}, {{0, 1, -1}, "mistral"},
		{{1, 0, -1}, "mistral"}, {{0, -1, -1}, "kong"}};
	(void)state;
	for (size_t i = 0; i < COUNT(orders); i++) {
		struct head head = {0};
		for (size_t j = 0; j < 3 && orders[i].order[j] >= 0; j++)
			line(&head, lines[orders[i].order[j]]);
		assert_string_equal(head.request_id, orders[i].id);
	}
	struct head head = {0};
	line(&head, "X-Request-Id: x\r\n");
	line(&head, "Content-Type: text/x\r\n");
	line(&head, "X-Kong-Request-Id: kong\r\n");
	assert_string_equal(head.request_id, "x");
}

static void test_types_and_packings(void **state)
{
	static const char *const types[] = {"text/x", "TEXT/X;a=b", "text/x ; a", "text/x\t;"};
	static const char *const others[] = {"", "text", "text/xy", "text/x y", "a text/x", "text/x,text/y"};
	static const struct {
		const char *name;
		bool packed;
	} encodings[] = {{"", false}, {"identity", false}, {"Identity", false}, {"gzip", true}, {"identity2", true}};
	(void)state;
	for (size_t i = 0; i < COUNT(types) + COUNT(others); i++) {
		struct head head = {0};
		bool is_type = i < COUNT(types);
		strcpy(head.content_type, is_type ? types[i] : others[i - COUNT(types)]);
		assert_int_equal(head_has_type(&head, "text/x"), is_type);
	}
	for (size_t i = 0; i < COUNT(encodings); i++) {
		struct head head = {0};
		strcpy(head.content_encoding, encodings[i].name);
		assert_int_equal(head_is_packed(&head), encodings[i].packed);
	}
}

static void test_other_fields(void **state)
{
	struct head head = {0};
	(void)state;
	line(&head, "HTTP/1.1 302 Found\r\n");
	line(&head, "Location: https://elsewhere.example/v1?a=b\r\n");
	line(&head, "Content-Encoding: br\r\n");
	line(&head, "Content-Type: text/event-stream;a\r\n");
	assert_string_equal(head.location, "https://elsewhere.example/v1?a=b");
	assert_true(head_is_packed(&head));
	assert_true(head_has_type(&head, "text/event-stream"));
	line(&head, "\r\n");
	line(&head, "Location: /a/trailer\r\n");
	assert_string_equal(head.location, "https://elsewhere.example/v1?a=b");
}

/* What a date asks for is counted from the answer's own clock. */
static void test_retry_after_by_the_servers_clock(void **state)
{
	static const char *const dates[] = {
		"Sat, 24 Oct 2026 11:00:00 GMT", "Sat, 24 Oct 2026 13:00:00 GMT", "nonsense"};
	static const double expected[] = {3630, 0, 30};
	(void)state;
	for (size_t i = 0; i < COUNT(dates); i++) {
		struct head head = {0};
		char text[100];
		snprintf(text, sizeof text, "Date: %s\r\n", dates[i]);
		line(&head, text);
		line(&head, "Retry-After: Sat, 24 Oct 2026 12:00:30 GMT\r\n");
		assert_true(head_retry_after(&head, NOW) == expected[i]);
	}
}

static void test_retry_after(void **state)
{
	const struct head none = {0};
	(void)state;
	assert_true(head_retry_after(&none, NOW) == -1);
	assert_true(retry_after("0") == 0);
	assert_true(retry_after("120") == 120);
	assert_true(retry_after("99999999999") == 99999999999.0);
	assert_true(retry_after("Sat, 24 Oct 2026 12:00:30 GMT") == 30);
	assert_true(retry_after("Saturday, 24-Oct-26 12:01:00 GMT") == 60);
	assert_true(retry_after("Sat Oct 24 12:00:05 2026") == 5);
	assert_true(retry_after("Sat, 24 Oct 2026 11:00:00 GMT") == 0);
	assert_true(retry_after("") == -1);
	assert_true(retry_after("soon") == -1);
	assert_true(retry_after("-5") == -1);
	assert_true(retry_after("1.5") == -1);
	assert_true(retry_after("5 seconds") == -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status_of_every_version),
		cmocka_unit_test(test_status_lines_that_are_none),
		cmocka_unit_test(test_fields_in_any_case),
		cmocka_unit_test(test_the_empty_line_may_be_of_lf_alone),
		cmocka_unit_test(test_whether_the_end_of_the_body_is_marked),
		cmocka_unit_test(test_a_final_response_replaces_an_interim_one),
		cmocka_unit_test(test_the_last_status_that_is_not_final),
		cmocka_unit_test(test_a_line_ends_where_its_length_says),
		cmocka_unit_test(test_a_trailer_cannot_replace_the_response),
		cmocka_unit_test(test_values_are_cut_and_printable),
		cmocka_unit_test(test_how_much_of_a_value_is_kept),
		cmocka_unit_test(test_a_header_too_large_is_refused),
		cmocka_unit_test(test_a_new_response_does_not_reset_the_count),
		cmocka_unit_test(test_fields_that_name_the_request),
		cmocka_unit_test(test_types_and_packings),
		cmocka_unit_test(test_other_fields),
		cmocka_unit_test(test_retry_after_by_the_servers_clock),
		cmocka_unit_test(test_retry_after),
	};
	return cmocka_run_group_tests_name("head", tests, NULL, NULL);
}
