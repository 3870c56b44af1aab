/* multi PATH COUNT CONCURRENCY: GETs side by side, with a multi handle and HTTP/2 multiplexing where there is TLS. */
#include "bench.h"

static void start(CURLM *multi, CURL *easy, const char *path)
{
	struct answer *answer;
	curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)(void *)&answer);
	answer->length = 0;
	curl_easy_setopt(easy, CURLOPT_URL, url_of(path));
	curl_multi_add_handle(multi, easy);
}

int main(int argc, char **argv)
{
	long count = number_argument(argc, argv, 2, 2000), concurrency = number_argument(argc, argv, 3, 100);
	long begun = 0, ended = 0;
	struct answer *answers = calloc((size_t)concurrency, sizeof *answers);
	CURL **handles = calloc((size_t)concurrency, sizeof *handles);
	CURLM *multi = curl_multi_init();
	if (answers == NULL || handles == NULL || multi == NULL)
		fail("out of memory");
	curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, concurrency);
	begin();
	for (; begun < concurrency && begun < count; begun++) {
		handles[begun] = new_handle(&answers[begun]);
		curl_easy_setopt(handles[begun], CURLOPT_PRIVATE, &answers[begun]);
		curl_easy_setopt(handles[begun], CURLOPT_PIPEWAIT, 1L);
		start(multi, handles[begun], argv[1]);
	}
	while (ended < count) {
		int running, left;
		CURLMsg *message;
		curl_multi_perform(multi, &running);
		while ((message = curl_multi_info_read(multi, &left)) != NULL) {
			CURL *easy = message->easy_handle;
			expect_ok(easy, message->data.result);
			curl_multi_remove_handle(multi, easy);
			ended++;
			if (begun < count) {
				start(multi, easy, argv[1]);
				begun++;
			}
		}
		if (ended < count)
			curl_multi_poll(multi, NULL, 0, 1000, NULL);
	}
	report(ended);
	printf("answer=%ld\n", ended);
	for (long i = 0; i < concurrency; i++) {
		curl_easy_cleanup(handles[i]);
		free(answers[i].bytes);
	}
	curl_multi_cleanup(multi);
	free(handles);
	free(answers);
	return 0;
}
