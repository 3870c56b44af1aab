#include "base/buffer.h"

#include "unit.h"

#include <string.h>

static void test_keeps_what_is_appended(void **state)
{
	struct buffer buffer = {.limit = 100000};
	char piece[7] = "abcdef";
	(void)state;
	for (int i = 0; i < 5000; i++)
		assert_int_equal(buffer_append(&buffer, piece, 6), BUFFER_OK);
	assert_int_equal(buffer.length, 30000);
	for (size_t i = 0; i < buffer.length; i++)
		assert_int_equal(buffer.data[i], piece[i % 6]);
	assert_int_equal(buffer_append_text(&buffer, "end"), BUFFER_OK);
	assert_memory_equal(buffer.data + 30000, "end", 3);
	buffer_free(&buffer);
	assert_null(buffer.data);
	assert_int_equal(buffer.length, 0);
	assert_int_equal(buffer.capacity, 0);
}

static void test_memory_doubles(void **state)
{
	struct buffer buffer = {.limit = 100000};
	static const size_t lengths[][2] = {{1, 256}, {255, 256}, {256, 512}, {511, 512}, {512, 1024}, {5000, 8192}};
	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		while (buffer.length < lengths[i][0])
			assert_int_equal(buffer_append(&buffer, "x", 1), BUFFER_OK);
		assert_int_equal(buffer.capacity, lengths[i][1]);
	}
	buffer_reset(&buffer, 0);
	assert_int_equal(buffer_reserve(&buffer, 5000), BUFFER_OK);
	assert_int_equal(buffer.capacity, 8192);
	buffer_free(&buffer);
}

static void test_a_limit_below_what_is_there(void **state)
{
	struct buffer buffer = {.limit = 10};
	(void)state;
	assert_int_equal(buffer_append_text(&buffer, "012345"), BUFFER_OK);
	buffer.data[6] = '6';
	buffer.limit = 5;
	assert_int_equal(buffer_append(&buffer, "x", 1), BUFFER_FULL);
	assert_int_equal(buffer_reserve(&buffer, 0), BUFFER_FULL);
	assert_int_equal(buffer_terminate(&buffer), BUFFER_FULL);
	assert_int_equal(buffer.length, 6);
	assert_memory_equal(buffer.data, "0123456", 7);
	buffer_free(&buffer);
}

static void test_limit_is_exact(void **state)
{
	struct buffer buffer = {.limit = 10};
	(void)state;
	assert_int_equal(buffer_append(&buffer, "0123456789", 10), BUFFER_OK);
	assert_int_equal(buffer_append(&buffer, "x", 1), BUFFER_FULL);
	assert_int_equal(buffer.length, 10);
	assert_memory_equal(buffer.data, "0123456789", 10);
	assert_int_equal(buffer_append(&buffer, "", 0), BUFFER_OK);
	assert_int_equal(buffer_terminate(&buffer), BUFFER_OK);
	assert_string_equal(buffer.data, "0123456789");
	assert_int_equal(buffer.length, 10);
	buffer_free(&buffer);
}

static void test_one_append_too_large_adds_nothing(void **state)
{
	struct buffer buffer = {.limit = 10};
	(void)state;
	assert_int_equal(buffer_append(&buffer, "abc", 3), BUFFER_OK);
	assert_int_equal(buffer_append(&buffer, "01234567", 8), BUFFER_FULL);
	assert_int_equal(buffer_reserve(&buffer, 8), BUFFER_FULL);
	assert_int_equal(buffer_reserve(&buffer, (size_t)-1), BUFFER_FULL);
	assert_int_equal(buffer_reserve(&buffer, 7), BUFFER_OK);
	assert_int_equal(buffer.length, 3);
	assert_memory_equal(buffer.data, "abc", 3);
	buffer_free(&buffer);
}

static void test_zeroed_memory_is_empty_and_full(void **state)
{
	struct buffer buffer = {0};
	(void)state;
	assert_int_equal(buffer_append(&buffer, "a", 1), BUFFER_FULL);
	assert_int_equal(buffer_append(&buffer, "", 0), BUFFER_OK);
	assert_int_equal(buffer_terminate(&buffer), BUFFER_OK);
	assert_string_equal(buffer.data, "");
	buffer_free(&buffer);
	buffer_free(&buffer);
}

#ifndef __SANITIZE_ADDRESS__ /* whose allocator ends the program instead */
static void test_memory_that_does_not_exist_is_an_error(void **state)
{
	struct buffer buffer = {.limit = (size_t)-2};
	(void)state;
	assert_int_equal(buffer_append(&buffer, "a", 1), BUFFER_OK);
	assert_int_equal(buffer_reserve(&buffer, SIZE_MAX / 4), BUFFER_NO_MEMORY);
	assert_int_equal(buffer_reserve(&buffer, SIZE_MAX - 10), BUFFER_NO_MEMORY);
	assert_int_equal(buffer.length, 1);
	assert_int_equal(buffer.data[0], 'a');
	buffer_free(&buffer);
}
#endif

static void test_consume_drops_the_front(void **state)
{
	struct buffer buffer = {.limit = 100};
	(void)state;
	buffer_append_text(&buffer, "0123456789");
	buffer_consume(&buffer, 3);
	assert_int_equal(buffer.length, 7);
	assert_memory_equal(buffer.data, "3456789", 7);
	buffer_consume(&buffer, 0);
	buffer_consume(&buffer, 7);
	assert_int_equal(buffer.length, 0);
	buffer_free(&buffer);
}

static void test_reset_keeps_no_more_memory_than_it_may(void **state)
{
	struct buffer buffer = {.limit = 100000};
	(void)state;
	buffer_append_text(&buffer, "small");
	size_t capacity = buffer.capacity;
	buffer_reset(&buffer, capacity);
	assert_int_equal(buffer.length, 0);
	assert_int_equal(buffer.capacity, capacity);
	assert_int_equal(buffer_reserve(&buffer, 50000), BUFFER_OK);
	buffer_reset(&buffer, 1000);
	assert_int_equal(buffer.capacity, 0);
	assert_null(buffer.data);
	assert_int_equal(buffer_append_text(&buffer, "again"), BUFFER_OK);
	buffer_free(&buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keeps_what_is_appended),
		cmocka_unit_test(test_memory_doubles),
		cmocka_unit_test(test_a_limit_below_what_is_there),
		cmocka_unit_test(test_limit_is_exact),
		cmocka_unit_test(test_one_append_too_large_adds_nothing),
		cmocka_unit_test(test_zeroed_memory_is_empty_and_full),
#ifndef __SANITIZE_ADDRESS__
		cmocka_unit_test(test_memory_that_does_not_exist_is_an_error),
#endif
		cmocka_unit_test(test_consume_drops_the_front),
		cmocka_unit_test(test_reset_keeps_no_more_memory_than_it_may),
	};
	return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}
