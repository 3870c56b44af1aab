/*
** Event stream parser: however the input is cut, the events are the same.
** The first byte of the input chooses how it is cut, and whether events that are
** too large are skipped.
*/
#include "http/sse.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EVENT_LIMIT 40

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length);

static void take(struct buffer *list, const struct sse *sse)
{
	const struct buffer *parts[] = {&sse->data, &sse->event, &sse->id};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		buffer_append(list, parts[i]->data, parts[i]->length);
		buffer_append(list, "\x1f", 1);
	}
	buffer_append(list, &sse->retry_ms, sizeof sse->retry_ms);
	buffer_append(list, sse->skipped ? "s" : "-", 1);
	assert(!sse->skipped || sse->data.length == 0);
}

/* Appends the events of the stream to `list`; false when one was too large. */
static bool parse(struct buffer *list, const char *bytes, size_t length, size_t step, bool skips)
{
	struct sse sse = {.retry_ms = 0};
	bool complete = true;
	sse_begin(&sse, EVENT_LIMIT, skips);
	for (size_t at = 0; complete && at < length;) {
		size_t taken = 0, size = length - at < step ? length - at : step;
		enum sse_result result = sse_feed(&sse, bytes + at, size, &taken);
		assert(taken <= size);
		assert(result != SSE_MORE || taken == size);
		if (result == SSE_EVENT)
			take(list, &sse);
		complete = result == SSE_MORE || result == SSE_EVENT;
		at += taken;
	}
	if (complete && sse_finish(&sse) == SSE_EVENT)
		take(list, &sse);
	sse_free(&sse);
	return complete;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
	if (length == 0)
		return 0;
	struct buffer whole = {.limit = SIZE_MAX / 2}, cut = {.limit = SIZE_MAX / 2};
	const char *bytes = (const char *)input + 1;
	bool skips = input[0] >= 128;
	bool first = parse(&whole, bytes, length - 1, length, skips);
	bool second = parse(&cut, bytes, length - 1, (size_t)(input[0] % 7) + 1, skips);
	assert(first == second && (first || !skips));
	assert(whole.length == cut.length);
	assert(whole.length == 0 || memcmp(whole.data, cut.data, whole.length) == 0);
	buffer_free(&whole);
	buffer_free(&cut);
	return 0;
}
