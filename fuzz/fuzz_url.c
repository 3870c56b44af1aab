/*
** URL building: whatever a value holds, the URL keeps its shape, libcurl's
** parser accepts it, and decoding gives the value back.
*/
#include "http/url.h"

#include <curl/curl.h>

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SERVER "https://api.example"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length);

static void check_decoded(const char *encoded, size_t size, struct url_value value)
{
	int decoded_length = 0;
	if (size == 0) { /* to libcurl a length of 0 means "up to the NUL" */
		assert(value.length == 0);
		return;
	}
	char *decoded = curl_easy_unescape(NULL, encoded, (int)size, &decoded_length);
	assert(decoded != NULL && (size_t)decoded_length == value.length);
	assert(value.length == 0 || memcmp(decoded, value.bytes, value.length) == 0);
	curl_free(decoded);
}

/* A server that the key may be sent to in the clear is one for libcurl, too. */
static void check_host(const char *server)
{
	char *host = NULL;
	CURLU *url = curl_url();
	assert(curl_url_set(url, CURLUPART_URL, server, 0) == CURLUE_OK);
	assert(curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK);
	size_t length = strlen(host);
	if (length > 0 && host[length - 1] == '.')
		host[--length] = '\0';
	assert(strncasecmp(server, "https:", 6) == 0 || *host == '[' || strncmp(host, "127.", 4) == 0 ||
		(length >= 9 && strcasecmp(host + length - 9, "localhost") == 0));
	curl_free(host);
	curl_url_cleanup(url);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
	static const char prefix[] = SERVER "/v1/workflows/";
	size_t half = length / 2;
	struct url_value id = {(const char *)input, half}, query = {(const char *)input + half, length - half};
	struct buffer url = {.limit = 1 << 20};
	assert(buffer_append_text(&url, SERVER) == BUFFER_OK);
	assert(url_append_path(&url, "/v1/workflows/{id}/execute", &id) == BUFFER_OK);
	assert(url_append_query(&url, "search", query) == BUFFER_OK);
	assert(buffer_terminate(&url) == BUFFER_OK);

	const char *path = url.data + sizeof prefix - 1;
	size_t size = strcspn(path, "/");
	check_decoded(path, size, id);
	assert(strncmp(path + size, "/execute?search=", 16) == 0);
	check_decoded(path + size + 16, strlen(path + size + 16), query);
	buffer_free(&url);

	char *text = malloc(length + 1);
	assert(text != NULL);
	memcpy(text, input, length);
	text[length] = '\0';
	if (url_check_server(text, length % 2 == 0) == NULL && length % 2 != 0)
		check_host(text);
	free(text);
	return 0;
}
