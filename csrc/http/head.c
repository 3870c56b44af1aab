#include "http/head.h"

#include <curl/curl.h>

#include <math.h>
#include <string.h>
#include <strings.h>

#define STATUS_DIGITS 3 /* no more and no less: RFC 9110 section 15 */

/* The fields that are kept. Of several that name the request, the first in this order counts. */
static const struct kept {
	const char *name;
	size_t length;
	size_t offset, size;
	int rank;
} kept[] = {
#define KEPT(name, member, rank)                                                                                       \
	{                                                                                                              \
		name, sizeof name - 1, offsetof(struct head, member), sizeof((struct head *)NULL)->member, rank        \
	}
	KEPT("content-type", content_type, 0),
	KEPT("content-encoding", content_encoding, 0),
	KEPT("date", date, 0),
	KEPT("location", location, 0),
	KEPT("retry-after", retry_after, 0),
	KEPT("x-request-id", request_id, 3),
	KEPT("mistral-correlation-id", request_id, 2),
	KEPT("x-kong-request-id", request_id, 1),
#undef KEPT
};

static void copy_value(char *target, size_t size, const char *value, size_t length)
{
	while (length > 0 && (*value == ' ' || *value == '\t')) {
		value++;
		length--;
	}
	while (length > 0 && strchr(" \t\r\n", value[length - 1]) != NULL)
		length--;
	if (length >= size)
		length = size - 1;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)value[i];
		target[i] = c < ' ' || c == 0x7f ? '?' : value[i];
	}
	target[length] = '\0';
}

static bool is_named(const char *name, size_t size, const char *line, size_t length)
{
	return length > size && line[size] == ':' && strncasecmp(line, name, size) == 0;
}

#define IS_NAMED(name, line, length) is_named(name, sizeof name - 1, line, length)

static void keep_field(struct head *head, const char *line, size_t length)
{
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
		const struct kept *field = &kept[i];
		if (!is_named(field->name, field->length, line, length))
			continue;
		if (field->rank > 0 && field->rank < head->request_id_rank)
			return;
		if (field->rank > 0)
			head->request_id_rank = field->rank;
		const char *value = line + field->length + 1;
		copy_value((char *)head + field->offset, field->size, value, length - field->length - 1);
		return;
	}
}

static void start_response(struct head *head, const char *line, size_t length)
{
	size_t bytes = head->bytes;
	*head = (struct head){.bytes = bytes};
	head->framed = strncasecmp(line, "HTTP/1", 6) != 0;
	const char *end = line + length, *digit = memchr(line, ' ', length);
	int status = 0;
	if (digit == NULL)
		return;
	for (int i = 0; i < STATUS_DIGITS; i++) {
		if (++digit >= end || *digit < '0' || *digit > '9')
			return;
		status = status * 10 + (*digit - '0');
	}
	if (++digit == end || *digit == ' ' || *digit == '\r' || *digit == '\n')
		head->status = status;
}

bool head_line(struct head *head, const char *line, size_t length)
{
	if (length > HEAD_MAX_BYTES - head->bytes)
		return false;
	head->bytes += length;
	if (head->status < 200 && length >= 6 && strncasecmp(line, "HTTP/", 5) == 0)
		start_response(head, line, length);
	else if (*line == '\r' || *line == '\n')
		head->ended = true;
	else if (IS_NAMED("content-length", line, length) || IS_NAMED("transfer-encoding", line, length))
		head->framed = true;
	else if (!head->ended) /* what follows are trailers */
		keep_field(head, line, length);
	return true;
}

bool head_has_type(const struct head *head, const char *type)
{
	size_t length = strlen(type);
	if (strncasecmp(head->content_type, type, length) != 0)
		return false;
	const char *rest = head->content_type + length;
	rest += strspn(rest, " \t");
	return *rest == ';' || *rest == '\0';
}

bool head_is_packed(const struct head *head)
{
	return head->content_encoding[0] != '\0' && strcasecmp(head->content_encoding, "identity") != 0;
}

time_t head_date(const struct head *head)
{
	return curl_getdate(head->date, NULL);
}

double head_retry_after(const struct head *head, time_t now)
{
	const char *text = head->retry_after;
	if (*text == '\0')
		return -1;
	if (text[strspn(text, "0123456789")] == '\0') {
		double seconds = 0;
		for (; *text != '\0'; text++)
			seconds = seconds * 10 + (*text - '0');
		return seconds;
	}
	time_t then = curl_getdate(text, NULL);
	if (then == -1)
		return -1;
	time_t sent = head_date(head);
	return fmax(difftime(then, sent != -1 ? sent : now), 0);
}
