/*
** The clock of all deadlines.
*/
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/* Thirty years: longer than any wait, and short enough for every clock and timer. */
#define CLOCK_FOREVER 1e9

/* Seconds of the monotonic clock, and those that were skipped. */
double clock_now(void);
/* Sets the clock of this process forward, for tests that do not want to wait; one thread may. */
void clock_skip(double seconds);
/* Seconds that come from outside, from 0 (for NaN, too) to `most`. */
double clock_bounded(double seconds, double most);

#endif
