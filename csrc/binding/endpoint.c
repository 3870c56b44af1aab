#include "binding/endpoint.h"

#include "api/endpoint.h"
#include "http/url.h"

#include <string.h>

/* [-0, +1, v] core.distance(a, b): edit distance of two names, at most 4 */
static int core_distance(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)schema_distance(luaL_checkstring(L, 1), luaL_checkstring(L, 2), 3));
	return 1;
}

/* ----- what a caller picks from answers ----- */

/* [-0, +1, m] the names 1 to `last` of the path at 2 with dots, the last of them `name` where that is not NULL */
static const char *push_path(lua_State *L, int last, const char *name)
{
	lua_pushliteral(L, "");
	for (int i = 1; i <= last; i++) {
		lua_pushstring(L, i > 1 ? "." : "");
		if (i == last && name != NULL)
			lua_pushstring(L, name);
		else
			lua_rawgeti(L, 2, i);
		lua_concat(L, 3);
	}
	return lua_tostring(L, -1);
}

/* [-0, +1, m] what is wrong with the path, whose name number `last` is not in `place`; `is_list`: that it is the list
   of pages whose items are meant */
static int refuse_path(lua_State *L, int last, const struct field *place, const char *name, bool is_list)
{
	if ((place->type & FIELD_TYPE) != FIELD_OBJECT) {
		lua_pushfstring(L, "'%s' has no members", push_path(L, last - 1, NULL));
		return 1;
	}
	struct hint hint = schema_hint(place->of, name, false);
	const char *path = push_path(L, last, NULL);
	if (is_list)
		lua_pushfstring(L, "unknown name '%s'; the names are those of each item", path);
	else if (hint.kind == HINT_NAME)
		lua_pushfstring(L, "unknown name '%s'; did you mean '%s'?", path, push_path(L, last, hint.name));
	else if (hint.kind == HINT_MEMBER)
		lua_pushfstring(
			L, "unknown name '%s'; did you mean '%s.%s'?", path, push_path(L, last, hint.name), name);
	else
		lua_pushfstring(L, "unknown name '%s'", path);
	return 1;
}

/* [-0, +0|+1, v] core.check_field(operation, path): what is wrong with a list of names, which leads into the answer of
   an operation, or into each item where that is a paged list; or nothing */
static int core_check_field(lua_State *L)
{
	const struct endpoint *row = endpoint_find(luaL_checkstring(L, 1));
	luaL_argcheck(L, row != NULL, 1, "no such operation");
	luaL_checktype(L, 2, LUA_TTABLE);
	struct field place = {.type = FIELD_OBJECT, .of = endpoint_item(row)};
	int count = (int)compat_rawlen(L, 2);
	for (int i = 1; i <= count; i++) {
		size_t length;
		lua_rawgeti(L, 2, i);
		const char *name = luaL_checklstring(L, -1, &length);
		if (!schema_step(&place, name, length))
			return refuse_path(
				L, i, &place, name, row->paging.items != NULL && strcmp(name, row->paging.items) == 0);
		lua_pop(L, 1);
	}
	return 0;
}

/* ----- the table itself ----- */

static void set_field(lua_State *L, const char *name, const char *value)
{
	if (value != NULL) {
		lua_pushstring(L, value);
		lua_setfield(L, -2, name);
	}
}

static void set_flag(lua_State *L, const char *name, bool value)
{
	lua_pushboolean(L, value);
	lua_setfield(L, -2, name);
}

/*
** ----- schemas, for what writes the reference and the types: a table `schemas` at the stack index `known` has them in
** the order in which they are met, and by their names -----
*/

static void add_schema(lua_State *L, int known, const struct schema *schema);

/* [-0, +0, m] adds the schema and sets the field `name` of the table at the top to its name, or its values */
static void set_schema(lua_State *L, int known, const char *name, const struct schema *schema)
{
	if (schema == NULL)
		return;
	if (schema->name == NULL) {
		set_field(L, name, schema->values[0]);
		return;
	}
	add_schema(L, known, schema);
	set_field(L, name, schema->name);
}

/* [-0, +1, m] */
static void push_fields(lua_State *L, int known, const struct field *fields)
{
	lua_newtable(L);
	for (int i = 0; fields != NULL && fields[i].name != NULL; i++) {
		const struct field *field = &fields[i];
		lua_createtable(L, 0, 8);
		set_field(L, "name", field->name);
		set_field(L, "type", field_words[field->type & FIELD_TYPE].name);
		set_field(L, "note", field->note);
		set_flag(L, "list", field->type & FIELD_LIST);
		set_flag(L, "map", field->type & FIELD_MAP);
		set_flag(L, "required", field->type & FIELD_REQUIRED);
		set_flag(L, "nullable", field->type & FIELD_NULLABLE);
		set_schema(L, known, "of", field->of);
		lua_rawseti(L, -2, i + 1);
	}
}

/* [-0, +1, m] */
static void push_list(lua_State *L, const char *const *texts)
{
	lua_newtable(L);
	for (int i = 0; texts[i] != NULL; i++) {
		lua_pushstring(L, texts[i]);
		lua_rawseti(L, -2, i + 1);
	}
}

/* [-0, +1, m] */
static void push_variants(lua_State *L, int known, const struct schema *const *variants)
{
	lua_newtable(L);
	for (int i = 0; variants[i] != NULL; i++) {
		add_schema(L, known, variants[i]);
		lua_pushstring(L, variants[i]->name);
		lua_rawseti(L, -2, i + 1);
	}
}

/* [-0, +0, m] a schema may be below itself: it is known before its fields are looked at */
static void add_schema(lua_State *L, int known, const struct schema *schema)
{
	luaL_checkstack(L, 8, NULL);
	lua_getfield(L, known, schema->name);
	bool is_known = !lua_isnil(L, -1);
	lua_pop(L, 1);
	if (is_known)
		return;
	lua_createtable(L, 0, 5);
	lua_pushvalue(L, -1);
	lua_setfield(L, known, schema->name);
	lua_pushvalue(L, -1);
	lua_rawseti(L, known, (int)compat_rawlen(L, known) + 1);
	set_field(L, "name", schema->name);
	set_schema(L, known, "base", schema->base);
	push_fields(L, known, schema->fields);
	lua_setfield(L, -2, "fields");
	if (schema->values != NULL) {
		push_list(L, schema->values);
		lua_setfield(L, -2, "values");
	}
	if (schema->variants != NULL) {
		push_variants(L, known, schema->variants);
		lua_setfield(L, -2, "variants");
	}
	lua_pop(L, 1);
}

/* ----- rows ----- */

static void push_paging(lua_State *L, const struct paging *paging)
{
	lua_createtable(L, 0, 6);
	set_field(L, "cursor", paging->cursor);
	set_field(L, "size", paging->size);
	set_field(L, "items", paging->items);
	set_field(L, "next", paging->next);
	if (paging->default_size > 0) {
		lua_pushinteger(L, paging->default_size);
		lua_setfield(L, -2, "default_size");
	}
	set_flag(L, "cursor_holds_filters", paging->cursor_holds_filters);
}

/* [-0, +0, m] */
static void push_batch_answer(lua_State *L, const struct endpoint *row)
{
	lua_newtable(L);
	for (int i = 0; i < ENDPOINT_BATCH_MEMBERS && row->batch_answer[i] != NULL; i++) {
		lua_pushstring(L, row->batch_answer[i]);
		lua_rawseti(L, -2, i + 1);
	}
	lua_setfield(L, -2, "batch_answer");
}

/* [-0, +1, m] one row as a table; its fields and schemas only where `known` is the stack index of a table for those */
static void push_row(lua_State *L, const struct endpoint *row, int known)
{
	static const char *const responses[] = {
		[RESPONSE_JSON] = "json", [RESPONSE_NONE] = "none", [RESPONSE_EVENTS] = "events"};
	static const char *const rules[] = {
		[REPEAT_SAFE] = "safe", [REPEAT_NEVER] = "never", [REPEAT_ASK_FIRST] = "ask_first"};
	lua_createtable(L, 0, 14);
	set_field(L, "name", row->name);
	set_field(L, "resource", row->resource);
	set_field(L, "verb", row->verb);
	set_field(L, "method", row->method);
	set_field(L, "path", row->path);
	set_field(L, "summary", row->summary);
	set_field(L, "batch", row->batch);
	if (row->batch != NULL)
		push_batch_answer(L, row);
	set_field(L, "resume", row->resume);
	set_field(L, "response", responses[row->response]);
	set_field(L, "repeat_rule", rules[row->repeat]);
	lua_pushinteger(L, (lua_Integer)url_path_values(row->path));
	lua_setfield(L, -2, "path_values");
	set_flag(L, "has_body", row->body != NULL);
	set_flag(L, "takes_table", row->body != NULL || row->query.fields != NULL);
	if (row->paging.cursor != NULL) {
		push_paging(L, &row->paging);
		lua_setfield(L, -2, "paging");
	}
	if (known != 0) {
		push_fields(L, known, row->query.fields);
		lua_setfield(L, -2, "query");
		set_schema(L, known, "body", row->body);
		set_schema(L, known, "answer", row->answer);
	}
}

/* [-0, +1|+2, m] core.endpoints(detailed): the rows of the endpoint table, in its order; with details, and the schemas
 */
static int core_endpoints(lua_State *L)
{
	int known = lua_toboolean(L, 1) ? 2 : 0;
	lua_settop(L, 1);
	lua_newtable(L);
	lua_createtable(L, (int)endpoint_count, 0);
	for (size_t i = 0; i < endpoint_count; i++) {
		push_row(L, &endpoint_table[i], known);
		lua_rawseti(L, -2, (int)i + 1);
	}
	if (known == 0)
		return 1;
	lua_insert(L, known);
	return 2;
}

static const luaL_Reg endpoint_functions[] = {
	{"check_field", core_check_field},
	{"distance", core_distance},
	{"endpoints", core_endpoints},
	{NULL, NULL},
};

void endpoint_register(lua_State *L)
{
	luaL_setfuncs(L, endpoint_functions, 0);
}
