/*
** Client-wide options of the C core. Includes no Lua.
*/
#ifndef HTTP_CONFIG_H
#define HTTP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

/* Strings are owned by the config; NULL means libcurl's default, but server_url and user_agent are always there. */
struct engine_config {
	char *server_url;
	char *user_agent; /* the header line */
	char *proxy;      /* "": none, NULL: as the environment says */
	char *no_proxy;
	char *ca_file;
	char *ca_path;
	char *client_cert;
	char *client_key;
	long connect_timeout_ms;
	long max_connections;
	long http_version; /* CURL_HTTP_VERSION_* */
	size_t max_response_bytes;
	bool insecure;
	bool gzip; /* libcurl can take answers apart that are packed so */
};

#endif
