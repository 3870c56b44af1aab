/*
** Transfers that are fed: what the program brings takes the place of the
** network. Each is a method of the transfer at 1, which was checked.
*/
#ifndef BINDING_FEED_H
#define BINDING_FEED_H

#include "http/engine.h"
#include "lua/compat.h"

/* [-0, +0, v] raises where the transfer is not fed now */
void feed_check(lua_State *L, const struct transfer *transfer);
/* [-0, +1, v] what would be sent, with the transfer's header lines, as a table { operation, method, path, query,
   headers, body, url }; `query` and `body` only where there are any */
int feed_request(lua_State *L, struct transfer *transfer);
/* [-0, +1, v] transfer:feed_head(status, headers): headers by name, or a list of lines "Name: value". Returns as feed
   does. A content type that is not given is the operation's own. */
int feed_head(lua_State *L, struct transfer *transfer);
/* [-0, +1, v] transfer:feed(bytes): "more"; "full": nothing was taken, feed it again once events were taken; or "over":
   the attempt has ended */
int feed_body(lua_State *L, struct transfer *transfer);
/* [-0, +0, v] transfer:feed_end(kind, message): nil for an orderly end, or "connect", "network", "timeout" */
int feed_end(lua_State *L, struct transfer *transfer);

#endif
