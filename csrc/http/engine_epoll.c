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

/* What is known of a descriptor, in `flags` of struct watch. */
#define WATCH_IN 1u
#define WATCH_OUT 2u
#define WATCH_DIRECTIONS (WATCH_IN | WATCH_OUT)
#define WATCH_REGISTERED 4u /* is in the epoll set, for WATCH_DIRECTIONS */
#define WATCH_WANTED 8u     /* libcurl waits for it */
#define WATCH_OURS 16u      /* opened by open_socket, so that its closing will be seen */

struct watch {
	int descriptor, timer;
	double due;      /* monotonic seconds when libcurl wants to be called; < 0: never */
	double timer_at; /* what the timer descriptor is set to; < 0: not */
	unsigned char *flags;
	size_t size;
};

static unsigned flags_of(const struct watch *watch, int fd)
{
	return (size_t)fd < watch->size ? watch->flags[fd] : 0;
}

static bool set_flags(struct watch *watch, int fd, unsigned flags)
{
	size_t index = (size_t)fd;
	if (index >= watch->size) {
		size_t size = index < 64 ? 64 : index * 2;
		unsigned char *grown = realloc(watch->flags, size);
		if (grown == NULL)
			return false;
		memset(grown + watch->size, 0, size - watch->size);
		watch->flags = grown;
		watch->size = size;
	}
	watch->flags[index] = (unsigned char)flags;
	return true;
}

static void unregister(struct watch *watch, int fd)
{
	epoll_ctl(watch->descriptor, EPOLL_CTL_DEL, fd, NULL);
	set_flags(watch, fd, flags_of(watch, fd) & WATCH_OURS);
}

/* CURLMOPT_SOCKETFUNCTION: runs inside libcurl. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *unused)
{
	struct watch *watch = user;
	unsigned flags = flags_of(watch, fd);
	(void)easy;
	(void)unused;
	if (what == CURL_POLL_REMOVE) {
		if (flags & WATCH_OURS)
			set_flags(watch, fd, flags & ~WATCH_WANTED);
		else if (flags & WATCH_REGISTERED)
			unregister(watch, fd);
		return 0;
	}
	unsigned directions = (what & CURL_POLL_IN ? WATCH_IN : 0) | (what & CURL_POLL_OUT ? WATCH_OUT : 0);
	if (!set_flags(watch, fd, (flags & WATCH_OURS) | WATCH_REGISTERED | WATCH_WANTED | directions))
		return -1;
	if (flags & WATCH_REGISTERED && (flags & WATCH_DIRECTIONS) == directions)
		return 0;
	struct epoll_event event = {.data.fd = fd};
	event.events = (directions & WATCH_IN ? EPOLLIN : 0) | (directions & WATCH_OUT ? EPOLLOUT : 0);
	int operation = flags & WATCH_REGISTERED ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
	if (epoll_ctl(watch->descriptor, operation, fd, &event) == 0)
		return 0;
	set_flags(watch, fd, flags & WATCH_OURS);
	return -1;
}

/* Sets the timer descriptor, if a loop uses it, unless it fires early enough already. */
static void epoll_arm(struct engine *engine)
{
	struct watch *watch = engine->waiting;
	double when = watch->due;
	if (watch->timer < 0 || when < 0 || (watch->timer_at >= 0 && watch->timer_at <= when))
		return;
	double whole = floor(when);
	struct itimerspec at = {.it_value = {.tv_sec = (time_t)whole, .tv_nsec = (long)((when - whole) * 1e9)}};
	if (timerfd_settime(watch->timer, TFD_TIMER_ABSTIME, &at, NULL) == 0)
		watch->timer_at = when;
}

/* CURLMOPT_TIMERFUNCTION: runs inside libcurl. */
static int on_timer(CURLM *multi, long timeout_ms, void *user)
{
	struct watch *watch = user;
	(void)multi;
	watch->due = timeout_ms < 0 ? -1 : clock_now() + (double)timeout_ms / 1000;
	return 0;
}

/* CURLOPT_OPENSOCKETFUNCTION: runs inside libcurl. */
static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct watch *watch = user;
	(void)purpose;
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	if (fd < 0)
		return CURL_SOCKET_BAD;
	if (set_flags(watch, fd, WATCH_OURS))
		return fd;
	close(fd);
	return CURL_SOCKET_BAD;
}

/* CURLOPT_CLOSESOCKETFUNCTION: runs inside libcurl. Closing takes the socket out of the epoll set. */
static int close_socket(void *user, curl_socket_t fd)
{
	set_flags(user, fd, 0);
	return close(fd);
}

static struct watch *new_watch(void)
{
	struct watch *watch = calloc(1, sizeof *watch);
	if (watch == NULL)
		return NULL;
	watch->timer = -1;
	watch->due = watch->timer_at = -1;
	watch->descriptor = epoll_create1(EPOLL_CLOEXEC);
	if (watch->descriptor >= 0)
		return watch;
	free(watch);
	return NULL;
}

static bool epoll_open(struct engine *engine)
{
	if (engine->waiting == NULL)
		engine->waiting = new_watch();
	return engine->waiting != NULL &&
	       curl_multi_setopt(engine->multi, CURLMOPT_SOCKETFUNCTION, on_socket) == CURLM_OK &&
	       curl_multi_setopt(engine->multi, CURLMOPT_SOCKETDATA, engine->waiting) == CURLM_OK &&
	       curl_multi_setopt(engine->multi, CURLMOPT_TIMERFUNCTION, on_timer) == CURLM_OK &&
	       curl_multi_setopt(engine->multi, CURLMOPT_TIMERDATA, engine->waiting) == CURLM_OK;
}

static CURLcode epoll_setup(struct engine *engine, CURL *easy)
{
	CURLcode code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, engine->waiting);
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, engine->waiting);
	return code;
}

static void epoll_perform(struct engine *engine)
{
	struct watch *watch = engine->waiting;
	int running;
	for (int turn = 0; turn < 2 && watch->due >= 0 && watch->due <= clock_now(); turn++) {
		watch->due = -1;
		curl_multi_socket_action(engine->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
}

static long epoll_timeout(struct engine *engine)
{
	const struct watch *watch = engine->waiting;
	if (watch->due < 0)
		return -1;
	double left = ceil((watch->due - clock_now()) * 1000);
	return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (long)left;
}

static void take_event(struct engine *engine, const struct epoll_event *event)
{
	struct watch *watch = engine->waiting;
	int fd = event->data.fd, running;
	if (fd == watch->timer) {
		uint64_t count;
		if (read(fd, &count, sizeof count) == (ssize_t)sizeof count)
			watch->timer_at = -1;
		return;
	}
	if (!(flags_of(watch, fd) & WATCH_WANTED)) {
		unregister(watch, fd);
		return;
	}
	int happened = (event->events & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0) |
		       (event->events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
		       (event->events & EPOLLERR ? CURL_CSELECT_ERR : 0);
	curl_multi_socket_action(engine->multi, fd, happened, &running);
}

static void epoll_drive(struct engine *engine, int timeout_ms)
{
	struct watch *watch = engine->waiting;
	struct epoll_event events[EVENTS_AT_ONCE];
	long due_ms = epoll_timeout(engine);
	if (due_ms >= 0 && (timeout_ms < 0 || due_ms < timeout_ms))
		timeout_ms = (int)due_ms;
	int count = epoll_wait(watch->descriptor, events, EVENTS_AT_ONCE, timeout_ms);
	for (int i = 0; i < count; i++)
		take_event(engine, &events[i]);
	epoll_perform(engine);
}

static int epoll_descriptor(struct engine *engine)
{
	struct watch *watch = engine->waiting;
	if (watch->timer < 0) {
		int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
		struct epoll_event event = {.events = EPOLLIN, .data.fd = timer};
		if (timer < 0 || epoll_ctl(watch->descriptor, EPOLL_CTL_ADD, timer, &event) != 0) {
			if (timer >= 0)
				close(timer);
			return -1;
		}
		watch->timer = timer;
		epoll_arm(engine);
	}
	return watch->descriptor;
}

static void epoll_wake(struct engine *engine)
{
	struct watch *watch = engine->waiting;
	struct itimerspec now = {.it_value = {.tv_nsec = 1}};
	if (watch->timer >= 0 && timerfd_settime(watch->timer, 0, &now, NULL) == 0)
		watch->timer_at = 0;
}

static void epoll_close(struct engine *engine)
{
	struct watch *watch = engine->waiting;
	if (watch == NULL)
		return;
	if (watch->timer >= 0)
		close(watch->timer);
	close(watch->descriptor);
	free(watch->flags);
	free(watch);
	engine->waiting = NULL;
}

const struct engine_backend engine_epoll_backend = {
	.name = "epoll",
	.perform = epoll_perform,
	.drive = epoll_drive,
	.timeout = epoll_timeout,
	.open = epoll_open,
	.setup = epoll_setup,
	.descriptor = epoll_descriptor,
	.arm = epoll_arm,
	.wake = epoll_wake,
	.close = epoll_close,
};
#endif
