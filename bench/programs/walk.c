/*
** walk PAGES SIZE [receive]: pages of registrations, each parsed by cJSON into a tree;
** with `receive`, the pages are only received, and their cursor is found in the text.
*/
#include "bench.h"

#include <cjson/cJSON.h>

static char last_id[64], cursor[256];

static void copy(char *target, size_t size, const char *text)
{
	snprintf(target, size, "%s", text != NULL ? text : "");
}

/* Returns the number of items, and keeps the last one's id and the cursor. */
static long parse(const struct answer *answer)
{
	cJSON *page = cJSON_ParseWithLength(answer->bytes, answer->length);
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(page, "workflow_registrations"), *item, *last = NULL;
	long items = 0;
	cJSON_ArrayForEach(item, list)
	{
		items++;
		last = item;
	}
	copy(last_id, sizeof last_id, cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(last, "id")));
	copy(cursor, sizeof cursor, cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(page, "next_cursor")));
	cJSON_Delete(page);
	return items;
}

static void find_cursor(const struct answer *answer)
{
	static const char name[] = "\"next_cursor\":\"";
	const char *found = memmem(answer->bytes, answer->length, name, sizeof name - 1);
	cursor[0] = '\0';
	if (found == NULL)
		return;
	found += sizeof name - 1;
	snprintf(cursor, sizeof cursor, "%.*s", (int)strcspn(found, "\""), found);
}

int main(int argc, char **argv)
{
	struct answer answer = {0};
	long pages = number_argument(argc, argv, 1, 100), size = number_argument(argc, argv, 2, 1000), items = 0;
	int only_receive = argc > 3;
	char path[512], digits[32];
	CURL *easy = new_handle(&answer);
	snprintf(path, sizeof path, "/v1/workflows/registrations?limit=%ld", size);
	begin();
	for (long i = 0; i < pages; i++) {
		answer.length = 0;
		curl_easy_setopt(easy, CURLOPT_URL, url_of(path));
		expect_ok(easy, curl_easy_perform(easy));
		if (only_receive)
			find_cursor(&answer);
		items += only_receive ? size : parse(&answer);
		if (cursor[0] == '\0')
			break;
		char *escaped = curl_easy_escape(easy, cursor, 0);
		snprintf(path, sizeof path, "/v1/workflows/registrations?limit=%ld&cursor=%s", size, escaped);
		curl_free(escaped);
	}
	report(items);
	snprintf(digits, sizeof digits, "%ld", items);
	if (!only_receive)
		answer_is(digits, last_id);
	curl_easy_cleanup(easy);
	free(answer.bytes);
	return 0;
}
