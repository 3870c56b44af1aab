/*
** Tells an event loop that can only wait for sockets of its own (nginx) that a
** descriptor became readable: a thread waits for the descriptor and writes a
** byte to a connected unix socket, once for each waker_arm.
** The thread touches nothing but its descriptors. Includes no Lua.
*/
#ifndef HTTP_WAKER_H
#define HTTP_WAKER_H

struct waker;

/* Watches a copy of `descriptor`; NULL, with errno set, when a thread or socket cannot be had. */
struct waker *waker_new(int descriptor);
/* The path to connect to, once. */
const char *waker_path(const struct waker *waker);
/* Takes the connection that was made to the path, which then is gone. 0, or -1 with errno set. */
int waker_accept(struct waker *waker);
/* Asks for one byte as soon as the descriptor is readable. */
void waker_arm(struct waker *waker);
/* Ends the thread; closes everything. */
void waker_free(struct waker *waker);

#endif
