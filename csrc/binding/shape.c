#include "binding/shape.h"

#include "lua/type.h"
#include "json/tape.h"

static const char SHAPE_TYPE[] = "mistral.workflows.json_shape";

static int shape__gc(lua_State *L)
{
	json_field_free_members(lua_touserdata(L, 1));
	return 0;
}

/* [-0, +0, v] the member whose name is at the top */
static struct json_field *add_member(lua_State *L, struct json_field *field)
{
	size_t length;
	const char *name = luaL_checklstring(L, -1, &length);
	struct json_field *member = json_field_add(field, name, length);
	if (member == NULL)
		luaL_error(L, "out of memory");
	if (field->wanted == JSON_NOTHING)
		field->wanted = JSON_MEMBERS;
	return member;
}

/* [-0, +0, v] adds the path at the top: a list of names */
static void add_path(lua_State *L, struct json_field *field)
{
	luaL_checktype(L, -1, LUA_TTABLE);
	size_t count = compat_rawlen(L, -1);
	luaL_argcheck(L, count <= JSON_MAX_DEPTH, 1, "a path of more than 1000 names"); /* freeing it is recursive */
	for (size_t i = 1; i <= count; i++) {
		lua_rawgeti(L, -1, (int)i);
		field = add_member(L, field);
		lua_pop(L, 1);
	}
	field->wanted = JSON_ALL;
}

/* [-0, +0, v] what the description at 1 wants of `field`, an answer or a list of items */
static void add_wish(lua_State *L, struct json_field *field, bool is_list)
{
	lua_getfield(L, 1, "fields");
	lua_getfield(L, 1, "raw");
	bool raw = lua_toboolean(L, -1);
	lua_pop(L, 1);
	field->wanted = !raw ? JSON_ALL : is_list ? JSON_ITEMS : JSON_ITSELF;
	if (!lua_isnil(L, -1)) {
		luaL_argcheck(L, !raw, 1, "fields and raw exclude each other");
		luaL_checktype(L, -1, LUA_TTABLE);
		field->wanted = JSON_MEMBERS;
		for (size_t i = 1, count = compat_rawlen(L, -1); i <= count; i++) {
			lua_rawgeti(L, -1, (int)i);
			add_path(L, field);
			lua_pop(L, 1);
		}
	}
	lua_pop(L, 1);
}

/* [-0, +0, v] adds the name at the top to the page */
static void add_list(lua_State *L, struct json_field *page)
{
	struct json_field *list = add_member(L, page);
	list->is_list = true;
	add_wish(L, list, true);
}

int shape_new(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	struct json_field *shape = lua_newuserdatauv(L, sizeof *shape, 0);
	*shape = json_nothing;
	type_push_lazily(L, SHAPE_TYPE, shape__gc);
	lua_setmetatable(L, 2);
	lua_getfield(L, 1, "list");
	if (lua_isnil(L, -1)) {
		add_wish(L, shape, false);
	} else if (lua_istable(L, -1)) {
		for (size_t i = 1, count = compat_rawlen(L, -1); i <= count; i++) {
			lua_rawgeti(L, -1, (int)i);
			add_list(L, shape);
			lua_pop(L, 1);
		}
	} else {
		add_list(L, shape);
	}
	lua_getfield(L, 1, "cursor");
	if (!lua_isnil(L, -1))
		add_member(L, shape)->wanted = JSON_ALL;
	lua_settop(L, 2);
	return 1;
}

const struct json_field *shape_opt(lua_State *L, int index)
{
	return lua_isnoneornil(L, index) ? &json_all : type_check(L, index, SHAPE_TYPE);
}
