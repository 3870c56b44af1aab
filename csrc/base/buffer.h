/*
** A growable byte buffer with a hard cap. Zeroed memory is a valid empty
** buffer whose cap is 0: set `limit` before the first append.
** Owns `data` until buffer_free; includes no Lua.
*/
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

enum buffer_status {
	BUFFER_OK,
	BUFFER_FULL,     /* the append would pass `limit`; nothing was added */
	BUFFER_NO_MEMORY /* nothing was added */
};

struct buffer {
	char *data;
	size_t length;
	size_t capacity;
	size_t limit;
};

/* Makes room for `extra` more bytes without changing the content. */
enum buffer_status buffer_reserve(struct buffer *buffer, size_t extra);
enum buffer_status buffer_append(struct buffer *buffer, const void *bytes, size_t length);
enum buffer_status buffer_append_text(struct buffer *buffer, const char *text);
/* Ends the content with a NUL that is not counted in `length`. */
enum buffer_status buffer_terminate(struct buffer *buffer);
/* Drops the first `length` bytes. */
void buffer_consume(struct buffer *buffer, size_t length);
/* Empties the buffer and keeps its memory, but not more than `keep` bytes of it. */
void buffer_reset(struct buffer *buffer, size_t keep);
void buffer_free(struct buffer *buffer);

#endif
