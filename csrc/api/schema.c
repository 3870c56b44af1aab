#include "api/schema.h"

#include <string.h>

const struct field_word field_words[] = {
	[FIELD_ANY] = {"any", "a value", "values"},
	[FIELD_STRING] = {"string", "a string", "strings"},
	[FIELD_UUID] = {"uuid", "a string", "strings"},
	[FIELD_INTEGER] = {"integer", "an integer", "integers"},
	[FIELD_NANOSECONDS] = {"nanoseconds", "an integer", "integers"},
	[FIELD_NUMBER] = {"number", "a number", "numbers"},
	[FIELD_BOOLEAN] = {"boolean", "a boolean", "booleans"},
	[FIELD_TIME] = {"time", "an RFC 3339 date-time or a number of seconds since 1970", "date-times"},
	[FIELD_OBJECT] = {"table", "a table", "tables"},
};

const struct field *schema_field(const struct schema *schema, const char *name, size_t length)
{
	const struct field *found = NULL;
	for (const struct field *field = schema->fields; field != NULL && field->name != NULL; field++)
		if (strlen(field->name) == length && memcmp(field->name, name, length) == 0)
			return field;
	if (schema->base != NULL)
		return schema_field(schema->base, name, length);
	for (const struct schema *const *variant = schema->variants; variant != NULL && *variant != NULL; variant++)
		if ((found = schema_field(*variant, name, length)) != NULL)
			break;
	return found;
}

bool schema_step(struct field *place, const char *name, size_t length)
{
	unsigned type = place->type & FIELD_TYPE;
	if (place->type & FIELD_MAP) {
		place->type &= ~(unsigned)FIELD_MAP;
		return true;
	}
	if (type == FIELD_ANY || (type == FIELD_OBJECT && place->of == NULL))
		return true;
	const struct field *field = type == FIELD_OBJECT ? schema_field(place->of, name, length) : NULL;
	if (field != NULL)
		*place = *field;
	return field != NULL;
}
