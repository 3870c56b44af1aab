#include "http/waiter.h"

#include "base/clock.h"

#include "unit.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

static struct waiter waiter;
static int original;

static int setup(void **state)
{
	(void)state;
	original = eventfd(0, EFD_NONBLOCK);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	waiter_close(&waiter);
	close(original);
	return 0;
}

static bool is_readable(int timeout_ms)
{
	struct pollfd wanted = {.fd = waiter_descriptor(&waiter), .events = POLLIN};
	return poll(&wanted, 1, timeout_ms) == 1;
}

static void set(void)
{
	uint64_t value = 1;
	assert_int_equal(write(original, &value, sizeof value), sizeof value);
}

static void clear(void)
{
	uint64_t value;
	assert_int_equal(read(original, &value, sizeof value), sizeof value);
}

static void test_follows_the_original(void **state)
{
	const double times[] = {-1, clock_now() + 100, 1e300};
	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		assert_true(waiter_open(&waiter, original, times[i]));
		assert_int_not_equal(waiter_descriptor(&waiter), original);
		assert_false(is_readable(0));
		set();
		assert_true(is_readable(0));
		clear();
		assert_false(is_readable(0));
		waiter_close(&waiter);
	}
}

static void test_is_readable_from_its_time_on(void **state)
{
	(void)state;
	assert_true(waiter_open(&waiter, original, clock_now() + 0.05));
	assert_false(is_readable(0));
	assert_true(is_readable(2000));
	assert_true(is_readable(0));
	waiter_close(&waiter);
	assert_true(waiter_open(&waiter, original, 0)); /* long ago */
	assert_true(is_readable(2000));
}

static void test_is_not_readable_before_its_time(void **state)
{
	(void)state;
	for (int turn = 0; turn < 3; turn++) { /* one of them is in the second of its end */
		assert_true(waiter_open(&waiter, original, clock_now() + 0.4));
		assert_false(is_readable(200));
		waiter_close(&waiter);
	}
}

static void test_leaves_the_original_when_it_is_closed(void **state)
{
	(void)state;
	assert_true(waiter_open(&waiter, original, clock_now() + 100));
	waiter_close(&waiter);
	waiter_close(&waiter);
	assert_int_equal(waiter_descriptor(&waiter), -1);
	set();
	clear();
}

static void test_leaves_nothing_open_and_nothing_to_programs(void **state)
{
	const double times[] = {-1, clock_now() + 100};
	(void)state;
	const struct descriptors before = open_descriptors();
	for (size_t i = 0; i < COUNT(times); i++) {
		assert_true(waiter_open(&waiter, original, times[i]));
		assert_not_inherited(&before);
		waiter_close(&waiter);
		assert_same_descriptors(&before);
		assert_false(waiter_open(&waiter, 9999, times[i]));
		assert_same_descriptors(&before);
	}
}

static void test_cannot_wait_for_nothing(void **state)
{
	(void)state;
	assert_false(waiter_open(&waiter, -1, -1));
	assert_int_equal(waiter_descriptor(&waiter), -1);
	assert_false(waiter_open(&waiter, -1, clock_now()));
	assert_false(waiter_open(&waiter, 9999, -1));
	assert_false(waiter_open(&waiter, 9999, clock_now()));
	assert_int_equal(waiter_descriptor(&waiter), -1);
}

/* A program may have closed its standard input. */
static void test_descriptor_0_is_one_too(void **state)
{
	const double times[] = {-1, clock_now() + 100};
	(void)state;
	int input = fcntl(0, F_DUPFD_CLOEXEC, 3), other = original;
	for (size_t i = 0; i < COUNT(times); i++) {
		close(0);
		assert_true(waiter_open(&waiter, other, times[i]));
		assert_int_equal(waiter_descriptor(&waiter), 0);
		waiter_close(&waiter);
		assert_int_equal(fcntl(0, F_GETFD), -1);
		assert_int_equal(dup2(other, 0), 0);
		original = 0;
		assert_true(waiter_open(&waiter, original, times[i]));
		assert_false(is_readable(0));
		set();
		assert_true(is_readable(0));
		clear();
		waiter_close(&waiter);
		original = other;
	}
	dup2(input, 0);
	close(input);
}

static void test_is_the_parents_in_a_child(void **state)
{
	int status;
	(void)state;
	assert_true(waiter_open(&waiter, original, clock_now() + 100));
	pid_t child = fork();
	if (child == 0) {
		bool is_nothing = waiter_descriptor(&waiter) == -1;
		waiter_close(&waiter);
		_exit(is_nothing ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_false(is_readable(0));
	set();
	assert_true(is_readable(0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_follows_the_original, setup, teardown),
		cmocka_unit_test_setup_teardown(test_is_readable_from_its_time_on, setup, teardown),
		cmocka_unit_test_setup_teardown(test_is_not_readable_before_its_time, setup, teardown),
		cmocka_unit_test_setup_teardown(test_leaves_the_original_when_it_is_closed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_leaves_nothing_open_and_nothing_to_programs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cannot_wait_for_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_descriptor_0_is_one_too, setup, teardown),
		cmocka_unit_test_setup_teardown(test_is_the_parents_in_a_child, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
