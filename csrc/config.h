/*
** Client-wide options of the C core. Includes no Lua.
*/
#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>
#include <stddef.h>

/* Strings are owned by the config; NULL means libcurl's default, but server_url is always there. */
struct engine_config {
	char *server_url;
	char *user_agent;
	char *proxy;
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
};

#endif
