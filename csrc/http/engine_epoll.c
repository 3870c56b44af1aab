/*
** The Linux backend: an epoll descriptor watches libcurl's sockets, and a timer
** descriptor inside it libcurl's timer, so that any outside loop can wait for
** the client by one descriptor.
**
** System calls are saved in two places. A socket that libcurl lets go of stays
** registered, because the next request usually takes the same connection; it is
** taken out when it wakes us without being wanted. The timer is set only for
** loops that asked for the descriptor, never later than needed, and is not moved
** when the time only grew.
*/
#ifdef __linux__
#include "base/clock.h"
#include "http/engine.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 64

/* What is known of a descriptor, in engine->watched[fd]. */
#define WATCH_IN 1u
#define WATCH_OUT 2u
#define WATCH_DIRECTIONS (WATCH_IN | WATCH_OUT)
#define WATCH_REGISTERED 4u /* is in the epoll set, for WATCH_DIRECTIONS */
#define WATCH_WANTED 8u     /* libcurl waits for it */
#define WATCH_OURS 16u      /* opened by open_socket, so that its closing will be seen */

static unsigned watched(const struct engine *engine, int fd)
{
	return (size_t)fd < engine->watched_size ? engine->watched[fd] : 0;
}

static bool set_watched(struct engine *engine, int fd, unsigned flags)
{
	size_t index = (size_t)fd;
	if (index >= engine->watched_size) {
		size_t size = index < 64 ? 64 : index * 2;
		unsigned char *grown = realloc(engine->watched, size);
		if (grown == NULL)
			return false;
		memset(grown + engine->watched_size, 0, size - engine->watched_size);
		engine->watched = grown;
		engine->watched_size = size;
	}
	engine->watched[index] = (unsigned char)flags;
	return true;
}

static void unregister(struct engine *engine, int fd)
{
	epoll_ctl(engine->descriptor, EPOLL_CTL_DEL, fd, NULL);
	set_watched(engine, fd, watched(engine, fd) & WATCH_OURS);
}

/* CURLMOPT_SOCKETFUNCTION: runs inside libcurl. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *unused)
{
	struct engine *engine = user;
	unsigned flags = watched(engine, fd);
	(void)easy;
	(void)unused;
	if (what == CURL_POLL_REMOVE) {
		if (flags & WATCH_OURS)
			set_watched(engine, fd, flags & ~WATCH_WANTED);
		else if (flags & WATCH_REGISTERED)
			unregister(engine, fd);
		return 0;
	}
	unsigned directions = (what & CURL_POLL_IN ? WATCH_IN : 0) | (what & CURL_POLL_OUT ? WATCH_OUT : 0);
	if (!set_watched(engine, fd, (flags & WATCH_OURS) | WATCH_REGISTERED | WATCH_WANTED | directions))
		return -1;
	if (flags & WATCH_REGISTERED && (flags & WATCH_DIRECTIONS) == directions)
		return 0;
	struct epoll_event event = {.data.fd = fd};
	event.events = (directions & WATCH_IN ? EPOLLIN : 0) | (directions & WATCH_OUT ? EPOLLOUT : 0);
	int operation = flags & WATCH_REGISTERED ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
	if (epoll_ctl(engine->descriptor, operation, fd, &event) == 0)
		return 0;
	set_watched(engine, fd, flags & WATCH_OURS);
	return -1;
}

/* Sets the timer descriptor, if a loop uses it, unless it fires early enough already. */
static void epoll_arm(struct engine *engine)
{
	double when = engine->due;
	if (when < 0 || (engine->alarm >= 0 && engine->alarm < when))
		when = engine->alarm;
	if (engine->timer < 0 || when < 0 || (engine->timer_at >= 0 && engine->timer_at <= when))
		return;
	double whole = floor(when);
	struct itimerspec at = {.it_value = {.tv_sec = (time_t)whole, .tv_nsec = (long)((when - whole) * 1e9)}};
	if (timerfd_settime(engine->timer, TFD_TIMER_ABSTIME, &at, NULL) == 0)
		engine->timer_at = when;
}

/* CURLMOPT_TIMERFUNCTION: runs inside libcurl. */
static int on_timer(CURLM *multi, long timeout_ms, void *user)
{
	struct engine *engine = user;
	(void)multi;
	engine->due = timeout_ms < 0 ? -1 : clock_now() + (double)timeout_ms / 1000;
	if (!engine->busy)
		epoll_arm(engine);
	return 0;
}

/* CURLOPT_OPENSOCKETFUNCTION: runs inside libcurl. */
static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct engine *engine = user;
	(void)purpose;
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	if (fd < 0)
		return CURL_SOCKET_BAD;
	if (set_watched(engine, fd, WATCH_OURS))
		return fd;
	close(fd);
	return CURL_SOCKET_BAD;
}

/* CURLOPT_CLOSESOCKETFUNCTION: runs inside libcurl. Closing takes the socket out of the epoll set. */
static int close_socket(void *user, curl_socket_t fd)
{
	set_watched(user, fd, 0);
	return close(fd);
}

static bool epoll_open(struct engine *engine)
{
	engine->due = engine->timer_at = -1;
	if (engine->descriptor < 0)
		engine->descriptor = epoll_create1(EPOLL_CLOEXEC);
	return engine->descriptor >= 0 &&
	       curl_multi_setopt(engine->multi, CURLMOPT_SOCKETFUNCTION, on_socket) == CURLM_OK &&
	       curl_multi_setopt(engine->multi, CURLMOPT_SOCKETDATA, engine) == CURLM_OK &&
	       curl_multi_setopt(engine->multi, CURLMOPT_TIMERFUNCTION, on_timer) == CURLM_OK &&
	       curl_multi_setopt(engine->multi, CURLMOPT_TIMERDATA, engine) == CURLM_OK;
}

static CURLcode epoll_setup(struct engine *engine, CURL *easy)
{
	CURLcode code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, engine);
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, engine);
	return code;
}

static void epoll_perform(struct engine *engine)
{
	int running;
	for (int turn = 0; turn < 2 && engine->due >= 0 && engine->due <= clock_now(); turn++) {
		engine->due = -1;
		curl_multi_socket_action(engine->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
	if (engine->alarm >= 0 && engine->alarm <= clock_now())
		engine->alarm = -1;
}

static long epoll_timeout(struct engine *engine)
{
	if (engine->due < 0)
		return -1;
	double left = ceil((engine->due - clock_now()) * 1000);
	return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (long)left;
}

static void take_event(struct engine *engine, const struct epoll_event *event)
{
	int fd = event->data.fd, running;
	if (fd == engine->timer) {
		uint64_t count;
		if (read(fd, &count, sizeof count) == (ssize_t)sizeof count)
			engine->timer_at = -1;
		return;
	}
	if (!(watched(engine, fd) & WATCH_WANTED)) {
		unregister(engine, fd);
		return;
	}
	int happened = (event->events & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0) |
		       (event->events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
		       (event->events & EPOLLERR ? CURL_CSELECT_ERR : 0);
	curl_multi_socket_action(engine->multi, fd, happened, &running);
}

static void epoll_drive(struct engine *engine, int timeout_ms)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	long due_ms = epoll_timeout(engine);
	if (due_ms >= 0 && (timeout_ms < 0 || due_ms < timeout_ms))
		timeout_ms = (int)due_ms;
	int count = epoll_wait(engine->descriptor, events, EVENTS_AT_ONCE, timeout_ms);
	for (int i = 0; i < count; i++)
		take_event(engine, &events[i]);
	epoll_perform(engine);
}

static int epoll_descriptor(struct engine *engine)
{
	if (engine->timer < 0) {
		engine->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
		struct epoll_event event = {.events = EPOLLIN, .data.fd = engine->timer};
		if (engine->timer < 0 || epoll_ctl(engine->descriptor, EPOLL_CTL_ADD, engine->timer, &event) != 0)
			return -1;
		epoll_arm(engine);
	}
	return engine->descriptor;
}

static void epoll_wake(struct engine *engine)
{
	struct itimerspec now = {.it_value = {.tv_nsec = 1}};
	if (engine->timer >= 0 && timerfd_settime(engine->timer, 0, &now, NULL) == 0)
		engine->timer_at = 0;
}

static void epoll_close(struct engine *engine, bool inherited)
{
	(void)inherited; /* closing a copy changes neither the parent's epoll set nor its timer */
	if (engine->timer >= 0)
		close(engine->timer);
	if (engine->descriptor >= 0)
		close(engine->descriptor);
	engine->descriptor = engine->timer = -1;
	engine->due = engine->timer_at = -1;
	if (engine->watched != NULL)
		memset(engine->watched, 0, engine->watched_size);
}

const struct engine_backend engine_epoll_backend = {
	.name = "epoll",
	.open = epoll_open,
	.setup = epoll_setup,
	.perform = epoll_perform,
	.drive = epoll_drive,
	.descriptor = epoll_descriptor,
	.timeout = epoll_timeout,
	.arm = epoll_arm,
	.wake = epoll_wake,
	.close = epoll_close,
};
#endif
