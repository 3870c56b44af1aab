#include "api/endpoint.h"

#include <string.h>

#define WORKFLOW_LEVEL "/v1/workflows/"

const struct endpoint *endpoint_find(const char *name)
{
	for (size_t i = 0; i < endpoint_count; i++)
		if (strcmp(endpoint_table[i].name, name) == 0)
			return &endpoint_table[i];
	return NULL;
}

const struct schema *endpoint_item(const struct endpoint *row)
{
	if (row->paging.items == NULL)
		return row->answer;
	return schema_field(row->answer, row->paging.items, strlen(row->paging.items))->of;
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
