#include "http/url.h"

#include <curl/curl.h>

#include <string.h>

#define TRY(call)                                                                                                      \
	do {                                                                                                           \
		enum buffer_status status_ = (call);                                                                   \
		if (status_ != BUFFER_OK)                                                                              \
			return status_;                                                                                \
	} while (0)

static bool is_unreserved(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
	       c == '_' || c == '~';
}

enum buffer_status url_append_encoded(struct buffer *out, struct url_value value)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t start = 0;
	for (size_t i = 0; i < value.length; i++) {
		unsigned char c = (unsigned char)value.bytes[i];
		if (is_unreserved(c))
			continue;
		const char escape[3] = {'%', digits[c >> 4], digits[c & 15]};
		TRY(buffer_append(out, value.bytes + start, i - start));
		TRY(buffer_append(out, escape, sizeof escape));
		start = i + 1;
	}
	return buffer_append(out, value.bytes + start, value.length - start);
}

enum buffer_status url_append_path(struct buffer *out, const char *path, const struct url_value *values)
{
	for (;;) {
		const char *brace = strchr(path, '{');
		if (brace == NULL)
			return buffer_append_text(out, path);
		TRY(buffer_append(out, path, (size_t)(brace - path)));
		TRY(url_append_encoded(out, *values++));
		path = strchr(brace, '}') + 1;
	}
}

enum buffer_status url_append_query(struct buffer *out, const char *name, struct url_value value)
{
	const struct url_value key = {name, strlen(name)};
	bool first = memchr(out->data, '?', out->length) == NULL;
	TRY(buffer_append(out, first ? "?" : "&", 1));
	TRY(url_append_encoded(out, key));
	TRY(buffer_append(out, "=", 1));
	return url_append_encoded(out, value);
}

const char *url_target(const char *url)
{
	const char *scheme = strstr(url, "://");
	const char *host = scheme == NULL ? url : scheme + 3;
	return host + strcspn(host, "/");
}

size_t url_path_values(const char *path)
{
	size_t count = 0;
	while ((path = strchr(path, '{')) != NULL) {
		count++;
		path++;
	}
	return count;
}

static bool is_loopback(const char *host)
{
	size_t length = strlen(host);
	if (strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
		return true;
	if (length > 10 && strcmp(host + length - 10, ".localhost") == 0)
		return true;
	return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == length;
}

static const char *check_parts(CURLU *url, bool allow_insecure)
{
	char *part = NULL;
	const char *problem = NULL;
	if (curl_url_get(url, CURLUPART_USER, &part, 0) == CURLUE_OK ||
		curl_url_get(url, CURLUPART_PASSWORD, &part, 0) == CURLUE_OK)
		problem = "must not hold a user name or password";
	else if (curl_url_get(url, CURLUPART_QUERY, &part, 0) == CURLUE_OK ||
		 curl_url_get(url, CURLUPART_FRAGMENT, &part, 0) == CURLUE_OK)
		problem = "must not hold a query or fragment";
	curl_free(part);
	if (problem != NULL)
		return problem;

	char *scheme = NULL, *host = NULL;
	if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
		(strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0))
		problem = "must begin with https:// (or http:// for a loopback host)";
	else if (curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		problem = "names no host";
	else if (strcmp(scheme, "http") == 0 && !allow_insecure && !is_loopback(host))
		problem = "would send the API key unencrypted; use https://, or set allow_insecure_http = true";
	curl_free(scheme);
	curl_free(host);
	return problem;
}

const char *url_check_server(const char *server, bool allow_insecure)
{
	for (const char *c = server; *c != '\0'; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c == 0x7f)
			return "must not hold spaces or control characters";
	CURLU *url = curl_url();
	if (url == NULL)
		return "could not be checked: out of memory";
	const char *problem = curl_url_set(url, CURLUPART_URL, server, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK
				      ? check_parts(url, allow_insecure)
				      : "is not a URL like https://api.mistral.ai";
	curl_url_cleanup(url);
	return problem;
}
