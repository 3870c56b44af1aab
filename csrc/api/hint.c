/* What an unknown name was meant for: slips that people make, and names that are near. */
#include "api/schema.h"

#include <string.h>

#define LONGEST_NAME 64
#define SHORTEST_PREFIX 3

/* Options of a call, which go into an argument of their own. */
static const char *const options[] = {"timeout", "deadline", "retry", "headers", "prefetch", "fields", "raw",
	"on_event", "on_start", "on_timeout", "join", "poll", NULL};

/* Other words for names of the service; the first that a schema knows is meant. */
static const struct {
	const char *word, *name;
} synonyms[] = {
	{"limit", "page_size"},
	{"page_size", "limit"},
	{"per_page", "page_size"},
	{"per_page", "limit"},
	{"cursor", "next_page_token"},
	{"next_cursor", "next_page_token"},
	{"next_page_token", "cursor"},
	{"workflow_name", "workflow_identifier"},
	{"workflow_id", "workflow_identifier"},
	{"workflow_identifier", "workflow_name"},
	{"execution_id", "workflow_exec_id"},
	{"execution_id", "root_execution_id"},
	{"root_execution_id", "root_workflow_exec_id"},
	{"run_id", "workflow_run_id"},
	{"id", "execution_id"},
	{"since", "after"},
	{"since", "start_time_after"},
	{"until", "before"},
	{"until", "start_time_before"},
	{"from", "start"},
	{"to", "end"},
	{"stop", "end"},
	{"until", "end"},
	{"tz", "time_zone_name"},
	{"branch", "revision"},
	{"state", "status"},
	{"sort", "order_by"},
	{"query", "search"},
	{"event_type", "workflow_event_types"},
	{"event_types", "workflow_event_types"},
	{"args", "input"},
	{"arguments", "input"},
	{"data", "input"},
	{"params", "input"},
	{"payload", "input"},
	{"name", "display_name"},
	{"signal", "name"},
	{"update", "name"},
	{"url", "github_url"},
};

size_t schema_distance(const char *a, const char *b, size_t limit)
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

static const char *synonym(const struct schema *schema, const char *unknown)
{
	for (size_t i = 0; i < sizeof synonyms / sizeof *synonyms; i++)
		if (strcmp(synonyms[i].word, unknown) == 0 &&
			schema_field(schema, synonyms[i].name, strlen(synonyms[i].name)) != NULL)
			return synonyms[i].name;
	return NULL;
}

/* Two names without their underscores: does the longer begin with the shorter? */
static bool is_beginning(const char *a, const char *b)
{
	size_t shared = 0;
	while (true) {
		a += *a == '_';
		b += *b == '_';
		if (*a == '\0' || *b == '\0')
			return shared >= SHORTEST_PREFIX;
		if (*a++ != *b++)
			return false;
		shared++;
	}
}

/* How many letters may be wrong in a word of that length. */
static size_t allowance(size_t length)
{
	return length <= 3 ? 1 : length <= 6 ? 2 : 3;
}

/* The name that is nearest, else one that begins alike. */
static const char *nearest(const struct schema *schema, const char *unknown)
{
	const char *best = NULL, *beginning = NULL;
	size_t least = allowance(strlen(unknown)) + 1;
	for (; schema != NULL; schema = schema->base)
		for (const struct field *field = schema->fields; field != NULL && field->name != NULL; field++) {
			size_t distance = schema_distance(unknown, field->name, least);
			if (distance < least) {
				least = distance;
				best = field->name;
			}
			if (beginning == NULL && is_beginning(unknown, field->name))
				beginning = field->name;
		}
	return best != NULL ? best : beginning;
}

/* The member that is a table in which the name is known. */
static const char *owner(const struct schema *schema, const char *unknown)
{
	for (; schema != NULL; schema = schema->base)
		for (const struct field *field = schema->fields; field != NULL && field->name != NULL; field++)
			if ((field->type & (FIELD_TYPE | FIELD_LIST | FIELD_MAP)) == FIELD_OBJECT &&
				field->of != NULL && schema_field(field->of, unknown, strlen(unknown)) != NULL)
				return field->name;
	return NULL;
}

static bool is_option(const char *unknown)
{
	for (const char *const *option = options; *option != NULL; option++)
		if (strcmp(*option, unknown) == 0)
			return true;
	return false;
}

struct hint schema_hint(const struct schema *schema, const char *unknown, bool outermost)
{
	const char *name;
	if (outermost && is_option(unknown))
		return (struct hint){HINT_OPTION, NULL};
	if ((name = owner(schema, unknown)) != NULL)
		return (struct hint){HINT_MEMBER, name};
	if ((name = synonym(schema, unknown)) != NULL || (name = nearest(schema, unknown)) != NULL)
		return (struct hint){HINT_NAME, name};
	if (outermost && schema_field(schema, "input", 5) != NULL)
		return (struct hint){HINT_INPUT, NULL};
	return (struct hint){HINT_NONE, NULL};
}
