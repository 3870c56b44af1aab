/*
** Header lines: each line of the input is a header line. What is kept is a
** bounded text without control characters.
*/
#include "http/head.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length);

static void check_value(const char *value, size_t size)
{
	size_t length = strnlen(value, size);
	assert(length < size);
	for (size_t i = 0; i < length; i++)
		assert((unsigned char)value[i] >= ' ' && value[i] != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
	struct head head = {0};
	const char *at = (const char *)input, *end = at + length;
	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t size = stop == NULL ? (size_t)(end - at) : (size_t)(stop - at) + 1;
		if (!head_line(&head, at, size))
			break;
		at += size;
	}
	assert(head.status >= 0 && head.status <= 999);
#define CHECK(member) check_value(head.member, sizeof head.member)
	CHECK(content_type);
	CHECK(content_encoding);
	CHECK(request_id);
	CHECK(retry_after);
	CHECK(date);
	CHECK(location);
	head_has_type(&head, "text/event-stream");
	double seconds = head_retry_after(&head, 1700000000);
	assert(seconds >= -1);
	return 0;
}
