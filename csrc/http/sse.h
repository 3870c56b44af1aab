/*
** Parser of event streams, by the rules of the WHATWG HTML standard (section
** "Server-sent events"): any mix of LF, CR and CRLF, a leading BOM, comments,
** data over several lines, an id that stays until it is changed.
** Fed with bytes in pieces of any size, each of which is looked at a bounded
** number of times. Owns its buffers.
*/
#ifndef HTTP_SSE_H
#define HTTP_SSE_H

#include "base/buffer.h"

enum sse_result {
	SSE_MORE,      /* all bytes were taken, no event is complete */
	SSE_EVENT,     /* the fields hold one event; they change with the next call */
	SSE_TOO_LARGE, /* one event passed the limit, and such events are not skipped */
	SSE_NO_MEMORY
};

struct sse {
	struct buffer line; /* the unfinished line */
	struct buffer data; /* of the event so far, each line followed by LF */
	struct buffer event;
	struct buffer id;
	long retry_ms; /* the last `retry` field, -1 until one came */
	bool started;  /* a BOM can no longer follow */
	bool after_cr; /* an LF now belongs to the line end that was seen */
	bool skips;    /* events that pass the limit are passed over */
	bool skipped;  /* this event was: it has an id, but no data */
	bool has_data;
	bool unfinished; /* the event was not closed by a blank line: it may have been cut off */
	bool delivered;  /* the fields of the last event are still to be cleared */
};

/* Prepares zeroed memory, or memory used before, for a new stream whose events may hold `limit` bytes each. Larger ones
   are reported as `skipped`, in memory that stays bounded, or are the end of the stream. */
void sse_begin(struct sse *sse, size_t limit, bool skips);
/* Takes bytes up to the end of the next event; `*taken` says how many. Events without data are not reported. */
enum sse_result sse_feed(struct sse *sse, const char *bytes, size_t length, size_t *taken);
/* The stream ended: reports a last event that no blank line closed. */
enum sse_result sse_finish(struct sse *sse);
void sse_free(struct sse *sse);

#endif
