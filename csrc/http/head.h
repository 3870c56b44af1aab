/*
** What is kept of a response's header: status and the few fields that matter.
** Fed line by line by libcurl; a status line after 1xx starts afresh, so that
** the final response remains. A field or trailer that looks like a status line
** is none. Owns nothing.
*/
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define HEAD_VALUE_SIZE 200
#define HEAD_SHORT_SIZE 64
#define HEAD_LOCATION_SIZE 512
#define HEAD_MAX_BYTES ((size_t)256 * 1024)

struct head {
	int status;   /* 0 before the first status line */
	bool ended;   /* the empty line after the fields has come */
	bool framed;  /* the end of the body is marked, and is not just the end of the connection */
	size_t bytes; /* of all header lines so far */
	char content_type[HEAD_VALUE_SIZE]; /* "" when the field was absent; so with all of these */
	char content_encoding[HEAD_SHORT_SIZE];
	char request_id[HEAD_VALUE_SIZE];
	int request_id_rank; /* of the field it is from */
	char retry_after[HEAD_VALUE_SIZE];
	char date[HEAD_SHORT_SIZE];
	char location[HEAD_LOCATION_SIZE];
};

/* Takes one header line with its line end. False when the header grew past HEAD_MAX_BYTES. */
bool head_line(struct head *head, const char *line, size_t length);

/* Is the body of this media type, whatever its parameters? */
bool head_has_type(const struct head *head, const char *type);
/* Does a content encoding stand between the body and what it says? */
bool head_is_packed(const struct head *head);

/* When the answer was made by the server's clock, -1 where it does not say. */
time_t head_date(const struct head *head);

/* The seconds that Retry-After asks for (RFC 9110 section 10.2.3: seconds or an HTTP date), -1 for none or nonsense. A
   date is meant by the server's own clock, which Date tells; `now` is for answers without one. */
double head_retry_after(const struct head *head, time_t now);

#endif
