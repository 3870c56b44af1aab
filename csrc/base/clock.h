/*
** The clock of all deadlines.
*/
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/* Thirty years: longer than any wait, and short enough for every clock and timer. */
#define CLOCK_FOREVER 1e9

/* Seconds of the monotonic clock. */
double clock_now(void);
/* Seconds that come from outside, from 0 (for NaN, too) to `most`. */
double clock_bounded(double seconds, double most);

#endif
