#include "http/handle.h"

#include "http/url.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define RECEIVE_BUFFER 32768L
#define IDLE_CONNECTION_SECONDS 55L
#define LEAST_TLS ((long)CURL_SSLVERSION_TLSv1_2)

#define TRY(call)                                                                                                      \
	do {                                                                                                           \
		CURLcode code_ = (call);                                                                               \
		if (code_ != CURLE_OK)                                                                                 \
			return code_;                                                                                  \
	} while (0)

/* CURLOPT_WRITEFUNCTION: runs inside libcurl. */
static size_t on_body(char *bytes, size_t size, size_t length, void *user)
{
	(void)size; /* always 1 */
	return transfer_add_body(((struct handle *)user)->transfer, bytes, length);
}

/* CURLOPT_HEADERFUNCTION: runs inside libcurl. */
static size_t on_header(char *line, size_t size, size_t length, void *user)
{
	(void)size; /* always 1 */
	return transfer_add_line(((struct handle *)user)->transfer, line, length);
}

/* CURLOPT_READFUNCTION: runs inside libcurl. There is no seek function on purpose: see set_body. */
static size_t on_send(char *target, size_t size, size_t room, void *user)
{
	struct transfer *transfer = ((struct handle *)user)->transfer;
	(void)size; /* always 1 */
	size_t left = transfer->request_body.length - transfer->body_sent;
	size_t length = left < room ? left : room;
	if (length > 0)
		memcpy(target, transfer->request_body.data + transfer->body_sent, length);
	transfer->body_sent += length;
	return length;
}

/* CURLOPT_RESOLVER_START_FUNCTION: runs inside libcurl. */
static int on_resolve(void *resolver, void *reserved, void *user)
{
	(void)resolver;
	(void)reserved;
	((struct handle *)user)->transfer->left_queue = true;
	return 0;
}

/* The options that say which certificates are trusted, of the server or of a proxy that is reached over TLS. */
struct trust_options {
	CURLoption version, peer, host, ca_file, ca_path;
};

static CURLcode set_trust(CURL *easy, const struct engine_config *config, struct trust_options options)
{
	TRY(curl_easy_setopt(easy, options.version, LEAST_TLS));
	TRY(curl_easy_setopt(easy, options.peer, config->insecure ? 0L : 1L));
	TRY(curl_easy_setopt(easy, options.host, config->insecure ? 0L : 2L));
	if (config->ca_file != NULL || config->ca_path != NULL)
		TRY(curl_easy_setopt(easy, options.ca_file, config->ca_file));
	/* Without a directory libcurl may keep the parsed bundle for all connections of the multi handle. */
	return curl_easy_setopt(easy, options.ca_path, config->ca_path);
}

static CURLcode set_tls(CURL *easy, const struct engine_config *config)
{
	static const struct trust_options server = {
		CURLOPT_SSLVERSION, CURLOPT_SSL_VERIFYPEER, CURLOPT_SSL_VERIFYHOST, CURLOPT_CAINFO, CURLOPT_CAPATH};
	static const struct trust_options proxy = {CURLOPT_PROXY_SSLVERSION, CURLOPT_PROXY_SSL_VERIFYPEER,
		CURLOPT_PROXY_SSL_VERIFYHOST, CURLOPT_PROXY_CAINFO, CURLOPT_PROXY_CAPATH};
	TRY(set_trust(easy, config, server));
	TRY(set_trust(easy, config, proxy));
	TRY(curl_easy_setopt(easy, CURLOPT_SSLCERT, config->client_cert));
	return curl_easy_setopt(easy, CURLOPT_SSLKEY, config->client_key);
}

static bool is_plain(const struct engine_config *config)
{
	return strncasecmp(config->server_url, "http:", 5) == 0;
}

bool handle_may_multiplex(const struct engine_config *config)
{
	return !is_plain(config) && config->http_version != CURL_HTTP_VERSION_1_1;
}

/* Is the request for a proxy, which has to be told the whole URL? A tunnel is none of those. */
static bool names_whole_url(const struct engine_config *config)
{
	return is_plain(config) && (config->proxy == NULL || *config->proxy != '\0');
}

static CURLcode set_up(struct handle *handle, const struct engine_config *config)
{
	CURL *easy = handle->easy;
	TRY(curl_easy_setopt(easy, CURLOPT_PRIVATE, handle));
	TRY(curl_easy_setopt(easy, CURLOPT_WRITEDATA, handle));
	TRY(curl_easy_setopt(easy, CURLOPT_HEADERDATA, handle));
	TRY(curl_easy_setopt(easy, CURLOPT_READDATA, handle));
	TRY(curl_easy_setopt(easy, CURLOPT_RESOLVER_START_DATA, handle));
	TRY(curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, handle->error_text));
	TRY(curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L));
	TRY(curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L));
	TRY(curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https"));
	TRY(curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L));
	TRY(curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L));
	TRY(curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body));
	TRY(curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header));
	TRY(curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_send));
	TRY(curl_easy_setopt(easy, CURLOPT_RESOLVER_START_FUNCTION, on_resolve));
	TRY(curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, RECEIVE_BUFFER));
	TRY(curl_easy_setopt(easy, CURLOPT_URL, config->server_url));
	TRY(curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, ""));
	TRY(curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, config->http_version));
	TRY(curl_easy_setopt(easy, CURLOPT_PIPEWAIT, handle_may_multiplex(config) ? 1L : 0L));
	TRY(curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, config->connect_timeout_ms));
	TRY(curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, IDLE_CONNECTION_SECONDS));
	TRY(curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L));
	if (config->proxy != NULL)
		TRY(curl_easy_setopt(easy, CURLOPT_PROXY, config->proxy));
	if (config->no_proxy != NULL)
		TRY(curl_easy_setopt(easy, CURLOPT_NOPROXY, config->no_proxy));
	return set_tls(easy, config);
}

struct handle *handle_new(const struct engine_config *config)
{
	struct handle *handle = calloc(1, sizeof *handle);
	if (handle == NULL)
		return NULL;
	handle->easy = curl_easy_init();
	if (handle->easy != NULL && set_up(handle, config) == CURLE_OK)
		return handle;
	handle_free(handle);
	return NULL;
}

void handle_free(struct handle *handle)
{
	curl_easy_cleanup(handle->easy); /* nothing for NULL */
	free(handle);
}

/*
** libcurl sends a request again by itself when a reused connection closes
** before the first response byte. Where that could act twice, a body comes from
** a read function that cannot be rewound, which makes libcurl give up instead
** (CURLE_SEND_FAIL_REWIND), and a request without a body gets a new connection.
*/
static CURLcode set_body(struct handle *handle)
{
	CURL *easy = handle->easy;
	const struct transfer *transfer = handle->transfer;
	bool alone = transfer->alone;
	bool repeatable = transfer->repeat == REPEAT_SAFE;
	bool empty = transfer->request_body.length == 0;
	bool fresh = alone || (!repeatable && empty), get = strcmp(transfer->endpoint->method, "GET") == 0;
	if (handle->gets && get && !fresh)
		return CURLE_OK;
	handle->gets = false;
	TRY(curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L));
	TRY(curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, alone ? 1L : 0L));
	/* Connections are shared where all options of TLS are the same: nobody comes along that names no highest
	 * version. */
	TRY(curl_easy_setopt(easy, CURLOPT_SSLVERSION, LEAST_TLS | (alone ? CURL_SSLVERSION_MAX_TLSv1_3 : 0L)));
	if (get) {
		handle->gets = !fresh;
		TRY(curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, NULL));
		return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	}
	TRY(curl_easy_setopt(easy, CURLOPT_POST, 1L));
	TRY(curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, transfer->endpoint->method));
	TRY(curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->request_body.length));
	const char *fields = empty ? "" : transfer->request_body.data;
	return curl_easy_setopt(easy, CURLOPT_POSTFIELDS, repeatable || empty ? fields : NULL);
}

/* Of the time that the attempt may take, in milliseconds; 0: none is set. */
static long time_left(const struct transfer *transfer)
{
	if (transfer_is_stream(transfer) || transfer->timeout_ms == 0)
		return 0;
	long left = transfer->timeout_ms - (long)(transfer->waited * 1000);
	return left > 1 ? left : 1;
}

CURLcode handle_prepare(struct handle *handle, struct transfer *transfer, const struct engine_config *config)
{
	CURL *easy = handle->easy;
	bool stream = transfer_is_stream(transfer);
	long timeout_ms = time_left(transfer);
	handle->transfer = transfer;
	handle->error_text[0] = '\0';
	if (names_whole_url(config))
		TRY(curl_easy_setopt(easy, CURLOPT_URL, transfer->url.data));
	else
		TRY(curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, url_target(transfer->url.data)));
	if (timeout_ms != handle->timeout_ms)
		TRY(curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms));
	handle->timeout_ms = timeout_ms;
	if (stream)
		TRY(curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, NULL));
	TRY(set_body(handle));
	return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer_header(transfer, config));
}

/* When this was done, in seconds since the start of the attempt; 0: it was not. */
static double seconds(const struct transfer *transfer, CURLINFO which)
{
	curl_off_t microseconds = 0;
	curl_easy_getinfo(transfer->easy, which, &microseconds);
	return microseconds > 0 ? transfer->waited + (double)microseconds / 1e6 : 0;
}

/* What libcurl says of the request's size counts the body, too: what went out together with the header, and since 8.7
   all of it. */
static bool has_counted_body(const struct transfer *transfer, curl_off_t request, curl_off_t body)
{
	bool counts = curl_version_info(CURLVERSION_NOW)->version_num >= 0x080700 || transfer->repeat == REPEAT_SAFE;
	return counts && request > body;
}

static void note_measures(struct transfer *transfer, CURL *easy)
{
	struct transfer_timings *timings = &transfer->timings;
	long request = 0, response_header = 0;
	timings->dns = seconds(transfer, CURLINFO_NAMELOOKUP_TIME_T);
	timings->connect = seconds(transfer, CURLINFO_CONNECT_TIME_T);
	timings->tls = seconds(transfer, CURLINFO_APPCONNECT_TIME_T);
	timings->pretransfer = seconds(transfer, CURLINFO_PRETRANSFER_TIME_T);
	timings->first_byte = seconds(transfer, CURLINFO_STARTTRANSFER_TIME_T);
	timings->total = seconds(transfer, CURLINFO_TOTAL_TIME_T);
	curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &timings->bytes_in);
	curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &timings->bytes_out);
	curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &request);
	curl_easy_getinfo(easy, CURLINFO_HEADER_SIZE, &response_header);
	timings->bytes_in += response_header;
	timings->bytes_out =
		request + (has_counted_body(transfer, request, timings->bytes_out) ? 0 : timings->bytes_out);
	curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &transfer->verify_result);
	curl_easy_getinfo(easy, CURLINFO_PROXY_SSL_VERIFYRESULT, &transfer->proxy_verify_result);
	curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &transfer->proxy_status);
}

void handle_finish(struct handle *handle, CURLcode code, bool measures)
{
	struct transfer *transfer = handle->transfer;
	curl_easy_getinfo(handle->easy, CURLINFO_HTTP_VERSION, &transfer->timings.http_version);
	curl_easy_getinfo(handle->easy, CURLINFO_NUM_CONNECTS, &transfer->timings.new_connections);
	if (measures || code != CURLE_OK) {
		note_measures(transfer, handle->easy);
		/* libcurl tells of the time that it had */
		if (code != CURLE_OPERATION_TIMEDOUT || transfer->waited <= 0)
			memcpy(transfer->error_text, handle->error_text, sizeof transfer->error_text);
	}
	curl_easy_setopt(handle->easy, CURLOPT_HTTPHEADER, NULL);
	if (!handle->gets)
		curl_easy_setopt(handle->easy, CURLOPT_POSTFIELDS, NULL);
	if (transfer_is_stream(transfer))
		curl_easy_setopt(handle->easy, CURLOPT_ACCEPT_ENCODING, "");
	handle->transfer = NULL;
}
