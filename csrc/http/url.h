/*
** Builds request URLs (RFC 3986) and judges server URLs.
*/
#ifndef HTTP_URL_H
#define HTTP_URL_H

#include "base/buffer.h"

/* Bytes with a length; not ended by a NUL. */
struct url_value {
	const char *bytes;
	size_t length;
};

/* Appends `value` with every byte outside the unreserved set percent-encoded, "/" too. */
enum buffer_status url_append_encoded(struct buffer *out, struct url_value value);

/* Appends a path whose {name} segments are replaced by the encoded values, in order. */
enum buffer_status url_append_path(struct buffer *out, const char *path, const struct url_value *values);

/* Appends `name=value`, after "?" for the first parameter of the URL that starts at `out`, else after "&". */
enum buffer_status url_append_query(struct buffer *out, const char *name, struct url_value value);

/* What a request line names of an http URL: from the path on. */
const char *url_target(const char *url);

/* How many {name} segments a path has. */
size_t url_path_values(const char *path);

/* Does what is sent to this URL, which was checked, stay on this machine? */
bool url_is_loopback(const char *url);

/* NULL when requests may go to `server`, else what is wrong with it. Plain http is for loopback
   hosts only, unless `allow_insecure`. Uses libcurl's own URL parser. */
const char *url_check_server(const char *server, bool allow_insecure);

#endif
