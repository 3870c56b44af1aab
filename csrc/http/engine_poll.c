/*
** The portable backend: curl_multi_poll waits, curl_multi_perform works. It
** has no descriptor; an outside loop must ask for the timeout and drive.
*/
#include "http/engine.h"

/* The longest wait: a timer that libcurl has lost (see poll_perform) delays a transfer no longer than this. */
#define LONGEST_WAIT_MS 1000

/*
** Twice: a transfer that begins sets the clock of the pass forward, which at its
** end throws away the timers that other transfers, already passed, have got
** meanwhile: "there is data for you in the HTTP/2 connection" above all (multi.c
** of 7.88). A second pass runs them all.
*/
static void poll_perform(struct engine *engine)
{
	int running;
	curl_multi_perform(engine->multi, &running);
	curl_multi_perform(engine->multi, &running);
}

static void poll_drive(struct engine *engine, int timeout_ms)
{
	if (timeout_ms < 0 || timeout_ms > LONGEST_WAIT_MS)
		timeout_ms = LONGEST_WAIT_MS;
	if (timeout_ms > 0)
		curl_multi_poll(engine->multi, NULL, 0, timeout_ms, NULL);
	poll_perform(engine);
}

static long poll_timeout(struct engine *engine)
{
	long milliseconds = -1;
	curl_multi_timeout(engine->multi, &milliseconds);
	return milliseconds;
}

const struct engine_backend engine_poll_backend = {
	.name = "poll",
	.perform = poll_perform,
	.drive = poll_drive,
	.timeout = poll_timeout,
};
