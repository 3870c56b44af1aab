/* count PATH: reads an event stream to its end and counts its bytes and the blank lines that end events. */
#include "bench.h"

struct total {
	long bytes, events;
	char last;
};

static size_t count(char *bytes, size_t size, size_t length, void *user)
{
	struct total *total = user;
	for (size_t i = 0; i < length * size; i++) {
		total->events += bytes[i] == '\n' && total->last == '\n';
		total->last = bytes[i];
	}
	total->bytes += (long)(length * size);
	return length * size;
}

int main(int argc, char **argv)
{
	struct total total = {0};
	CURL *easy = new_handle(NULL);
	if (argc < 2)
		fail("no path");
	curl_easy_setopt(easy, CURLOPT_URL, url_of(argv[1]));
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, count);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, &total);
	begin();
	expect_ok(easy, curl_easy_perform(easy));
	report(total.events - 1); /* the first blank line ends no event but `retry` */
	printf("answer=%ld\n", total.events - 1);
	curl_easy_cleanup(easy);
	return total.bytes > 0 ? 0 : 1;
}
