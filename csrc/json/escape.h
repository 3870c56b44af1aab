/*
** Strings with escapes, which cJSON reads. No Lua.
*/
#ifndef JSON_ESCAPE_H
#define JSON_ESCAPE_H

#include <stddef.h>

/* What the string token of `size` bytes between its quotes stands for; `token` is at the opening one, and was accepted.
** A lone surrogate stands for U+FFFD. Returns memory for json_unescaped_free, and how many bytes are in it; or NULL: no
** memory. */
char *json_unescape(const char *token, size_t size, size_t *length);
void json_unescaped_free(char *bytes);

#endif
