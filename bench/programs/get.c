/* get PATH COUNT: sequential GETs with one easy handle; cJSON makes a tree of each answer. */
#include "bench.h"

#include <cjson/cJSON.h>

int main(int argc, char **argv)
{
	struct answer answer = {0};
	cJSON *tree = NULL;
	long count = number_argument(argc, argv, 2, 1);
	CURL *easy = new_handle(&answer);
	begin();
	for (long i = 0; i < count; i++) {
		cJSON_Delete(tree);
		answer.length = 0;
		curl_easy_setopt(easy, CURLOPT_URL, url_of(argv[1]));
		expect_ok(easy, curl_easy_perform(easy));
		tree = cJSON_Parse(answer.bytes);
	}
	report(count);
	answer_is(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tree, "execution_id")),
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tree, "status")));
	cJSON_Delete(tree);
	curl_easy_cleanup(easy);
	free(answer.bytes);
	return 0;
}
