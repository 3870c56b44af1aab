/* walk PAGES: pages of 1,000 registrations, each parsed by cJSON into a tree. */
#include "bench.h"

#include <cjson/cJSON.h>

int main(int argc, char **argv)
{
	struct answer answer = {0};
	long pages = number_argument(argc, argv, 1, 100), items = 0;
	char path[512] = "/v1/workflows/registrations?limit=1000";
	CURL *easy = new_handle(&answer);
	begin();
	for (long i = 0; i < pages; i++) {
		answer.length = 0;
		curl_easy_setopt(easy, CURLOPT_URL, url_of(path));
		expect_ok(easy, curl_easy_perform(easy));
		cJSON *page = cJSON_ParseWithLength(answer.bytes, answer.length);
		const cJSON *list = cJSON_GetObjectItemCaseSensitive(page, "workflow_registrations"), *item;
		cJSON_ArrayForEach(item, list) items++;
		char *cursor = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(page, "next_cursor"));
		char *escaped = cursor != NULL ? curl_easy_escape(easy, cursor, 0) : NULL;
		snprintf(path, sizeof path, "/v1/workflows/registrations?limit=1000&cursor=%s",
			escaped != NULL ? escaped : "");
		curl_free(escaped);
		cJSON_Delete(page);
		if (cursor == NULL)
			break;
	}
	report(items);
	curl_easy_cleanup(easy);
	free(answer.bytes);
	return 0;
}
