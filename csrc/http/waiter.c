#include "http/waiter.h"

#include "base/process.h"

#include <unistd.h>

#ifdef __linux__
#include "base/clock.h"

#include <fcntl.h>
#include <math.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

static bool watch(int set, int descriptor)
{
	struct epoll_event event = {.events = EPOLLIN};
	return descriptor >= 0 && epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

/* An epoll set of the original and a timer. */
static bool open_timed(struct waiter *waiter, int original, double when)
{
	double now = clock_now(), at = now + clock_bounded(when - now, CLOCK_FOREVER), whole = floor(at);
	struct itimerspec time = {.it_value = {.tv_sec = (time_t)whole, .tv_nsec = (long)((at - whole) * 1e9)}};
	waiter->descriptor = epoll_create1(EPOLL_CLOEXEC);
	waiter->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	return waiter->descriptor >= 0 && watch(waiter->descriptor, original) &&
	       watch(waiter->descriptor, waiter->timer) &&
	       timerfd_settime(waiter->timer, TFD_TIMER_ABSTIME, &time, NULL) == 0;
}

bool waiter_open(struct waiter *waiter, int original, double when)
{
	bool done = false;
	*waiter = (struct waiter){.descriptor = -1, .timer = -1, .generation = process_generation()};
	if (original >= 0 && when >= 0) {
		done = open_timed(waiter, original, when);
	} else if (original >= 0) {
		waiter->descriptor = fcntl(original, F_DUPFD_CLOEXEC, 0);
		done = waiter->descriptor >= 0;
	}
	if (!done)
		waiter_close(waiter);
	return done;
}

#else

/* Elsewhere there is no descriptor to wait for either; see engine.h. */
bool waiter_open(struct waiter *waiter, int original, double when)
{
	(void)original;
	(void)when;
	*waiter = (struct waiter){.descriptor = -1, .timer = -1, .generation = process_generation()};
	return false;
}
#endif

int waiter_descriptor(const struct waiter *waiter)
{
	return waiter->generation == process_generation() ? waiter->descriptor : -1;
}

void waiter_close(struct waiter *waiter)
{
	if (waiter->descriptor >= 0)
		close(waiter->descriptor);
	if (waiter->timer >= 0)
		close(waiter->timer);
	waiter->descriptor = waiter->timer = -1;
}
