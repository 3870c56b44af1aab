#include "base/sha256.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void assert_digest(const void *data, size_t length, const char *expected)
{
	unsigned char digest[SHA256_SIZE];
	char text[2 * SHA256_SIZE + 1];
	sha256(data, length, digest);
	for (int i = 0; i < SHA256_SIZE; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	assert_string_equal(text, expected);
}

/* https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines/example-values, and RFC 6234. */
static void test_published_values(void **state)
{
	const char *two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	(void)state;
	assert_digest("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_digest("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_digest(
		two_blocks, strlen(two_blocks), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void test_a_million_bytes(void **state)
{
	char *data = malloc(1000000);
	(void)state;
	assert_non_null(data);
	memset(data, 'a', 1000000);
	assert_digest(data, 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	free(data);
}

/* Where the padding needs a block of its own, and where not. */
static void test_lengths_around_a_block(void **state)
{
	char data[64];
	(void)state;
	memset(data, 'x', sizeof data);
	assert_digest(data, 55, "d5e285683cd4efc02d021a5c62014694958901005d6f71e89e0989fac77e4072");
	assert_digest(data, 56, "04c26261370ee7541549d16dee320c723e3fd14671e66a099afe0a377c16888e");
	assert_digest(data, 63, "75220b47218278e656f2013bb8f0c455a25eaf01e86c64924e9d48d89776d6f2");
	assert_digest(data, 64, "7ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_values),
		cmocka_unit_test(test_a_million_bytes),
		cmocka_unit_test(test_lengths_around_a_block),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
