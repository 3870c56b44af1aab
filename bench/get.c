/* get PATH COUNT: sequential GETs with one easy handle; the answers are not decoded. */
#include "bench.h"

int main(int argc, char **argv)
{
	struct answer answer = {0};
	long count = number_argument(argc, argv, 2, 1);
	CURL *easy = new_handle(&answer);
	begin();
	for (long i = 0; i < count; i++) {
		answer.length = 0;
		curl_easy_setopt(easy, CURLOPT_URL, url_of(argv[1]));
		expect_ok(easy, curl_easy_perform(easy));
	}
	report(count);
	curl_easy_cleanup(easy);
	free(answer.bytes);
	return 0;
}
