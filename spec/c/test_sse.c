#include "http/sse.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TEXT(literal) literal, sizeof(literal) - 1
#define LIMIT ((size_t)1000)
#define MOST_EVENTS 6

struct event {
	const char *data; /* NULL ends a list */
	const char *name;
	const char *id;
	long retry;
	bool unfinished;
};

struct example {
	const char *title;
	const char *bytes;
	size_t length;
	struct event events[MOST_EVENTS];
};

static const struct example examples[] = {
	{"nothing", TEXT(""), {{0}}},
	{"one event", TEXT("data: a\n\n"), {{"a", "", "", -1, false}}},
	{"every line end", TEXT("data: lf\n\ndata: cr\r\rdata: crlf\r\n\r\ndata: mixed\r\n\ndata: also\n\r\n"),
		{{"lf", "", "", -1, false}, {"cr", "", "", -1, false}, {"crlf", "", "", -1, false},
			{"mixed", "", "", -1, false}, {"also", "", "", -1, false}}},
	{"mixed line ends inside an event", TEXT("data: a\rdata: b\ndata: c\r\n\r"), {{"a\nb\nc", "", "", -1, false}}},
	{"LF CR is two line ends", TEXT("data: a\n\rdata: b\n\n"),
		{{"a", "", "", -1, false}, {"b", "", "", -1, false}}},
	{"many blank lines", TEXT("\n\r\n\r\rdata: a\n\n\n\n\r\ndata: b\n\n"),
		{{"a", "", "", -1, false}, {"b", "", "", -1, false}}},
	{"a byte order mark",
		TEXT("\xEF\xBB\xBF"
		     "data: a\n\n"),
		{{"a", "", "", -1, false}}},
	{"a byte order mark and nothing", TEXT("\xEF\xBB\xBF"), {{0}}},
	{"a second byte order mark is part of a name",
		TEXT("\xEF\xBB\xBF\xEF\xBB\xBF"
		     "data: a\n\ndata: b\n\n"),
		{{"b", "", "", -1, false}}},
	{"a late byte order mark is part of a name",
		TEXT("\n\xEF\xBB\xBF"
		     "data: a\n\ndata: b\n\n"),
		{{"b", "", "", -1, false}}},
	{"half a byte order mark is part of a name",
		TEXT("\xEF\xBB"
		     "data: a\n\ndata: b\n\n"),
		{{"b", "", "", -1, false}}},
	{"comments", TEXT(": hello\n:\n\n:data: no\ndata: a\n: in between\ndata: b\n\n: end\n\n"),
		{{"a\nb", "", "", -1, false}}},
	{"data over several lines", TEXT("data: YHOO\ndata: +2\ndata: 10\n\n"), {{"YHOO\n+2\n10", "", "", -1, false}}},
	{"empty data", TEXT("data\n\ndata\ndata\n\ndata:\n\ndata: \n\n"),
		{{"", "", "", -1, false}, {"\n", "", "", -1, false}, {"", "", "", -1, false}, {"", "", "", -1, false}}},
	{"one space is removed", TEXT("data:a\n\ndata: a\n\ndata:  a\n\ndata:\ta\n\ndata: a \n\n"),
		{{"a", "", "", -1, false}, {"a", "", "", -1, false}, {" a", "", "", -1, false},
			{"\ta", "", "", -1, false}, {"a ", "", "", -1, false}}},
	{"colons in a value", TEXT("data: {\"a\":1}\ndata::\n\n"), {{"{\"a\":1}\n:", "", "", -1, false}}},
	{"unknown fields", TEXT("datum: a\nDATA: b\n data: c\ndata : d\ndata: e\nfoo\n\n"), {{"e", "", "", -1, false}}},
	{"names of events",
		TEXT("event: one\ndata: a\n\ndata: b\n\nevent: x\nevent: two\ndata: c\n\nevent\ndata: d\n\n"),
		{{"a", "one", "", -1, false}, {"b", "", "", -1, false}, {"c", "two", "", -1, false},
			{"d", "", "", -1, false}}},
	{"a name without data is forgotten", TEXT("event: one\n\ndata: a\n\n"), {{"a", "", "", -1, false}}},
	{"an id stays", TEXT("id: 1\ndata: a\n\ndata: b\n\nid: 2\n\ndata: c\n\nid\ndata: d\n\n"),
		{{"a", "", "1", -1, false}, {"b", "", "1", -1, false}, {"c", "", "2", -1, false},
			{"d", "", "", -1, false}}},
	{"an id with NUL is ignored", TEXT("id: 1\ndata: a\n\nid: 2\0003\ndata: b\n\nid: \0\ndata: c\n\n"),
		{{"a", "", "1", -1, false}, {"b", "", "1", -1, false}, {"c", "", "1", -1, false}}},
	{"retry", TEXT("retry: 1500\n\ndata: a\n\nretry:0\ndata: b\n\n"),
		{{"a", "", "", 1500, false}, {"b", "", "", 0, false}}},
	{"retry is digits only",
		TEXT("retry: 10\nretry: 1x\nretry: -5\nretry: 1.5\nretry:  7\nretry:\nretry\n"
		     "retry: +1\nretry: 1000000000\nretry: 99999999999999999999\ndata: a\n\n"),
		{{"a", "", "", 10, false}}},
	{"a last event without a blank line", TEXT("data: a\n\ndata: b\n"),
		{{"a", "", "", -1, false}, {"b", "", "", -1, true}}},
	{"a last line without an end", TEXT("id: 7\nevent: e\ndata: a\ndata: b"), {{"a\nb", "e", "7", -1, true}}},
	{"a last line that ends in CR", TEXT("data: a\r"), {{"a", "", "", -1, true}}},
	{"a last event without data", TEXT("data: a\n\nevent: b\nid: 5"), {{"a", "", "", -1, false}}},
	{"a stream that ends in a comment", TEXT("data: a\n\n: bye"), {{"a", "", "", -1, false}}},
	{"bytes that are no text", TEXT("data: \xFF\xFE\x80\n\n"), {{"\xFF\xFE\x80", "", "", -1, false}}},
};

static void assert_buffer(const struct buffer *buffer, const char *expected)
{
	assert_int_equal(buffer->length, strlen(expected));
	if (buffer->length > 0)
		assert_memory_equal(buffer->data, expected, buffer->length);
}

static void assert_event(const struct sse *sse, const struct event *expected)
{
	assert_non_null(expected->data);
	assert_buffer(&sse->data, expected->data);
	assert_buffer(&sse->event, expected->name);
	assert_buffer(&sse->id, expected->id);
	assert_int_equal(sse->retry_ms, expected->retry);
	assert_int_equal(sse->unfinished, expected->unfinished);
}

/* Feeds a piece from memory of exactly its size, so that a sanitizer sees every step beyond it. */
static const struct event *feed(struct sse *sse, const char *bytes, size_t length, const struct event *expected)
{
	char *piece = test_malloc(length + 1);
	size_t done = 0;
	memcpy(piece + 1, bytes, length);
	while (done < length) {
		size_t taken = 0;
		enum sse_result result = sse_feed(sse, piece + 1 + done, length - done, &taken);
		assert_true(taken <= length - done);
		done += taken;
		if (result == SSE_EVENT)
			assert_event(sse, expected++);
		else
			assert_int_equal(result, SSE_MORE);
		if (result == SSE_MORE)
			assert_int_equal(done, length);
	}
	test_free(piece);
	return expected;
}

static void finish(struct sse *sse, const struct event *expected)
{
	enum sse_result result = sse_finish(sse);
	if (result == SSE_EVENT)
		assert_event(sse, expected++);
	else
		assert_int_equal(result, SSE_MORE);
	assert_null(expected->data);
	assert_int_equal(sse_finish(sse), SSE_MORE);
}

static void test_whole_streams(void **state)
{
	struct sse sse = {0};
	(void)state;
	for (size_t i = 0; i < COUNT(examples); i++) {
		const struct example *example = &examples[i];
		print_message("# %s\n", example->title);
		sse_begin(&sse, LIMIT, false);
		finish(&sse, feed(&sse, example->bytes, example->length, example->events));
	}
	sse_free(&sse);
}

static void test_streams_cut_at_every_byte(void **state)
{
	struct sse sse = {0};
	(void)state;
	for (size_t i = 0; i < COUNT(examples); i++) {
		const struct example *example = &examples[i];
		print_message("# %s\n", example->title);
		for (size_t cut = 0; cut <= example->length; cut++) {
			sse_begin(&sse, LIMIT, false);
			const struct event *next = feed(&sse, example->bytes, cut, example->events);
			finish(&sse, feed(&sse, example->bytes + cut, example->length - cut, next));
		}
	}
	sse_free(&sse);
}

static void test_streams_byte_by_byte(void **state)
{
	struct sse sse = {0};
	(void)state;
	for (size_t i = 0; i < COUNT(examples); i++) {
		const struct example *example = &examples[i];
		const struct event *next = example->events;
		print_message("# %s\n", example->title);
		sse_begin(&sse, LIMIT, false);
		for (size_t byte = 0; byte < example->length; byte++)
			next = feed(&sse, example->bytes + byte, 1, next);
		finish(&sse, next);
	}
	sse_free(&sse);
}

/* Feeds `count` times the same bytes and returns the first result that is not SSE_MORE. */
static enum sse_result feed_many(struct sse *sse, const char *bytes, int count)
{
	for (int i = 0; i < count; i++) {
		size_t taken;
		enum sse_result result = sse_feed(sse, bytes, strlen(bytes), &taken);
		if (result != SSE_MORE)
			return result;
	}
	return SSE_MORE;
}

static void test_an_event_too_large_ends_the_stream(void **state)
{
	struct sse sse = {0};
	(void)state;
	sse_begin(&sse, LIMIT, false);
	assert_int_equal(feed_many(&sse, "aaaaaaaaaa", 1000), SSE_TOO_LARGE); /* one line */
	sse_begin(&sse, LIMIT, false);
	assert_int_equal(feed_many(&sse, "data: aaaa\n", 1000), SSE_TOO_LARGE); /* many lines of one event */
	assert_true(sse.data.capacity < 4 * LIMIT);
	sse_begin(&sse, 4, false);
	assert_int_equal(feed_many(&sse, "data: too much\n\n", 1), SSE_TOO_LARGE); /* one piece */
	sse_begin(&sse, 4, false);
	assert_int_equal(feed_many(&sse, "event: too much\n\n", 1), SSE_TOO_LARGE);
	sse_begin(&sse, 4, false);
	assert_int_equal(feed_many(&sse, "id: too much\n\n", 1), SSE_TOO_LARGE);
	sse_free(&sse);
}

/* The same stream in pieces of each size: what of it is passed over is the same. */
static void test_events_that_are_too_large_can_be_passed_over(void **state)
{
	static const char stream[] = "data: a\nid: 1\n\n"
				     "id: 2\ndata: 0123456789012345678901234567890123456789\nevent: e\n\n"
				     "data: 0123456789\ndata: 0123456789\ndata: 0123456789\nid: 3\n\n"
				     ": 0123456789012345678901234567890123456789\ndata: b\n\n"
				     "unknown: 01234567890123456789012345678901234567890\ndata: c\n\n"
				     "event: 01234567890123456789012345678901234567890\ndata: d\n\n"
				     "id: 01234567890123456789012345678901234567890\ndata: e\n\n"
				     "event: 01234567890123456789012345678901234567890\n\n"
				     "data: f\nid: 4\n\ndata: 01234567890123456789012345678901234567890";
	static const struct {
		const char *data, *name, *id;
		bool skipped;
	} expected[] = {{"a", "", "1", false}, {"", "e", "2", true}, {"", "", "3", true}, {"b", "", "3", false},
		{"c", "", "3", false}, {"", "", "3", true}, {"", "", "3", true}, {"f", "", "4", false},
		{"", "", "4", true}};
	struct sse sse = {0};
	(void)state;
	for (size_t piece = 1; piece < sizeof stream; piece++) {
		size_t seen = 0;
		sse_begin(&sse, 25, true);
		for (size_t at = 0; at < sizeof stream - 1;) {
			size_t left = sizeof stream - 1 - at, taken;
			enum sse_result result = sse_feed(&sse, stream + at, piece < left ? piece : left, &taken);
			assert_true(result == SSE_MORE || result == SSE_EVENT);
			assert_true(sse.line.length <= 40 && sse.data.length <= 25);
			at += taken;
			if (result == SSE_MORE)
				continue;
			assert_event(&sse, &(struct event){expected[seen].data, expected[seen].name, expected[seen].id,
						   -1, false});
			assert_int_equal(sse.skipped, expected[seen++].skipped);
		}
		assert_int_equal(sse_finish(&sse), SSE_EVENT);
		assert_int_equal(seen, COUNT(expected) - 1);
		assert_int_equal(sse.skipped, expected[seen].skipped);
		assert_int_equal(sse.data.length, 0);
	}
	sse_free(&sse);
}

static double seconds_of_cpu(const char *line, size_t lines)
{
	struct sse sse = {0};
	size_t size = strlen(line), taken, length = lines * size;
	char *text = malloc(length);
	for (size_t i = 0; i < lines; i++)
		memcpy(text + i * size, line, size);
	clock_t start = clock();
	sse_begin(&sse, length, false);
	for (size_t at = 0; at < length; at += taken)
		sse_feed(&sse, text + at, length - at, &taken);
	sse_free(&sse);
	free(text);
	return (double)(clock() - start) / CLOCKS_PER_SEC;
}

/* Two million lines take a moment, whatever their ends are. Each was looked for in all that follows once. */
static void test_time_is_linear(void **state)
{
	static const char *const lines[] = {"\r", "\n", "x\r", "data: x\r\r", "data: x\n\n", "data: x\r\n\r\n", ":\r"};
	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++)
		assert_true(seconds_of_cpu(lines[i], 2000000) < 5);
}

static void test_a_limit_holds_for_one_event_not_for_the_stream(void **state)
{
	struct sse sse = {0};
	(void)state;
	sse_begin(&sse, 20, false);
	for (int i = 0; i < 1000; i++) {
		size_t taken;
		assert_int_equal(sse_feed(&sse, "data: 0123456789\n\n", 18, &taken), SSE_EVENT);
		assert_int_equal(taken, 18);
	}
	assert_int_equal(feed_many(&sse, ": comment\n\n", 1000), SSE_MORE);
	assert_int_equal(feed_many(&sse, "event: x\n\n", 1000), SSE_MORE);
	sse_free(&sse);
}

static void test_a_parser_can_begin_again(void **state)
{
	struct sse sse = {0};
	size_t taken;
	(void)state;
	sse_begin(&sse, LIMIT, false);
	sse_feed(&sse, "id: 5\nretry: 3\nevent: e\ndata: left\nda", 37, &taken);
	sse_begin(&sse, LIMIT, false);
	assert_int_equal(sse_feed(&sse,
				 "\xEF\xBB\xBF"
				 "data: a\n\n",
				 12, &taken),
		SSE_EVENT);
	assert_event(&sse, &(struct event){"a", "", "", -1, false});
	sse_free(&sse);
	sse_free(&sse);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_streams),
		cmocka_unit_test(test_streams_cut_at_every_byte),
		cmocka_unit_test(test_streams_byte_by_byte),
		cmocka_unit_test(test_an_event_too_large_ends_the_stream),
		cmocka_unit_test(test_events_that_are_too_large_can_be_passed_over),
		cmocka_unit_test(test_time_is_linear),
		cmocka_unit_test(test_a_limit_holds_for_one_event_not_for_the_stream),
		cmocka_unit_test(test_a_parser_can_begin_again),
	};
	return cmocka_run_group_tests_name("sse", tests, NULL, NULL);
}
