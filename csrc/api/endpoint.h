/*
** The endpoint table: one row per operation of the Workflows REST API, and
** the only place that knows any of them. Requests, argument checks, paging,
** retries, the Lua methods, the reference and the type annotations are all
** made from these rows. Everything here is constant; includes no Lua.
*/
#ifndef API_ENDPOINT_H
#define API_ENDPOINT_H

#include "api/schema.h"

#define ENDPOINT_MAX_PATH_VALUES 1
#define ENDPOINT_BATCH_MEMBERS 2

enum response_kind { RESPONSE_JSON, RESPONSE_NONE, RESPONSE_EVENTS };

/* May the request be sent again when it is unknown whether the first one was acted upon? */
enum repeat_rule {
	REPEAT_SAFE,
	REPEAT_NEVER,
	REPEAT_ASK_FIRST /* only with an execution_id, and after asking whether it exists */
};

/* How a list is paged: names of the cursor and page size parameters, and of the answer's members. */
struct paging {
	const char *cursor; /* NULL: not a paged list */
	const char *size;
	const char *items;
	const char *next;
	int default_size;          /* sent when the caller names none; 0: nothing is sent */
	bool cursor_holds_filters; /* later pages send only the cursor and the page size */
};

struct endpoint {
	const char *name;     /* the function in mistral.workflows.core */
	const char *resource; /* the field of the client; "" for the client itself */
	const char *verb;     /* the method of the resource */
	const char *method;
	const char *path; /* a {name} segment takes a value */
	const char *summary;
	struct schema query;
	const struct schema
		*body; /* of the JSON object that is sent, `{}` when the caller gives none; NULL: nothing is */
	const struct schema *answer; /* of the answer, or of each event; NULL: any JSON, or none */
	struct paging paging;
	const char *batch_answer[ENDPOINT_BATCH_MEMBERS]; /* its members that are joined over requests */
	const char *batch;  /* the body member that holds up to 100 ids; the method takes a plain list */
	const char *resume; /* event streams: the query parameter that resumes one */
	enum response_kind response;
	enum repeat_rule repeat;
};

extern const struct endpoint endpoint_table[];
extern const size_t endpoint_count;

/* The row with this name, or NULL. */
const struct endpoint *endpoint_find(const char *name);

/* What each item of a paged list holds, or else the answer; NULL: any JSON. */
const struct schema *endpoint_item(const struct endpoint *row);

/* True when `value` cannot stand in place of the first path value of `row`,
   because the service routes /v1/workflows/<value> to another operation. */
bool endpoint_is_reserved(const struct endpoint *row, const char *value);

#endif
