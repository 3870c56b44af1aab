/*
** Client-wide options of the C core.
*/
#ifndef HTTP_CONFIG_H
#define HTTP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

/* The options that are texts, under the names they have in Lua: X(name) for each. NULL means libcurl's default;
   server_url and user_agent, which is the whole header line, are always there; proxy "" is none, NULL what the
   environment says. */
#define ENGINE_STRINGS(X)                                                                                              \
	X(server_url)                                                                                                  \
	X(user_agent)                                                                                                  \
	X(proxy)                                                                                                       \
	X(no_proxy)                                                                                                    \
	X(ca_file)                                                                                                     \
	X(ca_path)                                                                                                     \
	X(client_cert)                                                                                                 \
	X(client_key)

/* Owns its strings; see engine_free_config. */
struct engine_config {
#define DECLARE(name) char *name;
	ENGINE_STRINGS(DECLARE)
#undef DECLARE
	long connect_timeout_ms;
	long max_connections;
	long http_version; /* CURL_HTTP_VERSION_* */
	size_t max_response_bytes;
	bool insecure;
	bool measures; /* of each attempt: times, sizes */
	bool gzip;     /* libcurl can take answers apart that are packed so */
};

#endif
