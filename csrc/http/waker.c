#include "http/waker.h"

#include <errno.h>
#include <stddef.h>

#ifdef __linux__
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/*
** The descriptor is in an epoll set as one-shot: arming it is the one system
** call of the loop, waiting and sending are the two of the thread.
*/
struct waker {
	pthread_t thread;
	int descriptor;
	int stop;       /* an event descriptor, readable once the thread has to end */
	int watch;      /* the epoll set of both */
	int listener;   /* until the loop has connected */
	int connection; /* to the loop; -1 before waker_accept */
	char directory[64];
	char path[80];
};

static int watch(struct waker *waker, int operation, int descriptor, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = descriptor};
	return epoll_ctl(waker->watch, operation, descriptor, &event);
}

static void *run(void *user)
{
	const struct waker *waker = user;
	for (;;) {
		struct epoll_event event;
		int count = epoll_wait(waker->watch, &event, 1, -1);
		if (count < 0 && errno != EINTR)
			return NULL;
		if (count <= 0)
			continue;
		if (event.data.fd == waker->stop)
			return NULL;
		/* A full or closed socket means that the loop knows or is gone. */
		if (send(waker->connection, "w", 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno == EPIPE)
			return NULL;
	}
}

static int listen_at(struct waker *waker)
{
	const char *base = getenv("TMPDIR");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (base == NULL || *base != '/' || strlen(base) > 30)
		base = "/tmp";
	snprintf(waker->directory, sizeof waker->directory, "%s/mistral-workflows-XXXXXX", base);
	if (mkdtemp(waker->directory) == NULL) {
		waker->directory[0] = '\0';
		return -1;
	}
	snprintf(waker->path, sizeof waker->path, "%s/waker", waker->directory);
	memcpy(address.sun_path, waker->path, strlen(waker->path) + 1);
	waker->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (waker->listener < 0 || bind(waker->listener, (struct sockaddr *)&address, sizeof address) != 0)
		return -1;
	return listen(waker->listener, 1);
}

/* The host program's signals are for its own threads. */
static int start_thread(struct waker *waker)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&waker->thread, NULL, run, waker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

static void stop_listening(struct waker *waker)
{
	if (waker->listener >= 0)
		close(waker->listener);
	waker->listener = -1;
	if (waker->path[0] != '\0')
		unlink(waker->path);
	if (waker->directory[0] != '\0')
		rmdir(waker->directory);
	waker->path[0] = waker->directory[0] = '\0';
}

static void close_all(struct waker *waker)
{
	const int descriptors[] = {waker->watch, waker->descriptor, waker->stop, waker->connection};
	stop_listening(waker);
	for (size_t i = 0; i < sizeof descriptors / sizeof *descriptors; i++)
		if (descriptors[i] >= 0)
			close(descriptors[i]);
	free(waker);
}

struct waker *waker_new(int descriptor)
{
	struct waker *waker = calloc(1, sizeof *waker);
	if (waker == NULL)
		return NULL;
	waker->listener = waker->connection = -1;
	waker->descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
	waker->stop = eventfd(0, EFD_CLOEXEC);
	waker->watch = epoll_create1(EPOLL_CLOEXEC);
	if (waker->descriptor >= 0 && waker->stop >= 0 && waker->watch >= 0 &&
		watch(waker, EPOLL_CTL_ADD, waker->stop, EPOLLIN) == 0 &&
		watch(waker, EPOLL_CTL_ADD, waker->descriptor, EPOLLONESHOT) == 0 && listen_at(waker) == 0)
		return waker;
	int error = errno;
	close_all(waker);
	errno = error;
	return NULL;
}

const char *waker_path(const struct waker *waker)
{
	return waker->path;
}

int waker_accept(struct waker *waker)
{
	waker->connection = accept4(waker->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (waker->connection < 0)
		return -1;
	stop_listening(waker);
	int error = start_thread(waker);
	if (error == 0)
		return 0;
	close(waker->connection);
	waker->connection = -1;
	errno = error;
	return -1;
}

void waker_arm(struct waker *waker)
{
	watch(waker, EPOLL_CTL_MOD, waker->descriptor, EPOLLIN | EPOLLONESHOT);
}

void waker_free(struct waker *waker)
{
	const uint64_t one = 1;
	if (waker->connection >= 0) {
		while (write(waker->stop, &one, sizeof one) < 0 && errno == EINTR)
			continue;
		pthread_join(waker->thread, NULL);
	}
	close_all(waker);
}

#else

/* Elsewhere there is no descriptor to watch either; see engine.h. */
struct waker *waker_new(int descriptor)
{
	(void)descriptor;
	errno = ENOSYS;
	return NULL;
}

const char *waker_path(const struct waker *waker)
{
	(void)waker;
	return "";
}

int waker_accept(struct waker *waker)
{
	(void)waker;
	errno = ENOSYS;
	return -1;
}

void waker_arm(struct waker *waker)
{
	(void)waker;
}

void waker_free(struct waker *waker)
{
	(void)waker;
}
#endif
