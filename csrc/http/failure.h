/*
** Says what a failed transfer means to a caller: the one place where libcurl's
** codes and our own ends become the library's error kinds, and that names them.
** Texts are static, or live in the transfer.
*/
#ifndef HTTP_FAILURE_H
#define HTTP_FAILURE_H

#include "http/transfer.h"

struct failure {
	const char *kind;   /* connect, timeout, network, http, decode, too_large, cancelled */
	const char *phase;  /* of a timeout: connect or response; else NULL */
	const char *reason; /* what was too large, or is not what was promised; of "connect": what will fail again; or
			       NULL */
	/* A port may not speak what is expected: "plain http" instead of TLS; "tls", it sent what is no HTTP;
	   "nothing", it closed without a byte. Or "refused": an HTTP/2 server did not take the request. Or NULL. */
	const char *hint;
	const char *name;    /* libcurl's name of the code (CURLE_...), or NULL */
	const char *message; /* what libcurl says, or would say; NULL without a name */
	CURLcode code;       /* that of the name */
	size_t limit;        /* in bytes, of what was too large */
	bool unsent;         /* the service has not acted: nothing of the request reached it, or it was refused */
	bool is_about_trust; /* which certificates are trusted matters */
};

/* For a transfer that is done and did not succeed. */
struct failure failure_of(const struct transfer *transfer);

#endif
