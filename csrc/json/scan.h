/*
** The one walk over a JSON text: is it one strict RFC 8259 text, and what of
** it is to become Lua values? What is, stands on the tape, in its order, with
** all that is needed to build it; the rest is only checked. Counts the memory
** that the values will take before any of it is spent.
** Owns the tape in struct json_scan until json_scan_free; includes no Lua,
** calls nothing that can jump out.
*/
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include "json/tape.h"

/* `text[length]` must be readable and 0. Call json_scan_free whatever it returns. */
enum json_status json_scan(struct json_scan *scan, const char *text, size_t length);
void json_scan_free(struct json_scan *scan);

#endif
