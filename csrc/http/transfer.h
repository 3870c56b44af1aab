/*
** One HTTP exchange. The request (URL, body) is made once and kept, so that it
** can be started again; what comes back goes into capped buffers.
** Zeroed memory is a valid idle transfer. The memory itself belongs to the
** caller and must not move while the transfer runs; engine_free_transfer
** releases what is inside.
*/
#ifndef HTTP_TRANSFER_H
#define HTTP_TRANSFER_H

#include "api/endpoint.h"
#include "base/buffer.h"
#include "base/queue.h"
#include "http/head.h"
#include "http/sse.h"

#include <curl/curl.h>

#define TRANSFER_ERROR_BODY ((size_t)64 * 1024)

struct engine;
struct engine_config;

enum transfer_state {
	TRANSFER_IDLE,
	TRANSFER_RUNNING,
	TRANSFER_DONE,
	TRANSFER_FREED /* all that it held was given back; it cannot start again */
};

/* Why a transfer ended, where libcurl's own code does not say it. */
enum transfer_end {
	TRANSFER_AS_CURL_SAYS,
	TRANSFER_BODY_TOO_LARGE,
	TRANSFER_EVENT_TOO_LARGE,
	TRANSFER_HEADER_TOO_LARGE,
	TRANSFER_OUT_OF_MEMORY,
	TRANSFER_ERROR_BODY_CUT, /* the body of an error answer passed TRANSFER_ERROR_BODY */
	TRANSFER_BODY_CUT,       /* it is the beginning of a JSON text, and its end was just that of the connection */
	TRANSFER_NOT_JSON,
	TRANSFER_NOT_EVENTS,      /* a success that promises no event stream */
	TRANSFER_VALUE_TOO_LARGE, /* what the body stands for is */
	TRANSFER_EXPIRED,         /* its time was over, the caller says */
	TRANSFER_CANCELLED,
	TRANSFER_FORKED
};

enum feed_result { FEED_MORE, FEED_FULL, FEED_OVER };

/* Seconds since the start of the attempt, as libcurl measured them. */
struct transfer_timings {
	double dns, connect, tls, pretransfer, first_byte, total;
	curl_off_t bytes_in, bytes_out;
	long new_connections;
	long http_version;
};

struct transfer {
	const struct endpoint *endpoint;
	enum repeat_rule repeat; /* the endpoint's, or stricter */
	struct buffer url;
	struct buffer request_body;
	struct curl_slist *header_lines;  /* the caller's, for the next attempt; owned */
	struct curl_slist fixed_lines[5]; /* in front of them; text is static or the config's */
	long timeout_ms;                  /* of one attempt; 0: none */
	bool was_lost;                    /* the attempt before ended without any answer */
	bool alone;                       /* this attempt has a connection of its own, which is new */

	enum transfer_state state;
	struct engine *engine; /* whose connections it uses; holds a reference */
	struct handle *handle; /* while running, unless it is fed; lent by the engine */
	CURL *easy;            /* the handle's */
	bool fed;              /* the caller gives what comes back, libcurl does not see the transfer */
	double started;        /* monotonic seconds */
	bool queued;           /* running, but not in libcurl's hands yet */
	double waited;         /* seconds until it was */
	QUEUE_LINK(transfer) running_link;
	QUEUE_LINK(transfer) ready_link;
	bool ready;                                 /* is in the engine's ready list */
	void (*on_news)(struct transfer *transfer); /* set by the engine: bytes of a stream arrived */
	size_t body_sent;
	size_t body_limit; /* for event streams: of one event */
	size_t event_cap;  /* of an event stream: larger events are passed over; 0: they end the attempt */

	struct head head;
	struct buffer body;
	bool body_taken;
	bool has_events; /* the head, which has ended, promises an event stream */
	struct sse sse;
	size_t body_read;      /* of a stream: bytes of `body` that the parser has taken */
	bool has_event;        /* the fields in `sse` wait to be taken */
	unsigned event_number; /* of that event */
	bool paused;
	bool left_queue;     /* libcurl has looked for a host: it did not wait for a free connection any more */
	bool no_descriptors; /* the process had none left */
	double last_byte;    /* monotonic seconds; of the start until a byte came */

	enum transfer_end end;
	CURLcode code;
	long verify_result;       /* of the server's certificate: an X509_V_ERR_ number */
	long proxy_verify_result; /* of the certificate of a proxy, where that is reached over TLS */
	long proxy_status;        /* of the answer to CONNECT, or 0 */
	struct transfer_timings timings;
	char error_text[CURL_ERROR_SIZE];
};

/* Forgets what came of the last attempt. */
void transfer_reset(struct transfer *transfer, const struct engine_config *config);
/* The lines of the request, ours and the caller's. Lines instead of CURLOPT_USERAGENT and CURLOPT_ACCEPT_ENCODING, of
   which libcurl formats the text twice a request. */
struct curl_slist *transfer_header(struct transfer *transfer, const struct engine_config *config);
/* Takes a line of the header, or, returning less, ends the attempt. */
size_t transfer_add_line(struct transfer *transfer, const char *line, size_t length);
/* Takes a piece of the body: all of it; or ends the attempt; or has it come again later (CURL_WRITEFUNC_PAUSE). */
size_t transfer_add_body(struct transfer *transfer, const char *bytes, size_t length);
/* Makes it an attempt whose answer the caller feeds. */
void transfer_prepare_fed(struct transfer *transfer);
/* What libcurl does with a line of the header or a piece of the body, for a fed transfer. FEED_OVER: a limit was
   passed, the attempt has to end. FEED_FULL: nothing was taken, there are events to take first. */
enum feed_result transfer_feed_line(struct transfer *transfer, const char *line, size_t length);
enum feed_result transfer_feed_body(struct transfer *transfer, const char *bytes, size_t length);
/* Appends the header lines that a request would have besides those of HTTP itself, each "Name: value" and a NUL. */
enum buffer_status transfer_append_header(
	struct transfer *transfer, const struct engine_config *config, struct buffer *out);
/* For the engine: the time of the attempt, as libcurl counts it, begins. */
void transfer_leave_queue(struct transfer *transfer);
/* Notes the outcome. */
void transfer_finish(struct transfer *transfer, CURLcode code, enum transfer_end end);
bool transfer_is_stream(const struct transfer *transfer);
/* Something of the request went out, as far as libcurl knows: newer ones set the time before it of any that failed. */
bool transfer_was_sent(const struct transfer *transfer);
/* It runs, but waits for a connection. */
bool transfer_is_queued(const struct transfer *transfer);
/* The answer is 2xx and arrived whole. */
bool transfer_succeeded(const struct transfer *transfer);
/* Moves the body of a success to `target`, which is empty; false where it was taken before. */
bool transfer_take_body(struct transfer *transfer, struct buffer *target);
/* The body of a success could not be decoded: the transfer failed. A body whose end was marked was not cut. */
void transfer_refuse_body(struct transfer *transfer, enum transfer_end end);
/* For the engine: looks for an event of a stream that has arrived and was not taken; SSE_MORE when there is none yet.
 */
enum sse_result transfer_find_event(struct transfer *transfer);
/* Takes the event that was found under this `event_number`; false where somebody else has taken it since. */
bool transfer_take_event(struct transfer *transfer, unsigned number);
/* For the engine, when the transfer neither runs nor waits in a list. */
void transfer_free(struct transfer *transfer);

#endif
