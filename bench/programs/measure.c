/*
** measure COMMAND...: runs it, and adds to what it prints the wall
** and CPU time and the peak memory of the whole process, as the kernel counted.
*/
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	pid_t pid;
	int status;
	struct rusage usage;
	double start = now();
	if (argc < 2 || posix_spawnp(&pid, argv[1], NULL, NULL, argv + 1, environ) != 0 ||
		wait4(pid, &status, 0, &usage) < 0)
		return 127;
	printf("process_seconds=%.6f\nprocess_cpu=%.6f\npeak_kb=%ld\n", now() - start,
		seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
