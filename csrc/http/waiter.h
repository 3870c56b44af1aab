/*
** A descriptor for one who waits, in a loop that knows one waiter a descriptor
** and has no timers (copas): readable when another descriptor is, or when a
** time has come. It belongs to the process that opened it.
*/
#ifndef HTTP_WAITER_H
#define HTTP_WAITER_H

#include <stdbool.h>

struct waiter {
	int descriptor, timer; /* -1 once closed */
	unsigned generation;
};

/* `when` in monotonic seconds; < 0: never. False, with the waiter closed, where it cannot be had. */
bool waiter_open(struct waiter *waiter, int original, double when);
/* -1 once it is closed, and in a child process. */
int waiter_descriptor(const struct waiter *waiter);
/* May be called again. In a child process it closes copies, which harms nobody. */
void waiter_close(struct waiter *waiter);

#endif
