#include "base/process.h"

#include <pthread.h>

static unsigned generation;

static void on_fork(void)
{
	generation++;
}

static void watch_forks(void)
{
	pthread_atfork(NULL, NULL, on_fork);
}

unsigned process_generation(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, watch_forks);
	return generation;
}
