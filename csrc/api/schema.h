/*
** What the tables hold that are sent and answered: a name, a type, and what is
** below it, for each member. Requests are checked with it, the members that a
** caller picks from an answer too, and the reference and the type annotations
** are made from it. Everything here is constant; includes no Lua.
*/
#ifndef API_SCHEMA_H
#define API_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

struct schema;

/* A field has one of these types ... */
enum field_type {
	FIELD_ANY, /* any JSON value */
	FIELD_STRING,
	FIELD_UUID, /* a text that must be one, where a name is easily given instead */
	FIELD_INTEGER,
	FIELD_NANOSECONDS, /* an integer: since 1970; a Lua that cannot hold it has its digits */
	FIELD_NUMBER,
	FIELD_BOOLEAN,
	FIELD_TIME,   /* RFC 3339 date-time; a number of seconds since 1970 is written as one */
	FIELD_OBJECT, /* a table with names: those of `of`, any where there is none; in a query its JSON text */
	FIELD_TYPE = 0xf
};

/* ... and any of these marks. */
enum field_mark {
	FIELD_LIST = 0x10, /* a list of the type; in a query one value will do for a list of one */
	FIELD_MAP = 0x20,  /* a table with names of the caller's, whose values are of the type */
	FIELD_REQUIRED = 0x40,
	FIELD_NULLABLE = 0x80
};

/* A type by its name in the reference, and in words: one of it, many. */
extern const struct field_word {
	const char *name, *one, *many;
} field_words[];

/* A query parameter, or a member of a body or an answer. */
struct field {
	const char *name; /* NULL ends a list */
	unsigned type;    /* of enum field_type, with marks */
	const struct schema *of;
	const char *note; /* for the reference: format, range or meaning; may be NULL */
};

/* A table with names; or, where it has values, what a text or integer is known to be. */
struct schema {
	const char *name; /* in the reference and the types; NULL: it has none */
	const struct field *fields;
	const struct schema *base;            /* whose fields it has too */
	const struct schema *const *variants; /* ended by NULL: it is one of these */
	const char *const *values;            /* ended by NULL; others may come */
};

/* The field called `name` of a schema, its bases and variants, or NULL. The name may hold NUL. */
const struct field *schema_field(const struct schema *schema, const char *name, size_t length);

/* Goes from the value of a field to what is called `name` in it, and makes `place` the field of that; or returns false,
   `place` as it is, where nothing is. Lists are passed through: the names are those of their items. */
bool schema_step(struct field *place, const char *name, size_t length);

/* What an unknown name was probably meant for. */
enum hint_kind {
	HINT_NONE,
	HINT_NAME,   /* for `name` */
	HINT_MEMBER, /* it goes into the table `name` */
	HINT_INPUT,  /* perhaps for what the workflow gets, which has a table of its own */
	HINT_OPTION  /* it is an option of the call */
};

struct hint {
	enum hint_kind kind;
	const char *name;
};

/* `outermost`: the schema is that of a whole request, beside which a call has options. */
struct hint schema_hint(const struct schema *schema, const char *unknown, bool outermost);

/* The edit distance between two names, at most `limit` + 1. */
size_t schema_distance(const char *a, const char *b, size_t limit);

#endif
