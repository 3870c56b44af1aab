/*
** The clock of all deadlines.
*/
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/* Seconds of the monotonic clock. */
double clock_now(void);

#endif
