/* The words that the tables of this folder are written in. */
#ifndef API_WORDS_H
#define API_WORDS_H

#include "api/schemas.h"

/* What a table does not say is zero. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define FIELDS(...) ((const struct field[]){__VA_ARGS__, {NULL}})
#define QUERY(...)                                                                                                     \
	{                                                                                                              \
		.fields = FIELDS(__VA_ARGS__)                                                                          \
	}
#define VALUES(...) ((const char *const[]){__VA_ARGS__, NULL})

#define ANY FIELD_ANY
#define STRING FIELD_STRING
#define UUID FIELD_UUID
#define INTEGER FIELD_INTEGER
#define NANOSECONDS FIELD_NANOSECONDS
#define NUMBER FIELD_NUMBER
#define BOOLEAN FIELD_BOOLEAN
#define TIME FIELD_TIME
#define OBJECT FIELD_OBJECT
#define LIST FIELD_LIST |
#define MAP FIELD_MAP |
#define REQUIRED | FIELD_REQUIRED
#define NULLABLE | FIELD_NULLABLE

#endif
