#include "api/endpoint.h"

#include <string.h>

#define SUGGESTION_DISTANCE 3
#define LONGEST_NAME 64

#define WORKFLOW_LEVEL "/v1/workflows/"

const struct endpoint *endpoint_find(const char *name)
{
	for (size_t i = 0; i < endpoint_count; i++)
		if (strcmp(endpoint_table[i].name, name) == 0)
			return &endpoint_table[i];
	return NULL;
}

/* No path of the table is shorter than the level. */
static bool is_below_level(const char *path)
{
	return memcmp(path, WORKFLOW_LEVEL, sizeof WORKFLOW_LEVEL - 1) == 0;
}

bool endpoint_is_reserved(const struct endpoint *row, const char *value)
{
	const size_t level = sizeof WORKFLOW_LEVEL - 1;
	if (!is_below_level(row->path) || row->path[level] != '{' || *value == '{')
		return false;
	size_t length = strlen(value);
	for (size_t i = 0; i < endpoint_count; i++) {
		const char *path = endpoint_table[i].path;
		if (!is_below_level(path) || path[level] != *value)
			continue;
		const char *segment = path + level;
		if (strncmp(segment, value, length) == 0 && (segment[length] == '/' || segment[length] == '\0'))
			return true;
	}
	return false;
}

const struct field *endpoint_field(const struct field *fields, const char *name)
{
	for (; fields->name != NULL; fields++)
		if (strcmp(fields->name, name) == 0)
			return fields;
	return NULL;
}

size_t endpoint_distance(const char *a, const char *b, size_t limit)
{
	size_t row[LONGEST_NAME + 1];
	size_t length = strlen(b);
	if (length > LONGEST_NAME || strlen(a) > LONGEST_NAME)
		return limit + 1;
	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		size_t diagonal = row[0];
		row[0] = i + 1;
		for (size_t j = 0; j < length; j++) {
			size_t changed = diagonal + (a[i] != b[j]);
			size_t removed = row[j + 1] + 1;
			size_t added = row[j] + 1;
			diagonal = row[j + 1];
			row[j + 1] = changed < removed ? changed : removed;
			if (added < row[j + 1])
				row[j + 1] = added;
		}
	}
	return row[length] > limit ? limit + 1 : row[length];
}

const char *endpoint_suggest(const struct field *fields, const char *name)
{
	const char *best = NULL;
	size_t best_distance = SUGGESTION_DISTANCE + 1;
	for (; fields->name != NULL; fields++) {
		size_t distance = endpoint_distance(name, fields->name, SUGGESTION_DISTANCE);
		if (distance < best_distance) {
			best_distance = distance;
			best = fields->name;
		}
	}
	return best;
}
