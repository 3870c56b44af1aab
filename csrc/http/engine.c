#include "http/engine.h"

#include "base/process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
** CURLMOPT_QUICK_EXIT of libcurl 8.21, without which the end waits there for a resolver that hangs. Older ones, for
** which CURLOPT_QUICK_EXIT is enough, answer that they know no such option.
*/
#define MULTI_QUICK_EXIT ((CURLMoption)(CURLOPTTYPE_LONG + 21))

static const struct engine_backend *choose_backend(void)
{
#ifdef __linux__
	const char *wanted = getenv("MISTRAL_WORKFLOWS_BACKEND");
	if (wanted == NULL || strcmp(wanted, engine_poll_backend.name) != 0)
		return &engine_epoll_backend;
#endif
	return &engine_poll_backend;
}

void engine_free_config(struct engine_config *config)
{
#define FREE(name) free(config->name);
	ENGINE_STRINGS(FREE)
#undef FREE
	*config = (struct engine_config){0};
}

struct engine *engine_new(struct engine_config *config)
{
	struct engine *engine = calloc(1, sizeof *engine);
	if (engine == NULL)
		return NULL;
	engine->config = *config;
	*config = (struct engine_config){0};
	engine->references = 1;
	engine->generation = process_generation();
	engine->backend = choose_backend();
	QUEUE_INIT(&engine->running);
	QUEUE_INIT(&engine->queued);
	QUEUE_INIT(&engine->ready);
	return engine;
}

void engine_retain(struct engine *engine)
{
	engine->references++;
}

/* What a transfer calls when it has news. */
static void mark_ready(struct transfer *transfer)
{
	if (transfer->ready)
		return;
	transfer->ready = true;
	QUEUE_APPEND(&transfer->engine->ready, transfer, ready_link);
}

/* After a failure libcurl may have left something in a handle: a body that it could not rewind fails the next transfer
   too (8.14). And what it sends again by itself, over a new connection, it counts over the life of a handle: the sixth
   time it gives up. */
static bool can_be_kept(const struct transfer *transfer, CURLcode code)
{
	return code == CURLE_OK && transfer->timings.new_connections == 0;
}

/* Takes the transfer out of its list. The easy handle is kept for the next one where it can be. After a fork it is left
   alone. */
static void end_transfer(struct transfer *transfer, CURLcode code, enum transfer_end end)
{
	struct engine *engine = transfer->engine;
	struct handle *handle = end == TRANSFER_FORKED ? NULL : transfer->handle;
	QUEUE_REMOVE(transfer->queued ? &engine->queued : &engine->running, transfer, running_link);
	engine->running_count--;
	if (transfer->handle != NULL && !transfer_is_stream(transfer))
		engine->call_count--;
	if (handle != NULL) {
		curl_multi_remove_handle(engine->multi, handle->easy);
		handle_finish(handle, code, engine->config.measures);
		if (transfer->timings.http_version != 0)
			engine->http_version = transfer->timings.http_version;
		if (can_be_kept(transfer, code) && engine->spare_count < ENGINE_SPARE_HANDLES)
			engine->spare[engine->spare_count++] = handle;
		else
			handle_free(handle);
	}
	transfer->handle = NULL;
	transfer->easy = NULL;
	transfer_finish(transfer, code, end);
	mark_ready(transfer);
}

static void end_all(struct engine *engine, CURLcode code, enum transfer_end end)
{
	struct transfer *transfer;
	while ((transfer = engine->queued.first) != NULL || (transfer = engine->running.first) != NULL)
		end_transfer(transfer, code, end);
}

/* Handles that a child got from its parent stay referred to: they are left alone, not lost. */
static void keep_inherited(const struct engine *engine)
{
	static struct inherited {
		struct inherited *next;
		CURLM *multi;
		struct handle *spare[ENGINE_SPARE_HANDLES];
	} * all;
	struct inherited *inherited = calloc(1, sizeof *inherited);
	if (inherited == NULL)
		return;
	inherited->next = all;
	inherited->multi = engine->multi;
	memcpy(inherited->spare, engine->spare, engine->spare_count * sizeof *engine->spare);
	all = inherited;
}

static void stop_watching(struct engine *engine)
{
	if (engine->backend->close != NULL)
		engine->backend->close(engine);
	engine->is_watched = false;
}

/* In a child process: forgets the parent's handles without touching them, so that its connections go on. */
static void abandon_after_fork(struct engine *engine)
{
	if (engine->generation == process_generation())
		return;
	engine->generation = process_generation();
	end_all(engine, CURLE_ABORTED_BY_CALLBACK, TRANSFER_FORKED);
	if (engine->multi != NULL)
		keep_inherited(engine);
	stop_watching(engine);
	engine->multi = NULL;
	engine->spare_count = 0;
}

static void close_handles(struct engine *engine)
{
	abandon_after_fork(engine);
	if (engine->multi == NULL)
		return;
	end_all(engine, CURLE_ABORTED_BY_CALLBACK, TRANSFER_CANCELLED);
	while (engine->spare_count > 0)
		handle_free(engine->spare[--engine->spare_count]);
	curl_multi_cleanup(engine->multi);
	engine->multi = NULL;
}

void engine_close(struct engine *engine)
{
	if (engine->closed)
		return;
	close_handles(engine);
	engine->closed = true;
	if (engine->is_watched)
		engine_nudge(engine);
	else
		stop_watching(engine);
}

void engine_give_back(struct engine *engine)
{
	if (engine->closed)
		stop_watching(engine);
}

void engine_release(struct engine *engine)
{
	if (--engine->references > 0)
		return;
	close_handles(engine);
	stop_watching(engine);
	engine_free_config(&engine->config);
	free(engine);
}

static bool open_handles(struct engine *engine)
{
	abandon_after_fork(engine);
	if (engine->multi != NULL)
		return true;
	engine->multi = curl_multi_init();
	if (engine->multi == NULL)
		return false;
	long connections = engine->config.max_connections;
	bool multiplexes = handle_may_multiplex(&engine->config) && connections < ENGINE_MULTIPLEXED_CALLS;
	engine->most_calls = (size_t)(multiplexes ? ENGINE_MULTIPLEXED_CALLS : connections);
	curl_multi_setopt(engine->multi, MULTI_QUICK_EXIT, 1L);
	if (curl_multi_setopt(engine->multi, CURLMOPT_MAX_HOST_CONNECTIONS, connections) == CURLM_OK &&
		curl_multi_setopt(engine->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections) == CURLM_OK &&
		curl_multi_setopt(engine->multi, CURLMOPT_MAXCONNECTS, connections) == CURLM_OK &&
		(engine->backend->open == NULL || engine->backend->open(engine)))
		return true;
	int error = errno; /* why: libcurl closes what it has not opened */
	curl_multi_cleanup(engine->multi);
	engine->multi = NULL;
	errno = error;
	return false;
}

static struct handle *borrow_handle(struct engine *engine)
{
	if (engine->spare_count > 0)
		return engine->spare[--engine->spare_count];
	struct handle *handle = handle_new(&engine->config);
	if (handle == NULL || engine->backend->setup == NULL ||
		engine->backend->setup(engine, handle->easy) == CURLE_OK)
		return handle;
	handle_free(handle);
	return NULL;
}

static void stop(struct transfer *transfer, enum transfer_end end)
{
	if (transfer->state != TRANSFER_RUNNING)
		return;
	abandon_after_fork(transfer->engine);
	if (transfer->state != TRANSFER_RUNNING)
		return;
	end_transfer(transfer, CURLE_ABORTED_BY_CALLBACK, end);
	engine_nudge(transfer->engine);
}

/* Libcurl's wishes for a timer are only noted while it works; the last one is then carried out. */
static void settle(struct engine *engine)
{
	if (engine->waiting != NULL)
		engine->backend->arm(engine);
}

void engine_cancel(struct transfer *transfer)
{
	stop(transfer, TRANSFER_CANCELLED);
}

void engine_expire(struct transfer *transfer)
{
	stop(transfer, TRANSFER_EXPIRED);
}

bool engine_find_event(struct transfer *transfer)
{
	enum sse_result result = transfer_find_event(transfer);
	if (transfer->easy != NULL)
		settle(transfer->engine); /* it may have been paused before */
	if (result == SSE_TOO_LARGE || result == SSE_NO_MEMORY) {
		enum transfer_end end = result == SSE_TOO_LARGE ? TRANSFER_EVENT_TOO_LARGE : TRANSFER_OUT_OF_MEMORY;
		stop(transfer, end);
		if (transfer->end == TRANSFER_AS_CURL_SAYS)
			transfer->end = end;
	}
	return result == SSE_EVENT;
}

/* Takes a transfer out of all lists and drops its reference to the engine. */
static void forget(struct transfer *transfer)
{
	struct engine *engine = transfer->engine;
	if (engine == NULL)
		return;
	engine_cancel(transfer);
	if (transfer->ready) {
		QUEUE_REMOVE(&engine->ready, transfer, ready_link);
		transfer->ready = false;
	}
	transfer->engine = NULL;
	engine_release(engine);
}

void engine_free_transfer(struct transfer *transfer)
{
	forget(transfer);
	transfer_free(transfer);
}

/*
** A server may refuse a request when it has had enough of an HTTP/2 connection
** (REFUSED_STREAM, GOAWAY): it has not acted upon it. libcurl does not tell that
** from a connection that died, after which a request may have been acted upon. So
** what may not be sent again gets a connection of its own, of which nobody has had
** anything yet; and so does whatever was lost, when it is sent once more. With one
** connection allowed there is no choice while it is in use.
*/
static bool must_be_alone(const struct engine *engine, const struct transfer *transfer)
{
	bool one_at_a_time =
		engine->http_version == CURL_HTTP_VERSION_1_0 || engine->http_version == CURL_HTTP_VERSION_1_1;
	bool endangered = transfer->repeat == REPEAT_NEVER || transfer->was_lost;
	bool may_be_new = engine->config.max_connections > 1 || engine->running_count == 1;
	return endangered && may_be_new && !one_at_a_time && handle_may_multiplex(&engine->config);
}

/* Hands a transfer that was noted as running to libcurl, or ends it. */
static void hand_over(struct engine *engine, struct transfer *transfer)
{
	struct handle *handle = borrow_handle(engine);
	CURLcode code = CURLE_OUT_OF_MEMORY;
	transfer->alone = must_be_alone(engine, transfer);
	if (handle != NULL)
		code = handle_prepare(handle, transfer, &engine->config);
	if (code == CURLE_OK && curl_multi_add_handle(engine->multi, handle->easy) != CURLM_OK)
		code = CURLE_OUT_OF_MEMORY;
	if (code == CURLE_OK) {
		transfer->handle = handle;
		transfer->easy = handle->easy;
		engine->call_count += !transfer_is_stream(transfer);
	} else {
		if (handle != NULL)
			handle_free(handle);
		end_transfer(transfer, code, TRANSFER_AS_CURL_SAYS);
	}
}

static bool has_room(const struct engine *engine)
{
	return engine->call_count < engine->most_calls;
}

static bool may_begin_queued(const struct engine *engine)
{
	return engine->queued.first != NULL && has_room(engine);
}

static void begin_first(struct engine *engine)
{
	struct transfer *transfer = engine->queued.first;
	QUEUE_REMOVE(&engine->queued, transfer, running_link);
	QUEUE_APPEND(&engine->running, transfer, running_link);
	transfer_leave_queue(transfer);
	hand_over(engine, transfer);
}

static void end_finished(struct engine *engine)
{
	int left;
	CURLMsg *message;
	while ((message = curl_multi_info_read(engine->multi, &left)) != NULL) {
		char *handle = NULL;
		CURLcode code = message->data.result;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &handle);
		end_transfer(((struct handle *)(void *)handle)->transfer, code, TRANSFER_AS_CURL_SAYS);
	}
}

/* Begins what waits, as far as there is room. Not where a transfer is cancelled: the next ones may be, too. */
static void begin_queued(struct engine *engine)
{
	while (may_begin_queued(engine)) {
		do
			begin_first(engine);
		while (may_begin_queued(engine));
		engine->backend->perform(engine);
		end_finished(engine);
	}
}

static void collect_finished(struct engine *engine)
{
	end_finished(engine);
	begin_queued(engine);
}

void engine_adopt(struct engine *engine, struct transfer *transfer)
{
	forget(transfer);
	engine_retain(engine);
	transfer->engine = engine;
	transfer->on_news = mark_ready;
}

/* Forgets the last attempt. False, and this one has ended, where the engine is closed. */
static bool reset(struct transfer *transfer)
{
	const struct engine *engine = transfer->engine;
	transfer_reset(transfer, &engine->config);
	if (engine->closed)
		transfer_finish(transfer, CURLE_ABORTED_BY_CALLBACK, TRANSFER_CANCELLED);
	return !engine->closed;
}

static void note_running(struct engine *engine, struct transfer *transfer)
{
	transfer->state = TRANSFER_RUNNING;
	QUEUE_APPEND(transfer->queued ? &engine->queued : &engine->running, transfer, running_link);
	engine->running_count++;
}

bool engine_start(struct transfer *transfer)
{
	struct engine *engine = transfer->engine;
	if (!reset(transfer))
		return false;
	if (!open_handles(engine)) {
		transfer_finish(transfer, CURLE_OUT_OF_MEMORY, TRANSFER_AS_CURL_SAYS);
		return true;
	}
	transfer->queued = !transfer_is_stream(transfer) && (engine->queued.first != NULL || !has_room(engine));
	note_running(engine, transfer);
	if (!transfer->queued) {
		hand_over(engine, transfer);
		engine->backend->perform(engine);
		collect_finished(engine);
	}
	settle(engine);
	return true;
}

bool engine_start_fed(struct transfer *transfer)
{
	struct engine *engine = transfer->engine;
	if (!reset(transfer))
		return false;
	transfer_prepare_fed(transfer);
	if (open_handles(engine)) /* whoever waits for the transfer waits for them */
		note_running(engine, transfer);
	else
		transfer_finish(transfer, CURLE_OUT_OF_MEMORY, TRANSFER_AS_CURL_SAYS);
	return true;
}

static bool is_fed(struct transfer *transfer)
{
	if (transfer->state == TRANSFER_RUNNING)
		abandon_after_fork(transfer->engine);
	return transfer->state == TRANSFER_RUNNING && transfer->fed;
}

/* What was fed is news for whoever waits; where it was too much the attempt is over. */
static enum feed_result note_fed(struct transfer *transfer, enum feed_result result)
{
	if (result == FEED_OVER)
		end_transfer(transfer, CURLE_WRITE_ERROR, TRANSFER_AS_CURL_SAYS);
	if (transfer->ready)
		engine_nudge(transfer->engine);
	return result;
}

enum feed_result engine_feed_head(struct transfer *transfer, const char *line, size_t length)
{
	return is_fed(transfer) ? note_fed(transfer, transfer_feed_line(transfer, line, length)) : FEED_OVER;
}

enum feed_result engine_feed_body(struct transfer *transfer, const char *bytes, size_t length)
{
	return is_fed(transfer) ? note_fed(transfer, transfer_feed_body(transfer, bytes, length)) : FEED_OVER;
}

void engine_feed_end(struct transfer *transfer, CURLcode code, const char *message)
{
	if (!is_fed(transfer))
		return;
	snprintf(transfer->error_text, sizeof transfer->error_text, "%s", message);
	end_transfer(transfer, code, TRANSFER_AS_CURL_SAYS);
	engine_nudge(transfer->engine);
}

void engine_drive(struct engine *engine, int timeout_ms)
{
	abandon_after_fork(engine);
	if (engine->multi == NULL)
		return;
	size_t before = engine->running_count;
	begin_queued(engine);
	bool may_wait = engine->running_count > 0 && engine->running_count == before;
	engine->backend->drive(engine, may_wait ? timeout_ms : 0);
	collect_finished(engine);
	settle(engine);
}

bool engine_is_crowded(const struct engine *engine)
{
	return engine->running_count > (size_t)engine->config.max_connections;
}

struct transfer *engine_next_ready(struct engine *engine)
{
	struct transfer *transfer = engine->ready.first;
	if (transfer != NULL) {
		QUEUE_REMOVE(&engine->ready, transfer, ready_link);
		transfer->ready = false;
	}
	return transfer;
}

void engine_nudge(struct engine *engine)
{
	abandon_after_fork(engine);
	if (engine->waiting != NULL)
		engine->backend->wake(engine);
}

int engine_descriptor(struct engine *engine)
{
	if (engine->closed || !open_handles(engine) || engine->waiting == NULL)
		return -1;
	engine->is_watched = true;
	int descriptor = engine->backend->descriptor(engine);
	if (may_begin_queued(engine))
		engine->backend->wake(engine);
	return descriptor;
}

long engine_timeout(struct engine *engine)
{
	abandon_after_fork(engine);
	if (engine->closed)
		return 0;
	if (may_begin_queued(engine))
		return 0;
	return engine->multi == NULL ? -1 : engine->backend->timeout(engine);
}
