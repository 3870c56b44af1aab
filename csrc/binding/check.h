/*
** A request that is being built, and the arguments of the caller compared with
** the schema that they must fit. Steps return false once something is wrong:
** `status` then says of which kind, and the message is at the top of the stack,
** over whatever the steps left there; request_build puts that in order.
*/
#ifndef BINDING_CHECK_H
#define BINDING_CHECK_H

#include "api/schema.h"
#include "base/rfc3339.h"
#include "http/transfer.h"
#include "lua/compat.h"
#include "json/number.h"

#define CHECK_PATH_SIZE 256

enum request_status {
	REQUEST_BUILT,
	REQUEST_MISUSE, /* a fault of the program: a type, an unknown or missing name */
	REQUEST_INVALID /* a value that cannot be sent */
};

struct builder {
	lua_State *L;
	struct transfer *transfer;
	bool open; /* unknown names pass */
	enum request_status status;
	char path[CHECK_PATH_SIZE]; /* of the value that is looked at, as "schedule.calendars[1]"; cut where it is
				       longer */
	size_t path_length;
};

/* The message at the top is about the program; about a value that cannot be sent. */
bool check_misuse(struct builder *b);
bool check_invalid(struct builder *b);
/* Did the buffer take it? Raises where memory ended. */
bool check_took(struct builder *b, enum buffer_status status, const char *what);

/* The path goes down to a member, or to an item of a list; what is returned leads back. */
size_t check_enter(struct builder *b, const char *name);
size_t check_enter_item(struct builder *b, int index);
void check_leave(struct builder *b, size_t way_back);

bool check_is_null(lua_State *L, int index);
bool check_is_integer(lua_State *L, int index);
/* The value at `index` has the type of the field, or of an item or value of it where it is a list or map. */
bool check_has_type(lua_State *L, int index, const struct field *field);
/* The keys of the table are names that the schema has; any names where any may pass. */
bool check_names(struct builder *b, int table, const struct schema *schema);

/* Writes an integer that a number holds; returns the length of the text. */
size_t check_format_integer(lua_State *L, int index, char text[JSON_NUMBER_SIZE]);
/* Writes a number of seconds since 1970 as a date-time. */
bool check_format_time(struct builder *b, int index, char text[RFC3339_SIZE]);

/* [-0, +1, m] what the value at `index` is: "a number" */
const char *check_push_actual(lua_State *L, int index);
/* [-0, +1, m] what a table of the schema may look like: ", as { name = ... }"; empty where no member stands out */
const char *check_push_shape(lua_State *L, const struct schema *schema, bool is_list);
/* [-0, +1, m] what the reference says of a field: " (1 to 1000)"; empty where it says nothing */
const char *check_push_note(lua_State *L, const struct field *field);

bool check_refuse_type(struct builder *b, const struct field *field, int index);
bool check_refuse_item(struct builder *b, const struct field *field, int index, int item);

#endif
