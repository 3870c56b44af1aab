#include "base/clock.h"

#include <time.h>

static double skipped;

double clock_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9 + skipped;
}

void clock_skip(double seconds)
{
	skipped += seconds;
}

double clock_bounded(double seconds, double most)
{
	return seconds >= most ? most : seconds > 0 ? seconds : 0;
}
