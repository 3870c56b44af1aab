#include "http/transfer.h"

#include "base/clock.h"
#include "http/config.h"
#include "http/url.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* How many unread bytes of an event stream are kept before libcurl is told to wait. */
#define STREAM_HIGH_WATER ((size_t)256 * 1024)
#define NEEDED_DESCRIPTORS 3 /* the connection's, and what finds out the address */
#define BODY_FIRST_RESERVE ((size_t)16 * 1024 * 1024)
#define CODE_TOO_LARGE ((CURLcode)100) /* CURLE_TOO_LARGE, whose name older headers lack */

bool transfer_is_stream(const struct transfer *transfer)
{
	return transfer->endpoint->response == RESPONSE_EVENTS;
}

bool transfer_is_queued(const struct transfer *transfer)
{
	curl_off_t ready = 0;
	if (transfer->queued)
		return true;
	if (transfer->easy == NULL || transfer->left_queue || transfer->head.bytes > 0)
		return false;
	return curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME_T, &ready) == CURLE_OK && ready == 0;
}

static bool is_success(int status)
{
	return status >= 200 && status < 300;
}

bool transfer_succeeded(const struct transfer *transfer)
{
	return transfer->state == TRANSFER_DONE && transfer->end == TRANSFER_AS_CURL_SAYS &&
	       transfer->code == CURLE_OK && is_success(transfer->head.status);
}

/* Reserves the whole body at once when the server says how long it is (https://curl.se CONTENT_LENGTH_DOWNLOAD_T). */
static enum buffer_status reserve_body(struct transfer *transfer)
{
	curl_off_t announced = -1;
	if (transfer->easy != NULL)
		curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
	if (announced <= 0 || (curl_off_t)BODY_FIRST_RESERVE < announced)
		return BUFFER_OK;
	enum buffer_status status = buffer_reserve(&transfer->body, (size_t)announced);
	return status == BUFFER_FULL ? BUFFER_OK : status;
}

size_t transfer_add_body(struct transfer *transfer, const char *bytes, size_t length)
{
	bool success = is_success(transfer->head.status);
	if (transfer->has_events) {
		if (transfer->body.length > STREAM_HIGH_WATER) {
			transfer->paused = true;
			return CURL_WRITEFUNC_PAUSE;
		}
		transfer->last_byte = clock_now();
		transfer->on_news(transfer);
	} else if (success && transfer_is_stream(transfer)) {
		buffer_append(&transfer->body, bytes, length); /* enough to show what it is */
		transfer->end = TRANSFER_NOT_EVENTS;
		return 0;
	} else if (transfer->body.length == 0) {
		transfer->body.limit = success ? transfer->body_limit : TRANSFER_ERROR_BODY;
		if (reserve_body(transfer) != BUFFER_OK)
			goto no_memory;
	}
	enum buffer_status status = buffer_append(&transfer->body, bytes, length);
	if (status == BUFFER_OK)
		return length;
	if (status == BUFFER_FULL) {
		if (!success)
			buffer_append(&transfer->body, bytes, transfer->body.limit - transfer->body.length);
		transfer->end = success ? TRANSFER_BODY_TOO_LARGE : TRANSFER_ERROR_BODY_CUT;
		return 0;
	}
no_memory:
	transfer->end = TRANSFER_OUT_OF_MEMORY;
	return 0;
}

static bool promises_events(const struct transfer *transfer)
{
	const struct head *head = &transfer->head;
	return transfer_is_stream(transfer) && is_success(head->status) && head->status != 204 &&
	       head_has_type(head, "text/event-stream") && !head_is_packed(head);
}

size_t transfer_add_line(struct transfer *transfer, const char *line, size_t length)
{
	if (transfer_is_stream(transfer))
		transfer->last_byte = clock_now();
	if (head_line(&transfer->head, line, length)) {
		if (transfer->head.ended)
			transfer->has_events = promises_events(transfer);
		if (transfer->has_events)
			transfer->on_news(transfer); /* that it is live */
		return length;
	}
	transfer->end = TRANSFER_HEADER_TOO_LARGE;
	return 0;
}

/* The line, unless the caller has one of this name. */
static void add_line(struct transfer *transfer, size_t *count, char *line)
{
	size_t name = strcspn(line, ":");
	for (const struct curl_slist *given = transfer->header_lines; given != NULL; given = given->next)
		if (strncasecmp(given->data, line, name) == 0 && strchr(":;", given->data[name]) != NULL)
			return;
	transfer->fixed_lines[*count] = (struct curl_slist){line, NULL};
	if (*count > 0)
		transfer->fixed_lines[*count - 1].next = &transfer->fixed_lines[*count];
	++*count;
}

struct curl_slist *transfer_header(struct transfer *transfer, const struct engine_config *config)
{
	static char accept_json[] = "Accept: application/json";
	static char accept_events[] = "Accept: text/event-stream";
	static char accept_gzip[] = "Accept-Encoding: gzip";
	static char json_body[] = "Content-Type: application/json";
	static char no_body[] = "Content-Type:"; /* libcurl's own for POST is left out */
	static char no_expect[] = "Expect:";     /* a body is sent without waiting for 100 Continue */
	size_t count = 0;
	bool stream = transfer_is_stream(transfer);
	add_line(transfer, &count, stream ? accept_events : accept_json);
	add_line(transfer, &count, config->user_agent);
	if (!stream && config->gzip && !transfer->fed)
		add_line(transfer, &count, accept_gzip);
	if (strcmp(transfer->endpoint->method, "GET") != 0) {
		add_line(transfer, &count, transfer->request_body.length > 0 ? json_body : no_body);
		add_line(transfer, &count, no_expect);
	}
	transfer->fixed_lines[count - 1].next = transfer->header_lines;
	return transfer->fixed_lines;
}

void transfer_reset(struct transfer *transfer, const struct engine_config *config)
{
	transfer->body_limit = config->max_response_bytes;
	transfer->head = (struct head){0};
	buffer_reset(&transfer->body, (size_t)-1);
	/* Lines of a stream pass through the buffer; what one event may hold is checked by the parser. */
	transfer->body.limit = (size_t)-2;
	bool skips = transfer->event_cap > 0;
	sse_begin(&transfer->sse, skips ? transfer->event_cap : transfer->body_limit, skips);
	transfer->body_sent = transfer->body_read = 0;
	transfer->paused = transfer->has_event = transfer->has_events = transfer->body_taken = false;
	transfer->event_number++;
	transfer->started = transfer->last_byte = clock_now();
	transfer->waited = 0;
	transfer->fed = transfer->left_queue = transfer->no_descriptors = false;
	transfer->end = TRANSFER_AS_CURL_SAYS;
	transfer->code = CURLE_OK;
	transfer->verify_result = transfer->proxy_verify_result = transfer->proxy_status = 0;
	transfer->timings = (struct transfer_timings){0};
	transfer->error_text[0] = '\0';
}

void transfer_prepare_fed(struct transfer *transfer)
{
	transfer->fed = true;
	transfer->timings.bytes_out = (curl_off_t)transfer->request_body.length;
}

static enum feed_result fed(struct transfer *transfer, size_t length, size_t taken)
{
	if (taken == CURL_WRITEFUNC_PAUSE)
		return FEED_FULL;
	transfer->timings.bytes_in += (curl_off_t)taken;
	return taken == length ? FEED_MORE : FEED_OVER;
}

enum feed_result transfer_feed_line(struct transfer *transfer, const char *line, size_t length)
{
	if (transfer->head.bytes == 0)
		transfer->timings.first_byte = clock_now() - transfer->started;
	return fed(transfer, length, transfer_add_line(transfer, line, length));
}

enum feed_result transfer_feed_body(struct transfer *transfer, const char *bytes, size_t length)
{
	return fed(transfer, length, transfer_add_body(transfer, bytes, length));
}

/* By libcurl's rules: "Name:" takes a line of its own away, "Name;" is a line without a value. */
enum buffer_status transfer_append_header(
	struct transfer *transfer, const struct engine_config *config, struct buffer *out)
{
	enum buffer_status status = BUFFER_OK;
	for (const struct curl_slist *line = transfer_header(transfer, config); line != NULL; line = line->next) {
		const char *value = line->data + strcspn(line->data, ":;");
		if (status != BUFFER_OK || *value == '\0' || strcmp(value, ":") == 0)
			continue;
		status = buffer_append(out, line->data, (size_t)(value - line->data));
		if (status == BUFFER_OK)
			status = buffer_append(out, ":", 1);
		if (status == BUFFER_OK)
			status = buffer_append(out, value + 1, strlen(value + 1) + 1);
	}
	return status;
}

/* Has the process too many files open to make a connection? libcurl does not say so. */
static bool descriptors_ran_out(void)
{
	int files[NEEDED_DESCRIPTORS];
	size_t count = 0;
	while (count < NEEDED_DESCRIPTORS && (files[count] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
		count++;
	bool none = count < NEEDED_DESCRIPTORS && (errno == EMFILE || errno == ENFILE);
	while (count > 0)
		close(files[--count]);
	return none;
}

/*
** What libcurl lets pass, or calls by another name: it takes the end of the
** connection for the end of the header, knows of no promise, and says "out of
** memory" (since 8.6 "too large") of a single line that passes its own limit.
*/
static CURLcode check_head(struct transfer *transfer, CURLcode code)
{
	const struct head *head = &transfer->head;
	if (code == CURLE_OK && head->ended && head->status == 0) {
		snprintf(transfer->error_text, sizeof transfer->error_text, "the status line is malformed");
		return CURLE_WEIRD_SERVER_REPLY;
	}
	if (code == CURLE_OK && (!head->ended || head->status < 200)) {
		snprintf(transfer->error_text, sizeof transfer->error_text,
			"the connection closed before the header was complete");
		return CURLE_PARTIAL_FILE;
	}
	if (code == CURLE_OK && is_success(head->status) && transfer_is_stream(transfer) && !transfer->has_events)
		transfer->end = TRANSFER_NOT_EVENTS;
	if (head->status > 0 && !head->ended && (code == CURLE_OUT_OF_MEMORY || code == CODE_TOO_LARGE))
		transfer->end = TRANSFER_HEADER_TOO_LARGE;
	return code;
}

bool transfer_was_sent(const struct transfer *transfer)
{
	return transfer->head.bytes > 0 || (transfer->timings.pretransfer > 0 && transfer->timings.bytes_out > 0);
}

void transfer_leave_queue(struct transfer *transfer)
{
	transfer->queued = false;
	transfer->waited = clock_now() - transfer->started;
}

void transfer_finish(struct transfer *transfer, CURLcode code, enum transfer_end end)
{
	if (transfer->fed || transfer->queued)
		transfer->timings.total = clock_now() - transfer->started;
	transfer->queued = false;
	if (end != TRANSFER_AS_CURL_SAYS)
		transfer->end = end;
	else if (transfer->end == TRANSFER_AS_CURL_SAYS)
		code = check_head(transfer, code);
	transfer->code = code;
	transfer->state = TRANSFER_DONE;
	if (code != CURLE_OK && transfer->end == TRANSFER_AS_CURL_SAYS && !transfer_was_sent(transfer))
		transfer->no_descriptors = descriptors_ran_out();
	transfer->was_lost = code != CURLE_OK && transfer->head.bytes == 0;
	curl_slist_free_all(transfer->header_lines);
	transfer->header_lines = NULL;
}

/* Tells libcurl to go on once there is room. May run on_body. */
static void resume(struct transfer *transfer)
{
	if (!transfer->paused)
		return;
	transfer->paused = false;
	if (transfer->easy != NULL)
		curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
}

static enum sse_result parse_event(struct transfer *transfer)
{
	do {
		size_t taken = 0;
		enum sse_result result = sse_feed(&transfer->sse, transfer->body.data + transfer->body_read,
			transfer->body.length - transfer->body_read, &taken);
		transfer->body_read += taken;
		if (result != SSE_MORE)
			return result;
		buffer_reset(&transfer->body, 2 * STREAM_HIGH_WATER);
		transfer->body_read = 0;
		resume(transfer);
	} while (transfer->body.length > 0);
	return transfer->state == TRANSFER_DONE && transfer->code == CURLE_OK ? sse_finish(&transfer->sse) : SSE_MORE;
}

enum sse_result transfer_find_event(struct transfer *transfer)
{
	if (transfer->has_event)
		return SSE_EVENT;
	if (!transfer->has_events || transfer->end == TRANSFER_EVENT_TOO_LARGE ||
		transfer->end == TRANSFER_OUT_OF_MEMORY)
		return SSE_MORE;
	enum sse_result result = parse_event(transfer);
	if (result == SSE_EVENT) {
		transfer->has_event = true;
		transfer->event_number++;
	}
	return result;
}

bool transfer_take_event(struct transfer *transfer, unsigned number)
{
	bool found = transfer->has_event && transfer->event_number == number;
	if (found)
		transfer->has_event = false;
	return found;
}

bool transfer_take_body(struct transfer *transfer, struct buffer *target)
{
	if (transfer->body_taken || !transfer_succeeded(transfer))
		return false;
	*target = transfer->body;
	transfer->body = (struct buffer){0};
	transfer->body_taken = true;
	return true;
}

void transfer_refuse_body(struct transfer *transfer, enum transfer_end end)
{
	transfer->end = end == TRANSFER_BODY_CUT && transfer->head.framed ? TRANSFER_NOT_JSON : end;
}

void transfer_free(struct transfer *transfer)
{
	curl_slist_free_all(transfer->header_lines);
	transfer->header_lines = NULL;
	buffer_free(&transfer->url);
	buffer_free(&transfer->request_body);
	buffer_free(&transfer->body);
	sse_free(&transfer->sse);
	transfer->head = (struct head){0};
	transfer->has_event = transfer->has_events = transfer->body_taken = false;
	transfer->event_number++;
	transfer->end = TRANSFER_CANCELLED;
	transfer->state = TRANSFER_FREED;
}
