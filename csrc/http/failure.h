/*
** Says what a failed transfer means to a caller: one place where libcurl's
** codes become the library's error kinds. Texts are static, or live in the
** transfer; includes no Lua.
*/
#ifndef HTTP_FAILURE_H
#define HTTP_FAILURE_H

#include "http/transfer.h"

struct failure {
	const char *kind;    /* connect, timeout, network, http, too_large, cancelled */
	const char *phase;   /* of a timeout: connect or response; else NULL */
	const char *reason;  /* what was too large; of "connect": what will fail again; or NULL */
	const char *name;    /* libcurl's name of the code (CURLE_...), or NULL */
	const char *message; /* libcurl's text, or NULL */
	bool unsent;         /* nothing of the request can have reached the service */
};

/* For a transfer that is done and did not succeed. */
struct failure failure_of(const struct transfer *transfer);

#endif
