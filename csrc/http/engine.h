/*
** One curl multi handle per client: connection pool, running transfers, and
** the two ways to wait for them.
**
** Counted by reference: the client holds one, each running transfer holds one,
** so that either may go first. Curl handles are made at the first transfer.
** After fork, the child finds another generation, leaves the parent's handles
** and connections as they are, and makes its own. Includes no Lua.
*/
#ifndef HTTP_ENGINE_H
#define HTTP_ENGINE_H

#include "http/config.h"
#include "http/handle.h"
#include "http/transfer.h"

#include <curl/curl.h>

/* Idle easy handles that are kept, of about 6 KB each: making one costs half as much as a request. */
#define ENGINE_SPARE_HANDLES 128
/* How many calls libcurl gets at a time where connections carry more than one; each takes up to 100 KB of it. Where
   they do not it is max_connections: more could not run. */
#define ENGINE_MULTIPLEXED_CALLS 256

struct engine;

/* How an engine waits. One of these per platform; engine_poll works wherever libcurl does. */
struct engine_backend {
	const char *name;
	/* Lets libcurl begin what was added, without looking at sockets. */
	void (*perform)(struct engine *engine);
	/* Waits up to `timeout_ms` (0: not at all) and lets libcurl do what is due. */
	void (*drive)(struct engine *engine, int timeout_ms);
	/* Milliseconds until driving has work even if no socket moves; -1: no such time. */
	long (*timeout)(struct engine *engine);

	/* What follows is NULL in a back end that has no descriptor. */

	/* Makes engine->waiting and gets ready for engine->multi; what was made is freed by `close`. */
	bool (*open)(struct engine *engine);
	/* Adds what a new easy handle needs. */
	CURLcode (*setup)(struct engine *engine, CURL *easy);
	/* A descriptor that is readable exactly when driving has work, or -1. */
	int (*descriptor)(struct engine *engine);
	/* Libcurl has worked: what it waits for may be another time. */
	void (*arm)(struct engine *engine);
	/* Makes the descriptor readable until the next drive. */
	void (*wake)(struct engine *engine);
	/* Frees engine->waiting. After fork it only closes copies of the parent's descriptors, which changes nothing
	 * there. */
	void (*close)(struct engine *engine);
};

extern const struct engine_backend engine_poll_backend;
#ifdef __linux__
extern const struct engine_backend engine_epoll_backend;
#endif

struct engine {
	struct engine_config config;
	unsigned references;
	unsigned generation; /* of the process that made the handles */
	bool closed;
	bool is_watched; /* somebody was given the descriptor */
	CURLM *multi;
	struct handle *spare[ENGINE_SPARE_HANDLES];
	size_t spare_count;
	QUEUE(transfer_list, transfer) running;
	struct transfer_list queued; /* calls that libcurl gets later; never event streams */
	struct transfer_list ready;  /* ended, or with new bytes of a stream, since they were last taken */
	size_t running_count;        /* the queued ones, too */
	size_t call_count;           /* of those that libcurl has, without event streams */
	size_t most_calls;
	long http_version; /* of the last answer, CURL_HTTP_VERSION_*; 0 before one came */
	const struct engine_backend *backend;
	void *waiting; /* the back end's own; NULL until it was opened */
};

/* Moves the strings of `config` into the engine and leaves it empty. NULL, with `config` as it was, when memory ends.
 */
struct engine *engine_new(struct engine_config *config);
void engine_free_config(struct engine_config *config);
void engine_retain(struct engine *engine);
void engine_release(struct engine *engine);
/* Ends every transfer as cancelled and closes all connections. A descriptor that somebody was given stays, and is
   readable, so that whoever waits on it sees that the engine is closed. May be called twice. */
void engine_close(struct engine *engine);
/* Nobody waits on the descriptor of the engine, which was closed, any more: it is closed too. */
void engine_give_back(struct engine *engine);

/* Makes the transfer, which does not run, one of this engine's. */
void engine_adopt(struct engine *engine, struct transfer *transfer);
/* Begins an attempt, and sends what can be sent at once. On failure the transfer is done with that code. False, and it
   was cancelled, where the engine is closed. */
bool engine_start(struct transfer *transfer);
/* The same for an attempt of which libcurl sees nothing: whatever comes back is fed. */
bool engine_start_fed(struct transfer *transfer);
/* Each gives a fed transfer that runs more of its answer; FEED_OVER where it has ended, before or by this. The answer
   ends well with CURLE_OK, else as it would with this code and text of libcurl. */
enum feed_result engine_feed_head(struct transfer *transfer, const char *line, size_t length);
enum feed_result engine_feed_body(struct transfer *transfer, const char *bytes, size_t length);
void engine_feed_end(struct transfer *transfer, CURLcode code, const char *message);
/* Both end an attempt that runs: it was not wanted any more, or its time was over. */
void engine_cancel(struct transfer *transfer);
void engine_expire(struct transfer *transfer);
/* True: the fields of the next event that has arrived are in transfer->sse, until it is taken. An event that is too
   large ends the attempt. */
bool engine_find_event(struct transfer *transfer);
/* Waits up to `timeout_ms` (0: not at all, -1: without limit) for something due, and does it. */
void engine_drive(struct engine *engine, int timeout_ms);
/* Are more transfers under way than there may be connections? Then libcurl may hold some back, and does not look at
   their time. */
bool engine_is_crowded(const struct engine *engine);
/* Takes the next transfer out of the ready list, or NULL. */
struct transfer *engine_next_ready(struct engine *engine);
/* Ends a transfer if it runs, and releases all that it holds, its reference to the engine too. */
void engine_free_transfer(struct transfer *transfer);
/* Makes the descriptor readable until the next drive, so that whoever waits on it looks again. */
void engine_nudge(struct engine *engine);
int engine_descriptor(struct engine *engine);
/* Milliseconds until engine_drive has work even if no socket moves; -1: no such time. */
long engine_timeout(struct engine *engine);

#endif
