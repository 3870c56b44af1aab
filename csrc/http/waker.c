#include "http/waker.h"

#include <errno.h>
#include <stddef.h>

#ifdef __linux__
#include "base/process.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 64

/*
** The descriptors are in an epoll set as one-shot: asking for one is the one
** system call of the loop, waiting and sending are the two of the thread.
*/
struct waker {
	pthread_t thread;
	unsigned generation; /* of the process that the thread is in */
	int watch;           /* the epoll set */
	int bell;            /* an event descriptor in it, for the thread itself; its name is of zeros */
	atomic_bool stopping;
	int listener;   /* until the loop has connected */
	int connection; /* to the loop; -1 before waker_accept */
	char directory[64];
	char path[80];
};

static const char NO_NAME[WAKER_NAME];

_Static_assert(sizeof(uint64_t) == WAKER_NAME, "a name is what an event can hold");

static bool is_ours(const struct waker *waker)
{
	if (waker->generation == process_generation())
		return true;
	errno = ECHILD;
	return false;
}

static bool watch(struct waker *waker, int operation, int descriptor, uint32_t events, const char *name)
{
	uint64_t number;
	memcpy(&number, name, WAKER_NAME);
	struct epoll_event event = {.events = events, .data.u64 = number};
	return epoll_ctl(waker->watch, operation, descriptor, &event) == 0;
}

static bool send_all(int connection, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t sent = send(connection, bytes, size, MSG_NOSIGNAL);
		if (sent < 0 && errno != EINTR)
			return false;
		if (sent > 0) {
			bytes += sent;
			size -= (size_t)sent;
		}
	}
	return true;
}

/* Fills `names` from events, the bell's last: what was readable before it rang is then known. Returns how many. */
static int take_names(const struct waker *waker, const struct epoll_event *events, int count, char *names)
{
	int taken = 0;
	bool rang = false;
	for (int i = 0; i < count; i++) {
		uint64_t number = events[i].data.u64, rings;
		if (number == 0)
			rang = read(waker->bell, &rings, sizeof rings) > 0;
		else
			memcpy(names + WAKER_NAME * taken++, &number, WAKER_NAME);
	}
	if (rang)
		memcpy(names + WAKER_NAME * taken++, NO_NAME, WAKER_NAME);
	return taken;
}

/* Sends the names of what is readable until the loop is gone or waker_free has come. */
static void *run(void *user)
{
	struct waker *waker = user;
	struct epoll_event events[EVENTS_AT_ONCE];
	char names[EVENTS_AT_ONCE * WAKER_NAME];
	for (;;) {
		int count = epoll_wait(waker->watch, events, EVENTS_AT_ONCE, -1);
		if (atomic_load(&waker->stopping) || (count < 0 && errno != EINTR))
			return NULL;
		count = take_names(waker, events, count, names);
		if (!send_all(waker->connection, names, (size_t)count * WAKER_NAME))
			return NULL;
	}
}

static bool listen_at(struct waker *waker)
{
	const char *base = getenv("TMPDIR");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (base == NULL || *base != '/' || strlen(base) > 30)
		base = "/tmp";
	snprintf(waker->directory, sizeof waker->directory, "%s/mistral-workflows-XXXXXX", base);
	if (mkdtemp(waker->directory) == NULL) {
		waker->directory[0] = '\0';
		return false;
	}
	snprintf(waker->path, sizeof waker->path, "%s/waker", waker->directory);
	memcpy(address.sun_path, waker->path, strlen(waker->path) + 1);
	waker->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return waker->listener >= 0 && bind(waker->listener, (struct sockaddr *)&address, sizeof address) == 0 &&
	       listen(waker->listener, 1) == 0;
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

/* The path is the parent's in a child process. */
static void stop_listening(struct waker *waker, bool ours)
{
	if (waker->listener >= 0)
		close(waker->listener);
	waker->listener = -1;
	if (ours && waker->path[0] != '\0')
		unlink(waker->path);
	if (ours && waker->directory[0] != '\0')
		rmdir(waker->directory);
	waker->path[0] = waker->directory[0] = '\0';
}

static void close_all(struct waker *waker, bool ours)
{
	const int descriptors[] = {waker->watch, waker->bell, waker->connection};
	stop_listening(waker, ours);
	for (size_t i = 0; i < sizeof descriptors / sizeof *descriptors; i++)
		if (descriptors[i] >= 0)
			close(descriptors[i]);
	free(waker);
}

struct waker *waker_new(void)
{
	struct waker *waker = calloc(1, sizeof *waker);
	if (waker == NULL)
		return NULL;
	waker->generation = process_generation();
	waker->listener = waker->connection = -1;
	waker->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	waker->watch = epoll_create1(EPOLL_CLOEXEC);
	if (waker->bell >= 0 && waker->watch >= 0 && watch(waker, EPOLL_CTL_ADD, waker->bell, EPOLLIN, NO_NAME) &&
		listen_at(waker))
		return waker;
	int error = errno;
	close_all(waker, true);
	errno = error;
	return NULL;
}

const char *waker_path(const struct waker *waker)
{
	return waker->path;
}

bool waker_accept(struct waker *waker)
{
	if (!is_ours(waker))
		return false;
	waker->connection = accept4(waker->listener, NULL, NULL, SOCK_CLOEXEC);
	if (waker->connection < 0)
		return false;
	stop_listening(waker, true);
	int error = start_thread(waker);
	if (error == 0)
		return true;
	close(waker->connection);
	waker->connection = -1;
	errno = error;
	return false;
}

bool waker_watch(struct waker *waker, int descriptor, const char name[WAKER_NAME])
{
	if (!is_ours(waker))
		return false;
	const uint32_t events = EPOLLIN | EPOLLONESHOT;
	return watch(waker, EPOLL_CTL_MOD, descriptor, events, name) ||
	       (errno == ENOENT && watch(waker, EPOLL_CTL_ADD, descriptor, events, name));
}

void waker_forget(struct waker *waker, int descriptor)
{
	if (is_ours(waker))
		epoll_ctl(waker->watch, EPOLL_CTL_DEL, descriptor, NULL);
}

bool waker_ring(struct waker *waker)
{
	const uint64_t one = 1;
	return is_ours(waker) && (write(waker->bell, &one, sizeof one) > 0 || errno == EAGAIN);
}

void waker_free(struct waker *waker)
{
	bool ours = is_ours(waker);
	if (ours && waker->connection >= 0) {
		atomic_store(&waker->stopping, true);
		shutdown(waker->connection, SHUT_RDWR); /* the thread may be sending */
		waker_ring(waker);
		pthread_join(waker->thread, NULL);
	}
	close_all(waker, ours);
}

#else

/* Elsewhere there is no descriptor to watch either; see engine.h. */
struct waker *waker_new(void)
{
	errno = ENOSYS;
	return NULL;
}

const char *waker_path(const struct waker *waker)
{
	(void)waker;
	return "";
}

bool waker_accept(struct waker *waker)
{
	(void)waker;
	return false;
}

bool waker_watch(struct waker *waker, int descriptor, const char name[WAKER_NAME])
{
	(void)waker;
	(void)descriptor;
	(void)name;
	return false;
}

void waker_forget(struct waker *waker, int descriptor)
{
	(void)waker;
	(void)descriptor;
}

bool waker_ring(struct waker *waker)
{
	(void)waker;
	return false;
}

void waker_free(struct waker *waker)
{
	(void)waker;
}
#endif
