/*
** The client object of mistral.workflows.core: a userdata that holds one
** reference to an engine, and is pollable (pollfd, events, timeout) by cqueues
** and by anything that follows the same protocol.
*/
#ifndef BINDING_CLIENT_H
#define BINDING_CLIENT_H

#include "http/engine.h"
#include "lua/compat.h"

struct client {
	struct engine *engine;       /* NULL until made */
	struct engine_config config; /* its strings are owned only until the engine takes it over */
	bool open_parameters;        /* unknown parameter and body names pass */
};

/* [-0, +0, v] the client at 1 of a function whose first upvalue is the type; raises when there is none */
struct client *client_self(lua_State *L);
bool client_is_open(const struct client *client);
/* [-0, +1, -] pushes the type of clients */
void client_push_type(lua_State *L);
/* Seconds as libcurl takes them: at least 1 ms, for 0 would mean its default, and at most what it accepts. */
long client_milliseconds(double seconds);
/* [-0, +1, m] core.client(options): the checked options of mistral.workflows.new */
int client_new(lua_State *L);
/* [-0, +0, m] registers the metatable */
void client_open(lua_State *L);

#endif
