/* chains_add: the steps that Lua takes are counted, and end. */
#include "json/chains.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static char strings[10000];

static void test_steps(void **state)
{
	(void)state;
	struct chains chains = {0};
	assert_int_equal(chains_open(&chains, 100, 1000000), CHAINS_OK);
	for (int round = 0; round < 2; round++)
		for (uint32_t i = 0; i < 100; i++)
			assert_int_equal(chains_add(&chains, i, &strings[i]), CHAINS_OK);
	assert_int_equal(chains.steps, 0);
	/* New strings stand before the others of their chain. */
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(chains_add(&chains, 1000, &strings[1000 + i]), CHAINS_OK);
	size_t steps = chains.steps;
	assert_true(steps >= 45 && steps <= 55);
	assert_int_equal(chains_add(&chains, 1000, &strings[1009]), CHAINS_OK);
	assert_int_equal(chains.steps, steps);
	assert_int_equal(chains_add(&chains, 1000, &strings[1000]), CHAINS_OK);
	assert_int_equal(chains.steps, steps + 9);
	chains_free(&chains);
}

static void test_one_chain_too_long(void **state)
{
	(void)state;
	struct chains chains = {0};
	size_t added = 0;
	assert_int_equal(chains_open(&chains, 10000, SIZE_MAX), CHAINS_OK);
	while (added < 10000 && chains_add(&chains, 5, &strings[added]) == CHAINS_OK)
		added++;
	assert_int_equal(added, 2049);
	chains_free(&chains);
}

static void test_too_many_steps(void **state)
{
	(void)state;
	struct chains chains = {0};
	size_t added = 0;
	assert_int_equal(chains_open(&chains, 10000, 10000), CHAINS_OK);
	while (added < 10000 && chains_add(&chains, (uint32_t)(added % 10), &strings[added]) == CHAINS_OK)
		added++;
	/* 10 chains of n strings took 10 * n * n / 2 steps. */
	assert_in_range(added, 430, 460);
	chains_free(&chains);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_steps), cmocka_unit_test(test_one_chain_too_long),
		cmocka_unit_test(test_too_many_steps)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
