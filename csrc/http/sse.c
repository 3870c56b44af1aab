#include "http/sse.h"

#include <string.h>

#define LONGEST_RETRY 9 /* digits: enough for eleven days in milliseconds */

void sse_begin(struct sse *sse, size_t limit)
{
	struct buffer *buffers[] = {&sse->line, &sse->data, &sse->event, &sse->id};
	for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) {
		buffer_reset(buffers[i], (size_t)-1);
		buffers[i]->limit = limit;
	}
	sse->retry_ms = -1;
	sse->started = sse->after_cr = sse->has_data = sse->unfinished = sse->delivered = false;
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
	buffer->length = 0;
	return buffer_append(buffer, bytes, length);
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
	if (is_field("data", line, name)) {
		sse->has_data = true;
		enum buffer_status status = buffer_append(&sse->data, value, size);
		return status == BUFFER_OK ? buffer_append(&sse->data, "\n", 1) : status;
	}
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
		return false;
	}
	sse->data.length--; /* the last line's LF */
	sse->delivered = true;
	return true;
}

static enum sse_result result_of(enum buffer_status status)
{
	if (status == BUFFER_OK)
		return SSE_MORE;
	return status == BUFFER_FULL ? SSE_TOO_LARGE : SSE_NO_MEMORY;
}

static enum sse_result take_line(struct sse *sse, const char *line, size_t length)
{
	if (!sse->started) {
		sse->started = true;
		if (length >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0) {
			line += 3;
			length -= 3;
		}
	}
	if (length == 0)
		return dispatch(sse) ? SSE_EVENT : SSE_MORE;
	if (*line == ':')
		return SSE_MORE;
	return result_of(take_field(sse, line, length));
}

/* The next CR or LF in `bytes`, or NULL. */
static const char *find_line_end(const char *bytes, size_t length)
{
	const char *lf = memchr(bytes, '\n', length);
	const char *cr = memchr(bytes, '\r', lf == NULL ? length : (size_t)(lf - bytes));
	return cr != NULL ? cr : lf;
}

static void clear_delivered(struct sse *sse)
{
	if (!sse->delivered)
		return;
	sse->delivered = sse->has_data = false;
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
			return result_of(buffer_append(&sse->line, at, (size_t)(end - at)));
		}
		sse->after_cr = *stop == '\r';
		enum sse_result result;
		if (sse->line.length == 0) {
			result = take_line(sse, at, (size_t)(stop - at));
		} else {
			result = result_of(buffer_append(&sse->line, at, (size_t)(stop - at)));
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
