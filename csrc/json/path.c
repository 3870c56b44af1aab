#include "json/path.h"

#include "json/bytes.h"

#define PATH_SIZE 512

struct path {
	char text[PATH_SIZE + 1];
	size_t length;
};

static void add(struct path *path, const char *bytes, size_t length)
{
	size_t room = PATH_SIZE - path->length;
	if (length > room)
		length = room;
	memcpy(path->text + path->length, bytes, length);
	path->length += length;
}

static bool is_name(const char *key, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		bool letter = key[i] == '_' || ((key[i] | 0x20) >= 'a' && (key[i] | 0x20) <= 'z');
		if (!letter && (i == 0 || !is_digit((unsigned char)key[i])))
			return false;
	}
	return length > 0;
}

static void add_key(struct path *path, const char *key, size_t length)
{
	if (is_name(key, length)) {
		if (path->length > 0)
			add(path, ".", 1);
		add(path, key, length);
		return;
	}
	add(path, "[\"", 2);
	for (size_t i = 0; i < length && path->length < PATH_SIZE; i++) {
		char shown = (unsigned char)key[i] < ' ' ? '?' : key[i];
		add(path, &shown, 1);
	}
	add(path, "\"]", 2);
}

static void add_level(lua_State *L, struct path *path, const struct json_level *level)
{
	if (level == NULL)
		return;
	add_level(L, path, level->parent);
	if (level->key != 0) {
		size_t length;
		const char *key = lua_tolstring(L, level->key, &length);
		add_key(path, key, length);
	} else {
		char text[24];
		int length = snprintf(text, sizeof text, "[%d]", level->index);
		add(path, text, (size_t)length);
	}
}

void json_push_fault(lua_State *L, const char *root, const struct json_level *level, const char *message)
{
	struct path path;
	path.length = 0;
	if (root != NULL)
		add(&path, root, strlen(root));
	add_level(L, &path, level);
	path.text[path.length] = '\0';
	lua_pushfstring(
		L, "%s%s%s%s", path.text, path.length == PATH_SIZE ? "..." : "", path.length > 0 ? ": " : "", message);
}
