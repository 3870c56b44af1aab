/*
** decode → encode → decode gives an equal value, and that value is the one
** that cJSON finds in the whole text, as far as cJSON can carry it. Where only
** some members are wanted, they are as in the whole value.
** Small limits (-DJSON_KEPT_SIZE=12 -DJSON_KNOWN_TEXT=16) reach more with small inputs.
*/
#include "json/array.h"
#include "json/decode.h"
#include "json/encode.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
	if (!condition)
		abort();
}

static bool is_array(lua_State *L, int index)
{
	if (!lua_getmetatable(L, index))
		return false;
	json_push_array_metatable(L);
	bool array = lua_rawequal(L, -1, -2);
	lua_pop(L, 2);
	return array;
}

static int count_members(lua_State *L, int index)
{
	int count = 0;
	for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1))
		count++;
	return count;
}

/* The values at two absolute indices. */
static void check_equal(lua_State *L, int a, int b)
{
	luaL_checkstack(L, 10, NULL);
	check(lua_type(L, a) == lua_type(L, b));
	if (lua_type(L, a) != LUA_TTABLE) {
		double x = lua_tonumber(L, a), y = lua_tonumber(L, b);
		check(lua_rawequal(L, a, b));
		check(lua_type(L, a) != LUA_TNUMBER || lua_isinteger(L, a) == lua_isinteger(L, b));
		check(lua_type(L, a) != LUA_TNUMBER || memcmp(&x, &y, sizeof x) == 0);
		return;
	}
	check(is_array(L, a) == is_array(L, b));
	check(count_members(L, a) == count_members(L, b));
	for (lua_pushnil(L); lua_next(L, a); lua_pop(L, 2)) {
		lua_pushvalue(L, -2);
		lua_rawget(L, b);
		check_equal(L, lua_gettop(L) - 1, lua_gettop(L));
	}
}

/* Is there a later member of the same name? */
static bool is_overwritten(const cJSON *member)
{
	for (const cJSON *later = member->next; later != NULL; later = later->next)
		if (strcmp(later->string, member->string) == 0)
			return true;
	return false;
}

/* The value at the top of the stack against cJSON's. */
static void check_node(lua_State *L, const cJSON *node)
{
	luaL_checkstack(L, 10, NULL);
	int type = lua_type(L, -1);
	int count = 0;
	if (cJSON_IsNumber(node)) {
		check(type == LUA_TSTRING || (type == LUA_TNUMBER && lua_tonumber(L, -1) == node->valuedouble));
	} else if (cJSON_IsString(node)) {
		check(type == LUA_TSTRING && strcmp(lua_tostring(L, -1), node->valuestring) == 0);
	} else if (cJSON_IsNull(node)) {
		check(type == LUA_TLIGHTUSERDATA && lua_touserdata(L, -1) == NULL);
	} else if (cJSON_IsBool(node)) {
		check(type == LUA_TBOOLEAN && lua_toboolean(L, -1) == cJSON_IsTrue(node));
	} else if (cJSON_IsArray(node)) {
		check(type == LUA_TTABLE && is_array(L, lua_gettop(L)));
		check((int)lua_rawlen(L, -1) == cJSON_GetArraySize(node));
		for (const cJSON *child = node->child; child != NULL; child = child->next) {
			lua_rawgeti(L, -1, ++count);
			check_node(L, child);
			lua_pop(L, 1);
		}
	} else {
		check(type == LUA_TTABLE && !is_array(L, lua_gettop(L)));
		for (const cJSON *child = node->child; child != NULL; child = child->next) {
			if (is_overwritten(child))
				continue;
			lua_pushstring(L, child->string);
			lua_rawget(L, -2);
			check_node(L, child);
			lua_pop(L, 1);
			count++;
		}
		check(count == count_members(L, lua_gettop(L)));
	}
}

static void check_round_trip(lua_State *L)
{
	struct buffer out = {.limit = (size_t)1 << 30};
	check(json_encode(L, 1, &out, "root", NULL));
	check(buffer_terminate(&out) == BUFFER_OK);
	check(json_decode(L, out.data, out.length, SIZE_MAX, &json_all) == JSON_OK);
	buffer_free(&out);
	check(lua_gettop(L) == 2);
	check_equal(L, 1, 2);
}

static void check_with_cjson(lua_State *L, const char *text, size_t size)
{
	cJSON *tree = strstr(text, "\\u0000") == NULL ? cJSON_ParseWithLength(text, size) : NULL;
	lua_settop(L, 1);
	if (tree != NULL)
		check_node(L, tree);
	cJSON_Delete(tree);
}

static void check_found(lua_State *L, int whole, int found, const struct json_field *field);

/* The members of the object at `whole` that are wanted, and no others. */
static void check_members(lua_State *L, int whole, int found, const struct json_field *field)
{
	int count = 0;
	for (const struct json_field *member = field->members; member != NULL; member = member->next) {
		lua_pushlstring(L, member->name, member->length);
		lua_pushvalue(L, -1);
		lua_rawget(L, whole);
		lua_insert(L, -2);
		lua_rawget(L, found);
		check(lua_isnil(L, -2) == lua_isnil(L, -1));
		if (!lua_isnil(L, -1)) {
			check_found(L, lua_gettop(L) - 1, lua_gettop(L), member);
			count++;
		}
		lua_pop(L, 2);
	}
	check(count == count_members(L, found));
}

/* What was found where only `field` is wanted, against the whole value. */
static void check_found(lua_State *L, int whole, int found, const struct json_field *field)
{
	luaL_checkstack(L, 10, NULL);
	if (field->wanted == JSON_ALL || !lua_istable(L, whole)) {
		check_equal(L, whole, found);
		return;
	}
	check(lua_istable(L, found) && is_array(L, whole) == is_array(L, found));
	if (!is_array(L, whole)) {
		check_members(L, whole, found, field);
		return;
	}
	check(lua_rawlen(L, whole) == lua_rawlen(L, found));
	for (int i = 1; i <= (int)lua_rawlen(L, whole); i++) {
		lua_rawgeti(L, whole, i);
		lua_rawgeti(L, found, i);
		check_found(L, lua_gettop(L) - 1, lua_gettop(L), field);
		lua_pop(L, 2);
	}
}

static void check_wanted(lua_State *L, const char *text, size_t size)
{
	struct json_field root = {.wanted = JSON_MEMBERS};
	json_field_add(&root, "a", 1)->wanted = JSON_ALL;
	struct json_field *inner = json_field_add(&root, "b", 1);
	inner->wanted = JSON_MEMBERS;
	json_field_add(inner, "c", 1)->wanted = JSON_ALL;
	lua_settop(L, 1);
	check(json_decode(L, text, size, SIZE_MAX, &root) == JSON_OK);
	check_found(L, 1, 2, &root);
	json_field_free_members(&root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static lua_State *L;
	if (L == NULL)
		L = luaL_newstate();
	char *text = malloc(size + 1);
	check(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	lua_settop(L, 0);
	if (json_decode(L, text, size, SIZE_MAX, &json_all) == JSON_OK) {
		check(lua_gettop(L) == 1);
		check_wanted(L, text, size);
		lua_settop(L, 1);
		check_round_trip(L);
		check_with_cjson(L, text, size);
	} else {
		check(lua_gettop(L) == 1 && strstr(lua_tostring(L, 1), " at byte ") != NULL);
	}
	free(text);
	return 0;
}
