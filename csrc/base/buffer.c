#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

#define BUFFER_FIRST_CAPACITY 256

enum buffer_status buffer_reserve(struct buffer *buffer, size_t extra)
{
	/* One byte above `limit` is allowed for buffer_terminate. */
	if (buffer->length > buffer->limit || extra > buffer->limit - buffer->length)
		return BUFFER_FULL;
	size_t needed = buffer->length + extra + 1;
	if (needed <= buffer->capacity)
		return BUFFER_OK;
	size_t capacity = buffer->capacity < BUFFER_FIRST_CAPACITY ? BUFFER_FIRST_CAPACITY : buffer->capacity;
	while (capacity < needed)
		capacity = capacity > (size_t)-1 / 2 ? needed : capacity * 2;
	char *data = realloc(buffer->data, capacity);
	if (data == NULL)
		return BUFFER_NO_MEMORY;
	buffer->data = data;
	buffer->capacity = capacity;
	return BUFFER_OK;
}

enum buffer_status buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
	enum buffer_status status = buffer_reserve(buffer, length);
	if (status == BUFFER_OK && length > 0) {
		memcpy(buffer->data + buffer->length, bytes, length);
		buffer->length += length;
	}
	return status;
}

enum buffer_status buffer_append_text(struct buffer *buffer, const char *text)
{
	return buffer_append(buffer, text, strlen(text));
}

enum buffer_status buffer_terminate(struct buffer *buffer)
{
	enum buffer_status status = buffer_reserve(buffer, 0);
	if (status == BUFFER_OK)
		buffer->data[buffer->length] = '\0';
	return status;
}

void buffer_consume(struct buffer *buffer, size_t length)
{
	buffer->length -= length;
	memmove(buffer->data, buffer->data + length, buffer->length);
}

void buffer_reset(struct buffer *buffer, size_t keep)
{
	buffer->length = 0;
	if (buffer->capacity > keep) {
		free(buffer->data);
		buffer->data = NULL;
		buffer->capacity = 0;
	}
}

void buffer_free(struct buffer *buffer)
{
	free(buffer->data);
	buffer->data = NULL;
	buffer->length = buffer->capacity = 0;
}
