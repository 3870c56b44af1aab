#include "http/url.h"

#include <curl/curl.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

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

/* The host of a URL, in brackets where it is an IPv6 address; empty where there is none. */
static struct url_value host_of(const char *url)
{
	const char *host = strstr(url, "://");
	if (host == NULL)
		return (struct url_value){url, 0};
	host += strlen("://");
	size_t length = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?#");
	return (struct url_value){host, length};
}

static bool ends_in(struct url_value name, const char *end)
{
	size_t length = strlen(end);
	return name.length >= length && strncasecmp(name.bytes + name.length - length, end, length) == 0;
}

static bool is_loopback_ipv6(const char *text)
{
	static const unsigned char mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127};
	struct in6_addr address;
	return inet_pton(AF_INET6, text, &address) == 1 &&
	       (IN6_IS_ADDR_LOOPBACK(&address) || memcmp(&address, mapped, sizeof mapped) == 0);
}

/* By RFC 1122 3.2.1.3, RFC 4291 2.5.3 and RFC 6761 6.3. */
bool url_is_loopback(const char *url)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char address[4];
	struct url_value host = host_of(url);
	bool brackets = host.length > 2 && *host.bytes == '[';
	if (brackets)
		host = (struct url_value){host.bytes + 1, host.length - 2};
	else if (host.length > 0 && host.bytes[host.length - 1] == '.')
		host.length--;
	if (!brackets && (ends_in(host, ".localhost") || (host.length == 9 && ends_in(host, "localhost"))))
		return true;
	if (host.length >= sizeof text)
		return false;
	memcpy(text, host.bytes, host.length);
	text[host.length] = '\0';
	return brackets ? is_loopback_ipv6(text) : inet_pton(AF_INET, text, address) == 1 && address[0] == 127;
}

static bool is_number(const char *label, size_t length)
{
	bool hexadecimal = length > 1 && label[0] == '0' && (label[1] | 0x20) == 'x';
	size_t prefix = hexadecimal ? 2 : 0;
	size_t digits = strspn(label + prefix, hexadecimal ? "0123456789abcdefABCDEF" : "0123456789");
	return length > 0 && prefix + digits >= length;
}

/* A host whose last label is a number would be taken for an address, as in "127.1": it has to be a whole one. */
static bool is_half_an_address(const char *url)
{
	char text[INET_ADDRSTRLEN];
	unsigned char address[4];
	struct url_value host = host_of(url);
	size_t end = host.length, label = 0;
	if (end > 0 && host.bytes[end - 1] == '.')
		end--;
	for (size_t i = 0; i < end; i++)
		if (host.bytes[i] == '.')
			label = i + 1;
	if (!is_number(host.bytes + label, end - label))
		return false;
	snprintf(text, sizeof text, "%.*s", (int)host.length, host.bytes);
	return host.length >= sizeof text || inet_pton(AF_INET, text, address) != 1;
}

/* libcurl would take a name apart that it finds behind percent signs; those of an IPv6 address are its zone. */
static bool is_escaped(const char *url)
{
	struct url_value host = host_of(url);
	return *host.bytes != '[' && memchr(host.bytes, '%', host.length) != NULL;
}

static bool has_user(CURLU *url)
{
	char *part = NULL;
	bool found = curl_url_get(url, CURLUPART_USER, &part, 0) == CURLUE_OK ||
		     curl_url_get(url, CURLUPART_PASSWORD, &part, 0) == CURLUE_OK;
	curl_free(part);
	return found;
}

const char *url_check_server(const char *server, bool allow_insecure)
{
	bool https = strncasecmp(server, "https://", 8) == 0;
	for (const char *c = server; *c != '\0'; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c == 0x7f)
			return "must not hold spaces or control characters";
	if (!https && strncasecmp(server, "http://", 7) != 0)
		return "must begin with https:// (or http:// for a loopback host)";
	if (strpbrk(server, "?#") != NULL)
		return "must not hold a query or fragment";
	CURLU *url = curl_url();
	if (url == NULL)
		return "could not be checked: out of memory";
	bool parsed = curl_url_set(url, CURLUPART_URL, server, 0) == CURLUE_OK;
	bool user = parsed && has_user(url);
	curl_url_cleanup(url);
	if (user)
		return "must not hold a user name or password";
	if (!parsed || host_of(server).length == 0 || is_escaped(server))
		return "is not a URL like https://api.mistral.ai";
	if (is_half_an_address(server))
		return "names a host that is neither a name nor a whole IP address";
	if (!https && !allow_insecure && !url_is_loopback(server))
		return "would send the API key unencrypted; use https://, or set allow_insecure_http = true";
	return NULL;
}
