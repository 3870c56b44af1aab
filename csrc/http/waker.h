/*
** Tells an event loop that can only wait for sockets of its own (nginx) that
** descriptors became readable. One thread waits for all of them and writes the
** names of those that are to a connected unix socket. It touches nothing but
** its own descriptors and their numbers. After fork, the child has no thread:
** there every call fails, and freeing leaves the parent's thread alone.
*/
#ifndef HTTP_WAKER_H
#define HTTP_WAKER_H

#include <stdbool.h>

/* The bytes that name a descriptor. */
#define WAKER_NAME 8

struct waker;

/* NULL, with errno set, when a thread or a socket cannot be had. */
struct waker *waker_new(void);
/* The path to connect to, once. */
const char *waker_path(const struct waker *waker);
/* Takes the connection that was made to the path, which then is gone. False, with errno set, on failure; so below. */
bool waker_accept(struct waker *waker);
/* Asks for the name as soon as the descriptor is readable: once, until it is asked for again. */
bool waker_watch(struct waker *waker, int descriptor, const char name[WAKER_NAME]);
/* The descriptor is watched no longer. Its name may be on the way. */
void waker_forget(struct waker *waker, int descriptor);
/* Asks for a name that nothing has, of zeros, now. */
bool waker_ring(struct waker *waker);
/* Ends the thread; closes everything. */
void waker_free(struct waker *waker);

#endif
