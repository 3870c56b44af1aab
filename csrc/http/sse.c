#include "http/sse.h"

#include <string.h>

#define LONGEST_RETRY 9 /* digits: enough for eleven days in milliseconds */

/* What a line may hold besides a value that an event may. */
#define LONGEST_NAME (sizeof "event: ")
/* Line ends are looked for in pieces that grow from here, so that no byte is looked at more often than a few times. */
#define FIRST_PIECE 32

void sse_begin(struct sse *sse, size_t limit, bool skips)
{
	struct buffer *buffers[] = {&sse->line, &sse->data, &sse->event, &sse->id};
	for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) {
		buffer_reset(buffers[i], (size_t)-1);
		buffers[i]->limit = limit;
	}
	sse->line.limit += LONGEST_NAME;
	sse->retry_ms = -1;
	sse->started = sse->after_cr = sse->has_data = sse->unfinished = sse->delivered = false;
	sse->skips = skips;
	sse->skipped = false;
}

void sse_free(struct sse *sse)
{
	buffer_free(&sse->line);
	buffer_free(&sse->data);
	buffer_free(&sse->event);
	buffer_free(&sse->id);
}

static bool is_field(const char *name, const char *line, size_t length)
{
	return strlen(name) == length && memcmp(name, line, length) == 0;
}

static enum buffer_status assign(struct buffer *buffer, const char *bytes, size_t length)
{
	if (length > buffer->limit)
		return BUFFER_FULL; /* what it held stays */
	buffer->length = 0;
	return buffer_append(buffer, bytes, length);
}

static enum buffer_status add_data(struct sse *sse, const char *value, size_t length)
{
	sse->has_data = true;
	if (sse->skipped)
		return BUFFER_OK;
	enum buffer_status status = buffer_append(&sse->data, value, length);
	return status == BUFFER_OK ? buffer_append(&sse->data, "\n", 1) : status;
}

static void take_retry(struct sse *sse, const char *value, size_t length)
{
	long milliseconds = 0;
	if (length == 0 || length > LONGEST_RETRY)
		return;
	for (size_t i = 0; i < length; i++) {
		if (value[i] < '0' || value[i] > '9')
			return;
		milliseconds = milliseconds * 10 + (value[i] - '0');
	}
	sse->retry_ms = milliseconds;
}

static enum buffer_status take_field(struct sse *sse, const char *line, size_t length)
{
	const char *colon = memchr(line, ':', length);
	size_t name = colon == NULL ? length : (size_t)(colon - line);
	const char *value = line + length;
	size_t size = 0;
	if (colon != NULL) {
		value = colon + 1;
		size = length - name - 1;
		if (size > 0 && *value == ' ') {
			value++;
			size--;
		}
	}
	if (is_field("data", line, name))
		return add_data(sse, value, size);
	if (is_field("event", line, name))
		return assign(&sse->event, value, size);
	if (is_field("id", line, name) && memchr(value, '\0', size) == NULL)
		return assign(&sse->id, value, size);
	if (is_field("retry", line, name))
		take_retry(sse, value, size);
	return BUFFER_OK;
}

/* Makes the fields ready for the reader, or forgets an event that has no data. */
static bool dispatch(struct sse *sse)
{
	if (!sse->has_data) {
		sse->event.length = 0;
		sse->skipped = false;
		return false;
	}
	if (sse->skipped)
		sse->data.length = 0;
	else
		sse->data.length--; /* the last line's LF */
	sse->delivered = true;
	return true;
}

/* What becomes of a stream of which the buffers have taken something, or could not. */
static enum sse_result result_of(struct sse *sse, enum buffer_status status)
{
	if (status == BUFFER_OK)
		return SSE_MORE;
	if (status == BUFFER_NO_MEMORY)
		return SSE_NO_MEMORY;
	sse->skipped = sse->skips;
	return sse->skips ? SSE_MORE : SSE_TOO_LARGE;
}

static bool begins(const char *line, size_t length, const char *text)
{
	size_t size = strlen(text);
	return length >= size && memcmp(line, text, size) == 0;
}

/* A line that is larger than an event may be, or as much of it as was kept. A comment is no part of an event. */
static enum sse_result take_large_line(struct sse *sse, const char *line, size_t length)
{
	bool is_data = begins(line, length, "data:");
	if (sse->skips && !is_data && !begins(line, length, "event:") && !begins(line, length, "id:"))
		return SSE_MORE;
	sse->has_data |= is_data;
	return result_of(sse, BUFFER_FULL);
}

static enum sse_result take_line(struct sse *sse, const char *line, size_t length)
{
	bool large = length >= sse->line.limit;
	if (!sse->started) {
		sse->started = true;
		if (begins(line, length, "\xEF\xBB\xBF")) {
			line += 3;
			length -= 3;
		}
	}
	if (length == 0)
		return dispatch(sse) ? SSE_EVENT : SSE_MORE;
	if (large)
		return take_large_line(sse, line, length);
	if (*line == ':')
		return SSE_MORE;
	return result_of(sse, take_field(sse, line, length));
}

/* Keeps a piece of a line that is not complete, as far as there is room. */
static enum sse_result keep(struct sse *sse, const char *bytes, size_t length)
{
	struct buffer *line = &sse->line;
	size_t room = line->limit - line->length;
	if (length >= room && !sse->skips)
		return SSE_TOO_LARGE;
	return result_of(sse, buffer_append(line, bytes, length < room ? length : room));
}

/* The next CR or LF in `bytes`, or NULL. */
static const char *find_line_end(const char *bytes, size_t length)
{
	for (size_t piece = FIRST_PIECE; length > 0; piece *= 2) {
		size_t size = piece < length ? piece : length;
		const char *lf = memchr(bytes, '\n', size);
		const char *cr = memchr(bytes, '\r', lf == NULL ? size : (size_t)(lf - bytes));
		if (cr != NULL || lf != NULL)
			return cr != NULL ? cr : lf;
		bytes += size;
		length -= size;
	}
	return NULL;
}

static void clear_delivered(struct sse *sse)
{
	if (!sse->delivered)
		return;
	sse->delivered = sse->has_data = sse->skipped = false;
	sse->data.length = sse->event.length = 0;
}

enum sse_result sse_feed(struct sse *sse, const char *bytes, size_t length, size_t *taken)
{
	const char *at = bytes;
	const char *end = bytes + length;
	clear_delivered(sse);
	while (at < end) {
		if (sse->after_cr) {
			sse->after_cr = false;
			if (*at == '\n') {
				at++;
				continue;
			}
		}
		const char *stop = find_line_end(at, (size_t)(end - at));
		if (stop == NULL) {
			*taken = length;
			return keep(sse, at, (size_t)(end - at));
		}
		sse->after_cr = *stop == '\r';
		enum sse_result result;
		if (sse->line.length == 0) {
			result = take_line(sse, at, (size_t)(stop - at));
		} else {
			result = keep(sse, at, (size_t)(stop - at));
			if (result == SSE_MORE)
				result = take_line(sse, sse->line.data, sse->line.length);
			sse->line.length = 0;
		}
		at = stop + 1;
		if (result != SSE_MORE) {
			*taken = (size_t)(at - bytes);
			return result;
		}
	}
	*taken = length;
	return SSE_MORE;
}

enum sse_result sse_finish(struct sse *sse)
{
	clear_delivered(sse);
	if (sse->line.length > 0) {
		enum sse_result result = take_line(sse, sse->line.data, sse->line.length);
		sse->line.length = 0;
		if (result != SSE_MORE)
			return result;
	}
	sse->unfinished = true;
	return dispatch(sse) ? SSE_EVENT : SSE_MORE;
}
