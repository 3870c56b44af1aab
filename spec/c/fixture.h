/* The fixture of tests with a server, an engine and one transfer at a time. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include "exchange.h"

static struct server server;
static struct engine *engine;
static struct transfer transfer;

static int start(void **state)
{
	(void)state;
	server_start(&server);
	engine = engine_for_tests(server.port);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	engine_free_transfer(&transfer);
	engine_release(engine);
	server_stop(&server);
	return 0;
}

#endif
