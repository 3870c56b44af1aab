/*
** Makes the URL and body of a transfer from Lua arguments, by the facts of its
** endpoint row. Everything is stored straight into the transfer, which is
** owned by a userdata, so that any of this may throw.
*/
#ifndef BINDING_REQUEST_H
#define BINDING_REQUEST_H

#include "binding/check.h"

/* [-0, +0|+1, m] path values from `first` on, then a table or nil. Where the request was not built, pushed what is
   wrong. */
enum request_status request_build(
	lua_State *L, int first, struct transfer *transfer, const char *server_url, bool open);

#endif
