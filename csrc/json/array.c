#include "json/array.h"

#include "lua/type.h"

static const char ARRAY_TYPE[] = "mistral.workflows.array";

void json_push_array_metatable(lua_State *L)
{
	type_push_lazily(L, ARRAY_TYPE, NULL);
}
