#include "http/head.h"

#include <curl/curl.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define STATUS_DIGITS 3 /* no more and no less: RFC 9110 section 15 */

static void copy_value(char *target, const char *value, size_t length)
{
	while (length > 0 && (*value == ' ' || *value == '\t')) {
		value++;
		length--;
	}
	while (length > 0 && strchr(" \t\r\n", value[length - 1]) != NULL)
		length--;
	if (length >= HEAD_VALUE_SIZE)
		length = HEAD_VALUE_SIZE - 1;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)value[i];
		target[i] = c < ' ' || c == 0x7f ? '?' : value[i];
	}
	target[length] = '\0';
}

static bool is_named(const char *name, const char *line, size_t length)
{
	size_t size = strlen(name);
	return length > size && line[size] == ':' && strncasecmp(line, name, size) == 0;
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
	else if (is_named("content-length", line, length) || is_named("transfer-encoding", line, length))
		head->framed = true;
	else if (is_named("content-type", line, length))
		copy_value(head->content_type, line + 13, length - 13);
	else if (is_named("x-request-id", line, length))
		copy_value(head->request_id, line + 13, length - 13);
	else if (is_named("retry-after", line, length))
		copy_value(head->retry_after, line + 12, length - 12);
	return true;
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
	time_t date = curl_getdate(text, NULL);
	if (date == -1)
		return -1;
	return date > now ? difftime(date, now) : 0;
}
