/*
** A server on a loopback port for tests, in a thread of its own. The n-th
** request, on whatever connection, gets the n-th of its answers: bytes, after
** which the connection stays open or is closed, or silence. Requests after the
** last answer get silence too. A request ends after its Content-Length.
*/
#ifndef SERVER_H
#define SERVER_H

#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SERVER_CONNECTIONS 32
#define SERVER_ANSWERS 64
#define SERVER_REQUEST 8192

struct answer {
	const char *bytes; /* NULL: silence */
	size_t length;
	bool close; /* after the bytes */
};

struct connection {
	int fd;
	size_t length;
	char text[SERVER_REQUEST];
};

struct server {
	int port;
	int listener;
	int stop[2]; /* a pipe whose closing ends the thread */
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	struct answer answers[SERVER_ANSWERS];
	size_t answer_count;
	size_t requests, accepted, closed;
	char last_request[SERVER_REQUEST];
	struct connection connections[SERVER_CONNECTIONS];
};

/* The length of the request at the beginning of `text`, 0 when it is not complete. */
static inline size_t server_request_length(const char *text, size_t length)
{
	const char *end = memmem(text, length, "\r\n\r\n", 4);
	if (end == NULL)
		return 0;
	size_t head = (size_t)(end - text) + 4;
	const char *field = memmem(text, head, "Content-Length: ", 16);
	size_t body = field == NULL ? 0 : strtoul(field + 16, NULL, 10);
	return length >= head + body ? head + body : 0;
}

static inline void server_hang_up(struct server *server, struct connection *connection)
{
	close(connection->fd);
	connection->fd = -1;
	pthread_mutex_lock(&server->lock);
	server->closed++;
	pthread_cond_broadcast(&server->changed);
	pthread_mutex_unlock(&server->lock);
}

/* Notes the request; the answer it gets. */
static inline struct answer server_take(struct server *server, const char *text, size_t length)
{
	struct answer answer = {0};
	pthread_mutex_lock(&server->lock);
	memcpy(server->last_request, text, length);
	server->last_request[length] = '\0';
	if (server->requests < server->answer_count)
		answer = server->answers[server->requests];
	server->requests++;
	pthread_cond_broadcast(&server->changed);
	pthread_mutex_unlock(&server->lock);
	return answer;
}

static inline void server_send(struct server *server, struct connection *connection, struct answer answer)
{
	size_t sent = 0;
	while (sent < answer.length) {
		ssize_t count = send(connection->fd, answer.bytes + sent, answer.length - sent, MSG_NOSIGNAL);
		if (count <= 0)
			break;
		sent += (size_t)count;
	}
	if (answer.close || sent < answer.length)
		server_hang_up(server, connection);
}

static inline void server_read(struct server *server, struct connection *connection)
{
	size_t room = SERVER_REQUEST - 1 - connection->length;
	ssize_t count = recv(connection->fd, connection->text + connection->length, room, 0);
	if (count <= 0) {
		server_hang_up(server, connection);
		return;
	}
	connection->length += (size_t)count;
	size_t length;
	while (connection->fd >= 0 && (length = server_request_length(connection->text, connection->length)) > 0) {
		struct answer answer = server_take(server, connection->text, length);
		connection->length -= length;
		memmove(connection->text, connection->text + length, connection->length);
		server_send(server, connection, answer);
	}
}

static inline void server_accept(struct server *server)
{
	int fd = accept(server->listener, NULL, NULL);
	for (size_t i = 0; fd >= 0 && i < SERVER_CONNECTIONS; i++) {
		if (server->connections[i].fd >= 0)
			continue;
		server->connections[i].fd = fd;
		server->connections[i].length = 0;
		pthread_mutex_lock(&server->lock);
		server->accepted++;
		pthread_mutex_unlock(&server->lock);
		return;
	}
	close(fd);
}

static inline void *server_run(void *user)
{
	struct server *server = user;
	struct pollfd fds[SERVER_CONNECTIONS + 2];
	for (;;) {
		fds[0] = (struct pollfd){.fd = server->stop[0], .events = POLLIN};
		fds[1] = (struct pollfd){.fd = server->listener, .events = POLLIN};
		for (size_t i = 0; i < SERVER_CONNECTIONS; i++)
			fds[i + 2] = (struct pollfd){.fd = server->connections[i].fd, .events = POLLIN};
		poll(fds, SERVER_CONNECTIONS + 2, -1);
		if (fds[0].revents != 0)
			return NULL;
		for (size_t i = 0; i < SERVER_CONNECTIONS; i++)
			if (fds[i + 2].revents != 0)
				server_read(server, &server->connections[i]);
		if (fds[1].revents != 0)
			server_accept(server);
	}
}

static inline void server_start(struct server *server)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	memset(server, 0, sizeof *server);
	for (size_t i = 0; i < SERVER_CONNECTIONS; i++)
		server->connections[i].fd = -1;
	pthread_mutex_init(&server->lock, NULL);
	pthread_cond_init(&server->changed, NULL);
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(server->listener, SERVER_CONNECTIONS), 0);
	assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &size), 0);
	server->port = ntohs(address.sin_port);
	assert_int_equal(pipe(server->stop), 0);
	assert_int_equal(pthread_create(&server->thread, NULL, server_run, server), 0);
}

static inline void server_stop(struct server *server)
{
	close(server->stop[1]);
	pthread_join(server->thread, NULL);
	close(server->stop[0]);
	close(server->listener);
	for (size_t i = 0; i < SERVER_CONNECTIONS; i++)
		if (server->connections[i].fd >= 0)
			close(server->connections[i].fd);
	pthread_mutex_destroy(&server->lock);
	pthread_cond_destroy(&server->changed);
}

/* Adds an answer; the bytes are not copied. */
static inline void server_answer(struct server *server, struct answer answer)
{
	pthread_mutex_lock(&server->lock);
	assert_true(server->answer_count < SERVER_ANSWERS);
	server->answers[server->answer_count++] = answer;
	pthread_mutex_unlock(&server->lock);
}

static inline void server_answer_text(struct server *server, const char *text)
{
	server_answer(server, (struct answer){.bytes = text, .length = strlen(text)});
}

/* Waits until `*counter` of the server, one of requests and closed, is at least `least`. */
static inline void server_wait(struct server *server, const size_t *counter, size_t least)
{
	pthread_mutex_lock(&server->lock);
	while (*counter < least)
		pthread_cond_wait(&server->changed, &server->lock);
	pthread_mutex_unlock(&server->lock);
}

static inline size_t server_read_counter(struct server *server, const size_t *counter)
{
	pthread_mutex_lock(&server->lock);
	size_t value = *counter;
	pthread_mutex_unlock(&server->lock);
	return value;
}

#endif
