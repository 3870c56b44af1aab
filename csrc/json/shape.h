/*
** What is wanted of a JSON text: a tree of names, for members of members.
** Includes no Lua.
*/
#ifndef JSON_SHAPE_H
#define JSON_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

enum json_wanted {
	JSON_NOTHING,
	JSON_ALL,
	JSON_MEMBERS, /* those of the list: of an object, or of the objects in an array; else the value as it is */
	JSON_ITEMS,   /* of an array the text of each element; else the value as it is, an object without members */
	JSON_ITSELF   /* its text; of the outermost value, the text that was given */
};

struct json_field {
	enum json_wanted wanted;
	bool is_list;               /* a page has one such member, or is none */
	struct json_field *members; /* owned */
	struct json_field *next;    /* of the same object; owned */
	size_t length;
	char name[];
};

extern const struct json_field json_nothing, json_all, json_itself;

/* The member of that name, which is added where it is not there, with nothing wanted of it. NULL: no memory. */
struct json_field *json_field_add(struct json_field *field, const char *name, size_t length);
/* The member of that name, or &json_nothing. */
const struct json_field *json_field_find(const struct json_field *field, const char *name, size_t length);
void json_field_free_members(struct json_field *field);

#endif
