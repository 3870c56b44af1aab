/*
** One easy handle of libcurl: what stays the same for every transfer of a
** client, what a transfer adds, and the callbacks. These append to capped
** buffers, return short on failure, and never see Lua.
*/
#ifndef HTTP_HANDLE_H
#define HTTP_HANDLE_H

#include "http/config.h"
#include "http/transfer.h"

struct handle {
	CURL *easy;
	struct transfer *transfer; /* that it works for, or NULL */
	bool gets;                 /* is set up for a GET over any connection */
	long timeout_ms;
	char error_text[CURL_ERROR_SIZE];
};

/* NULL when memory ends. */
struct handle *handle_new(const struct engine_config *config);
void handle_free(struct handle *handle);
/* Sets it up for the next attempt, on a connection of its own or any. CURLE_OK, or why an option could not be set. */
CURLcode handle_prepare(struct handle *handle, struct transfer *transfer, const struct engine_config *config);
/* Notes what libcurl knows of the attempt, of a success only where somebody asks for the measures. No pointer into the
   transfer is left. */
void handle_finish(struct handle *handle, CURLcode code, bool measures);
/* Can more than one request be on a connection with these settings? Only TLS tells in time. */
bool handle_may_multiplex(const struct engine_config *config);

#endif
