#include "http/waker.h"

#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const char FIRST[] = "first...", SECOND[] = "second..", NO_NAME[WAKER_NAME];

static struct waker *waker;
static int loop; /* the end of the connection that an event loop has */
static int one, other;

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
	memcpy(address.sun_path, path, strlen(path) + 1);
	assert_int_equal(connect(descriptor, (struct sockaddr *)&address, sizeof address), 0);
	return descriptor;
}

static int setup(void **state)
{
	(void)state;
	waker = waker_new();
	assert_non_null(waker);
	loop = connect_to(waker_path(waker));
	assert_true(waker_accept(waker));
	one = eventfd(0, EFD_NONBLOCK);
	other = eventfd(0, EFD_NONBLOCK);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (waker != NULL)
		waker_free(waker);
	close(loop);
	close(one);
	close(other);
	return 0;
}

static void make_readable(int descriptor)
{
	uint64_t value = 1;
	assert_int_equal(write(descriptor, &value, sizeof value), sizeof value);
}

static bool is_silent(void)
{
	struct pollfd wanted = {.fd = loop, .events = POLLIN};
	return poll(&wanted, 1, 50) == 0;
}

static void expect_name(const char *name)
{
	char got[WAKER_NAME];
	assert_int_equal(recv(loop, got, sizeof got, MSG_WAITALL), sizeof got);
	assert_memory_equal(got, name, sizeof got);
}

static void test_names_what_is_readable_once(void **state)
{
	(void)state;
	assert_true(waker_watch(waker, one, FIRST));
	assert_true(waker_watch(waker, other, SECOND));
	assert_true(is_silent());
	make_readable(other);
	expect_name(SECOND);
	assert_true(is_silent());
	assert_true(waker_watch(waker, other, SECOND)); /* it still is */
	expect_name(SECOND);
	make_readable(one);
	expect_name(FIRST);
	assert_true(is_silent());
}

static void test_may_name_it_otherwise(void **state)
{
	(void)state;
	make_readable(one);
	assert_true(waker_watch(waker, one, FIRST));
	expect_name(FIRST);
	assert_true(waker_watch(waker, one, SECOND));
	expect_name(SECOND);
}

static void test_forgets(void **state)
{
	(void)state;
	assert_true(waker_watch(waker, one, FIRST));
	waker_forget(waker, one);
	waker_forget(waker, one);
	make_readable(one);
	assert_true(is_silent());
	/* A descriptor that was closed is forgotten by itself. */
	assert_true(waker_watch(waker, other, SECOND));
	close(other);
	assert_true(is_silent());
	assert_false(waker_watch(waker, other, SECOND));
	assert_int_equal(errno, EBADF);
	other = eventfd(0, EFD_NONBLOCK);
}

static void test_rings(void **state)
{
	(void)state;
	assert_true(waker_ring(waker));
	expect_name(NO_NAME);
	assert_true(is_silent());
}

static void test_names_many(void **state)
{
	enum { MANY = 300 };
	int descriptors[MANY];
	bool seen[MANY] = {false};
	char name[WAKER_NAME + 1];
	(void)state;
	for (int i = 0; i < MANY; i++) {
		descriptors[i] = eventfd(1, 0);
		snprintf(name, sizeof name, "%08d", i);
		assert_true(waker_watch(waker, descriptors[i], name));
	}
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(recv(loop, name, WAKER_NAME, MSG_WAITALL), WAKER_NAME);
		seen[atoi(name)] = true;
	}
	for (int i = 0; i < MANY; i++) {
		assert_true(seen[i]);
		close(descriptors[i]);
	}
	assert_true(is_silent());
}

/* The thread stands in send: nobody reads. */
static void test_ends_while_it_sends(void **state)
{
	(void)state;
	make_readable(one);
	for (int i = 0; i < 1000; i++) {
		assert_true(waker_watch(waker, one, FIRST));
		usleep(200);
	}
	waker_free(waker);
	waker = NULL;
}

static void test_the_loop_may_go_first(void **state)
{
	(void)state;
	close(loop);
	make_readable(one);
	assert_true(waker_watch(waker, one, FIRST));
	waker_free(waker);
	waker = NULL;
	loop = -1;
}

static void test_needs_no_connection_to_be_freed(void **state)
{
	struct waker *unconnected = waker_new();
	struct stat info;
	char path[100];
	(void)state;
	assert_non_null(unconnected);
	strcpy(path, waker_path(unconnected));
	assert_int_equal(stat(path, &info), 0);
	assert_false(waker_accept(unconnected));
	waker_free(unconnected);
	assert_int_equal(stat(path, &info), -1);
}

/* What a child does with what it has inherited, and frees, does not touch the parent's thread. */
static void test_is_the_parents_in_a_child(void **state)
{
	struct waker *unconnected = waker_new();
	struct stat info;
	int status;
	(void)state;
	assert_true(waker_watch(waker, one, FIRST));
	pid_t child = fork();
	if (child == 0) {
		bool refused = !waker_watch(waker, other, SECOND) && !waker_ring(waker) && !waker_accept(unconnected);
		waker_forget(waker, one);
		waker_free(waker);
		waker_free(unconnected);
		_exit(refused ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(stat(waker_path(unconnected), &info), 0);
	waker_free(unconnected);
	assert_true(is_silent());
	make_readable(one);
	expect_name(FIRST);
	assert_true(waker_ring(waker));
	expect_name(NO_NAME);
}

static void test_leaves_nothing_open_and_nothing_to_programs(void **state)
{
	const struct descriptors before = open_descriptors();
	(void)state;
	waker = waker_new();
	assert_non_null(waker);
	assert_not_inherited(&before);
	waker_free(waker);
	assert_same_descriptors(&before);
	waker = waker_new();
	loop = connect_to(waker_path(waker));
	assert_int_equal(fcntl(loop, F_SETFD, FD_CLOEXEC), 0);
	assert_true(waker_accept(waker));
	assert_not_inherited(&before);
	waker_free(waker);
	close(loop);
	assert_same_descriptors(&before);
	waker = NULL;
}

static void test_says_why_there_is_no_place_for_its_socket(void **state)
{
	const struct descriptors before = open_descriptors();
	(void)state;
	setenv("TMPDIR", "/there/is/no/such", 1);
	assert_null(waker_new());
	assert_int_equal(errno, ENOENT);
	unsetenv("TMPDIR");
	assert_same_descriptors(&before);
}

static unsigned long long blocked_signals(const char *thread)
{
	char path[100], line[200];
	unsigned long long blocked = 0;
	snprintf(path, sizeof path, "/proc/self/task/%s/status", thread);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof line, file) != NULL)
		sscanf(line, "SigBlk: %llx", &blocked);
	fclose(file);
	return blocked;
}

/* The host program's signals are for its own threads, and its own mask is as it was. */
static void test_its_thread_takes_no_signals(void **state)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGCHLD};
	char own[20];
	size_t others = 0;
	(void)state;
	snprintf(own, sizeof own, "%d", (int)getpid());
	assert_int_equal(blocked_signals(own), 0);
	DIR *threads = opendir("/proc/self/task");
	for (struct dirent *thread; (thread = readdir(threads)) != NULL;) {
		if (*thread->d_name == '.' || strcmp(thread->d_name, own) == 0)
			continue;
		others++;
		for (size_t i = 0; i < COUNT(signals); i++)
			assert_true(blocked_signals(thread->d_name) >> (signals[i] - 1) & 1);
	}
	closedir(threads);
	assert_int_equal(others, 1);
}

/* A socket's path has 108 bytes at most. */
static void test_keeps_its_socket_where_its_path_fits(void **state)
{
	static const struct {
		const char *directory, *used;
	} places[] = {
		{"relative", "/tmp"},
		{"/tmp/of-thirty-letters-in-all-", "/tmp/of-thirty-letters-in-all-"},
		{"/tmp/of-thirty-one-letters-all-", "/tmp"},
		{"/a/directory/whose/name/is/longer/than/that/of/a/socket/may/be", "/tmp"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		char expected[100];
		mkdir(places[i].directory, 0700);
		setenv("TMPDIR", places[i].directory, 1);
		waker = waker_new();
		unsetenv("TMPDIR");
		assert_non_null(waker);
		snprintf(expected, sizeof expected, "%s/mistral-workflows-", places[i].used);
		assert_int_equal(strncmp(waker_path(waker), expected, strlen(expected)), 0);
		assert_string_equal(strrchr(waker_path(waker), '/'), "/waker");
		waker_free(waker);
		rmdir(places[i].directory); /* fails where it was not made, or where something was left */
	}
	assert_int_equal(access("/tmp/of-thirty-letters-in-all-", F_OK), -1);
	waker = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names_what_is_readable_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_may_name_it_otherwise, setup, teardown),
		cmocka_unit_test_setup_teardown(test_forgets, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rings, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ends_while_it_sends, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_loop_may_go_first, setup, teardown),
		cmocka_unit_test_setup_teardown(test_needs_no_connection_to_be_freed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_is_the_parents_in_a_child, setup, teardown),
		cmocka_unit_test(test_leaves_nothing_open_and_nothing_to_programs),
		cmocka_unit_test(test_says_why_there_is_no_place_for_its_socket),
		cmocka_unit_test_setup_teardown(test_its_thread_takes_no_signals, setup, teardown),
		cmocka_unit_test(test_keeps_its_socket_where_its_path_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
