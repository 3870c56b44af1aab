/*
** What the reference programs share: they are what a C programmer would write
** with libcurl for the same work, and know nothing of the library.
** BENCH_URL is the server, BENCH_CA the file of the authority it is trusted by.
*/
#ifndef BENCH_H
#define BENCH_H

#include <curl/curl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct answer {
	char *bytes;
	size_t length, capacity;
};

static inline void fail(const char *why)
{
	fprintf(stderr, "%s\n", why);
	exit(1);
}

static inline double clock_seconds(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double started_wall, started_cpu;

static inline void begin(void)
{
	started_cpu = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
	started_wall = clock_seconds(CLOCK_MONOTONIC);
}

/* Prints what was done since `begin`; bench/runner reads it. */
static inline void report(long count)
{
	double seconds = clock_seconds(CLOCK_MONOTONIC) - started_wall;
	printf("seconds=%.6f\ncpu=%.6f\ncount=%ld\n", seconds, clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - started_cpu,
		count);
}

static inline long number_argument(int argc, char **argv, int index, long otherwise)
{
	return argc > index ? strtol(argv[index], NULL, 10) : otherwise;
}

/* What must be the same in all programs of a row. */
static inline void answer_is(const char *first, const char *second)
{
	printf("answer=%s:%s\n", first, second);
}

/* The URL of a path of the server; lives until the next call. */
static inline const char *url_of(const char *path)
{
	static char url[1024];
	const char *server = getenv("BENCH_URL");
	if (server == NULL)
		fail("BENCH_URL is not set");
	snprintf(url, sizeof url, "%s%s", server, path);
	return url;
}

/* CURLOPT_WRITEFUNCTION */
static inline size_t append(char *bytes, size_t size, size_t length, void *user)
{
	struct answer *answer = user;
	length *= size;
	if (answer->length + length >= answer->capacity) {
		answer->capacity = (answer->length + length + 1) * 2;
		answer->bytes = realloc(answer->bytes, answer->capacity);
		if (answer->bytes == NULL)
			fail("out of memory");
	}
	memcpy(answer->bytes + answer->length, bytes, length);
	answer->length += length;
	answer->bytes[answer->length] = '\0';
	return length;
}

/* The request has the same fields as the library's, given in the same way: options of libcurl are printed twice. */
static inline CURL *new_handle(struct answer *answer)
{
	static struct curl_slist *header = NULL;
	if (header == NULL) {
		header = curl_slist_append(header, "Accept: application/json");
		header = curl_slist_append(header, "Accept-Encoding: gzip");
		header = curl_slist_append(header, "User-Agent: mistral-workflows-bench (C; libcurl/7.88.1)");
		header = curl_slist_append(header, "Authorization: Bearer bench");
	}
	CURL *easy = curl_easy_init();
	if (easy == NULL || header == NULL)
		fail("libcurl does not start");
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, header);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, append);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT, 300L);
	curl_easy_setopt(easy, CURLOPT_CAINFO, getenv("BENCH_CA"));
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	return easy;
}

static inline void expect_ok(CURL *easy, CURLcode code)
{
	long status = 0;
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (code != CURLE_OK)
		fail(curl_easy_strerror(code));
	if (status != 200)
		fail("the answer is not 200");
}

#endif
