#include "json/shape.h"

#include <stdlib.h>
#include <string.h>

const struct json_field json_nothing = {.wanted = JSON_NOTHING};
const struct json_field json_all = {.wanted = JSON_ALL};
const struct json_field json_itself = {.wanted = JSON_ITSELF};

const struct json_field *json_field_find(const struct json_field *field, const char *name, size_t length)
{
	for (const struct json_field *member = field->members; member != NULL; member = member->next)
		if (member->length == length && memcmp(member->name, name, length) == 0)
			return member;
	return &json_nothing;
}

struct json_field *json_field_add(struct json_field *field, const char *name, size_t length)
{
	struct json_field **end = &field->members;
	for (; *end != NULL; end = &(*end)->next)
		if ((*end)->length == length && memcmp((*end)->name, name, length) == 0)
			return *end;
	struct json_field *member = malloc(sizeof *member + length);
	if (member == NULL)
		return NULL;
	*member = (struct json_field){.length = length};
	memcpy(member->name, name, length);
	*end = member;
	return member;
}

void json_field_free_members(struct json_field *field)
{
	for (struct json_field *member = field->members, *next; member != NULL; member = next) {
		next = member->next;
		json_field_free_members(member);
		free(member);
	}
	field->members = NULL;
}
